//! A number is decimal, or `0x` and hexadecimal digits.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0104",
    "broken number",
    "A number is decimal, or `0x` and hexadecimal digits.",
    &[("    offset: 0x004\n", "    offset: 0xo04\n")],
);

pub(crate) fn finding(span: Span, text: &str, expected: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("`{text}` is not a number"))
        .here(format!("{expected} stands here"))
        .help("a number is written in decimal, or as `0x` and hexadecimal digits")
}
