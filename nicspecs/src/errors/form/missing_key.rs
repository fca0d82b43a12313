use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0102",
    "missing key",
    "Every required key is present.",
    &[("    title: Device Control\n", "")],
);

pub(crate) fn finding(span: Span, what: &str, key: &str) -> FindingDraft {
    RULE.at(span, format!("{what} has no `{key}`"))
        .help(format!("add `{key}:`"))
}

/// A key of the file itself is missing.
pub(crate) fn of_file(key: &str) -> FindingDraft {
    RULE.at(Span::top(), format!("the spec has no `{key}`"))
        .help(format!("add `{key}:`; every spec has this part"))
}
