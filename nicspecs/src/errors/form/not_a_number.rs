use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0104",
    "malformed number",
    "A number is decimal, or hexadecimal with the prefix `0x`.",
    &[("    offset: 0x004\n", "    offset: 0xo04\n")],
);

pub(crate) fn finding(span: Span, text: &str, expected: &str) -> FindingDraft {
    RULE.at(span, format!("`{text}` is not a number"))
        .here(format!("expected {expected}"))
        .help("write it in decimal, or in hexadecimal with the prefix `0x`")
}
