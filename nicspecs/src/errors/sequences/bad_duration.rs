use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0615",
    "malformed duration",
    "A duration is a number or a constant with a unit: `10us`, `5ms`, `settle ms`.",
    &[("      - delay: 10us\n", "      - delay: 10\n")],
);

pub(crate) fn finding(span: Span, text: &str) -> FindingDraft {
    RULE.at(span, format!("`{text}` is not a duration"))
        .help("write a number and its unit, such as `10us`, `5ms` or `1s`, or a constant, such as `settle ms`")
}
