//! A sequence with `may_sleep: false` does not sleep, itself or in what it runs.

use super::RuleInfo;
use crate::flow;
use crate::lower::Draft;
use crate::report::{FindingDraft, Findings};
use crate::tree::Span;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0608",
    "sleep where none is allowed",
    "A sequence with `may_sleep: false` does not sleep, itself or in what it runs.",
    &[("      - delay: 10us\n", "      - sleep: 1ms\n")],
)
.checked_by(check);

fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for sequence in draft
        .sequences
        .iter()
        .filter(|sequence| !sequence.body.signature.may_sleep)
    {
        let name = &sequence.body.signature.name;
        for (node, callee) in flow::runs(&sequence.body.steps) {
            if callee.sleeps {
                let message = format!("`{name}` may not sleep, and `{}` does", callee.name);
                let finding = FindingDraft::new(&RULE, draft.tree.span_at(node, "run"), message);
                findings.add(finding.help(HELP));
            }
        }
    }
}

const HELP: &str = "use `delay`, at most 50 us, or remove `may_sleep: false`";

pub(crate) fn finding(span: Span, sequence: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("`{sequence}` may not sleep")).help(HELP)
}
