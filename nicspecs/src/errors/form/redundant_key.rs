use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0114",
    "redundant key: the value is the default",
    "A key is left out if its value is the default.",
    &[("on_timeout: continue }", "on_timeout: fail }")],
);

pub(crate) fn finding(span: Span, key: &str) -> FindingDraft {
    let message = format!("`{key}` is redundant: the value is the default");
    RULE.at(span, message).help("remove it")
}

/// A spec repeats a value of its base spec.
pub(crate) fn again(span: Span, key: &str, parent: &str) -> FindingDraft {
    let message = format!("`{key}` repeats the value in `{parent}`");
    RULE.at(span, message).help("remove it; it is inherited")
}
