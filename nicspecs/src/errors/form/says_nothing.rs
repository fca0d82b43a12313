//! A key that says what holds without it is left out.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0114",
    "key that says nothing",
    "A key that says what holds without it is left out.",
    &[("on_timeout: continue }", "on_timeout: fail }")],
);

pub(crate) fn finding(span: Span, key: &str) -> FindingDraft {
    let message = format!("`{key}` says what holds without it");
    FindingDraft::new(&RULE, span, message).help("leave it out")
}

/// A spec that is like another says again what that one says.
pub(crate) fn again(span: Span, key: &str, parent: &str) -> FindingDraft {
    let message = format!("`{key}` says again what `{parent}` says");
    FindingDraft::new(&RULE, span, message).help("leave it out, it is inherited")
}
