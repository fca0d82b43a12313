use crate::diagnostic::{FindingDraft, RuleInfo, Span};
use crate::number;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0104",
    "malformed number",
    "A number is decimal without leading zeros, or hexadecimal with the prefix `0x`.",
    &[("    offset: 0x004\n", "    offset: 0xo04\n")],
);

pub(crate) fn finding(span: Span, text: &str) -> FindingDraft {
    let finding = RULE.at(span, format!("`{text}` is not a number"));
    match number::otherwise(text) {
        Some(value) => finding.help(format!("write `{value}` or `{value:#x}`")),
        None => finding.help(
            "write it in decimal without leading zeros, such as `10`, or in hexadecimal, such as `0xa`",
        ),
    }
}
