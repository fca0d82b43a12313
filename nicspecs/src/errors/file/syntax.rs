//! A spec is YAML, and nothing after a syntax error can be trusted, so it is reported alone.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0001",
    "not YAML",
    "A spec is YAML, and nothing after a syntax error can be trusted, so it is reported alone.",
    &[(
        "spaces:\n  mmio: { bar: 0, size: 0x1000 }",
        "spaces:\n  mmio: { bar: 0, size: 0x1000",
    )],
);

/// `info` is what the parser says.
pub(crate) fn finding(info: &str, span: Span) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("this is not YAML: {info}"))
        .help("the mistake may also stand on the lines above")
}
