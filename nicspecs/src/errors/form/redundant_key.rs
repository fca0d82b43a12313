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

/// An edit states more of an item than it takes to find it.
pub(crate) fn spare(span: Span, key: &str) -> FindingDraft {
    let message = format!("`{key}` is redundant: the other keys name the same item");
    RULE.at(span, message).help("remove it")
}

/// A variant says that it is like the one of its own name.
pub(crate) fn same_name(span: Span, base: &str) -> FindingDraft {
    let message = format!("`like` is redundant: the variant of `{base}` has the same name");
    RULE.at(span, message).help("remove it")
}

/// A variant is like another one, on which nothing depends.
pub(crate) fn like_nothing(span: Span, name: &str) -> FindingDraft {
    let message = format!("`like` has no effect: nothing inherited depends on `{name}`");
    RULE.at(span, message).help("remove it")
}
