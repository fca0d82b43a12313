//! A name stands for one thing where it is used.

use crate::report::FindingDraft;
use crate::tree::Span;
use super::RuleInfo;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0109",
    "name already taken",
    "A name stands for one thing where it is used.",
    &[
    ("  settle: { value: 10,", "  queue: { value: 10, doc: \"queue to be looked at\" }\n  settle: { value: 10,"),
    ],
);

pub(crate) fn finding(span: Span, name: &str, other: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("`{name}` is already {other}")).help("choose another name")
}
