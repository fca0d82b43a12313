use std::collections::BTreeSet;

use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;

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
    let writes = draft.writes().map(|write| write.register.name.as_str());
    let written: BTreeSet<&str> = writes.collect();
    let must = draft
        .registers
        .iter()
        .filter(|register| register.must_write);
    for register in must.filter(|register| !written.contains(register.name.as_str())) {
        let span = draft.tree.span_at(register.node, "must_write");
        let finding = RULE.at(span, format!("no sequence writes `{}`", register.name));
        findings.add(finding.here("the power-on value is wrong").help(format!(
            "write it in `init`; section {} gives the value",
            register.section
        )));
    }
}
