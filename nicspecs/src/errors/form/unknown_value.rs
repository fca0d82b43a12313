use crate::diagnostic::{FindingDraft, RuleInfo, Span};
use crate::errors::offer::offer;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0106",
    "unknown value",
    "A key with a fixed set of values has one of them.",
    &[("    access: ro\n", "    access: r0\n")],
);

pub(crate) fn finding(span: Span, key: &str, word: &str, known: &[&str]) -> FindingDraft {
    let finding = RULE.at(span, format!("`{key}` cannot be `{word}`"));
    offer(finding, word, "it is one of", known)
}
