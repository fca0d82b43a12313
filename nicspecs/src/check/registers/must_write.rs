//! Every register with a wrong power-on value is written by a sequence.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::Draft;
use crate::flow;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0309",
    "required register write is missing",
    "Every register with a wrong power-on value is written by a sequence.",
    &[("      - write: { BURST: 16 }\n", "")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    if !draft.sequences_are_complete() {
        return;
    }
    let writes: Vec<_> = draft
        .sequences
        .iter()
        .flat_map(|sequence| flow::writes(&draft.sequences, &sequence.body.steps))
        .collect();
    for register in draft
        .registers
        .iter()
        .filter(|register| register.must_write)
    {
        if writes
            .iter()
            .all(|write| write.register.name != register.name)
        {
            let span = draft.tree.span_at(register.node, "must_write");
            let finding = FindingDraft::new(
                &RULE,
                span,
                format!("no sequence writes `{}`", register.name),
            );
            findings.add(finding.here("the power-on value is wrong").help(format!(
                "write it in `init`; section {} gives the value",
                register.section
            )));
        }
    }
}
