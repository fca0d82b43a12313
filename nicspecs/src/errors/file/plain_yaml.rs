use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0003",
    "unsupported YAML feature",
    "A spec is plain YAML: no anchors, aliases, merge keys, tags or second document.",
    &[("  title: Toy NIC\n", "  title: &title Toy NIC\n")],
);

pub(crate) fn finding(what: &str, span: Span) -> FindingDraft {
    RULE.at(span, format!("a spec cannot use {what}"))
        .help("write the value where it is used")
}

/// What a letter at the beginning of a value makes of it.
pub(crate) fn of_letter(what: &str, letter: char, span: Span) -> FindingDraft {
    finding(what, span).help(format!(
        "write the value where it is used, or quote a text that begins with `{letter}`"
    ))
}

/// A list or map as a key.
pub(crate) fn key(span: Span) -> FindingDraft {
    finding("a key that is not a word", span).help("quote a key that begins with `[` or `{`")
}
