//! A spec is plain YAML: no anchors, aliases, merge keys, tags or second document.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0003",
    "more YAML than a spec needs",
    "A spec is plain YAML: no anchors, aliases, merge keys, tags or second document.",
    &[("  title: Toy NIC\n", "  title: &title Toy NIC\n")],
);

pub(crate) fn finding(what: &str, span: Span) -> FindingDraft {
    FindingDraft::new(
        &RULE,
        span,
        format!("{what} is more YAML than a spec may use"),
    )
    .help("write the value out where it belongs")
}
