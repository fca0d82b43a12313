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
