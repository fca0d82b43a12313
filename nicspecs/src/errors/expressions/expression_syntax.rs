use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0503",
    "expression syntax error",
    "An expression follows the grammar of the language.",
    &[("  up: \"STATUS.UP\"", "  up: \"STATUS.UP ==\"")],
);

pub(crate) fn finding(span: Span, message: &str) -> FindingDraft {
    RULE.at(span, message)
}
