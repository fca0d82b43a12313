use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0115",
    "quantity out of range",
    "Every number, and every number of entries, is in the range that the language reference states.",
    &[("    offset: 0x004\n", "    offset: 0x100000004\n")],
);

/// A number outside of the range of `what`.
pub(crate) fn number(span: Span, text: &str, what: &str, min: u64, max: u64) -> FindingDraft {
    RULE.at(span, format!("{what} is out of range: `{text}`"))
        .help(format!("the range is {}", range(min, max)))
}

/// A list, map or text that is too long: `has` says how long it is, and `most` how long it may be.
pub(crate) fn length(span: Span, what: &str, has: &str, most: &str) -> FindingDraft {
    RULE.at(span, format!("{what} has {has}"))
        .help(format!("at most {most} are allowed"))
}

/// `1 to 8192`, `0 to 0xffffffff`
pub(crate) fn range(min: u64, max: u64) -> String {
    match max < 1 << 16 {
        true => format!("{min} to {max}"),
        false => format!("{min} to {max:#x}"),
    }
}
