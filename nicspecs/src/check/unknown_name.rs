//! Every name stands for something that the spec declares.

use super::RuleInfo;
use crate::report::FindingDraft;
use crate::suggest;
use crate::tree::Span;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0501",
    "unknown name",
    "Every name stands for something that the spec declares.",
    &[(
        "      - write: { BURST: 16 }\n",
        "      - write: { BURST: 16 }\n      - write: { BRUST: 16 }\n",
    )],
);

pub(crate) fn finding(span: Span, kind: &str, name: &str, known: &[&str]) -> FindingDraft {
    let finding = FindingDraft::new(&RULE, span, format!("there is no {kind} `{name}`"));
    match suggest::help(name, known) {
        Some(help) => finding.help(help),
        None => finding,
    }
}
