use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0401",
    "descriptor bits overlap or are unassigned",
    "Every bit of a descriptor belongs to exactly one field or is reserved, and no field crosses a quadword.",
    &[(
        "    reserved: [\"95:84\", \"111:97\"]",
        "    reserved: [\"95:85\", \"111:97\"]",
    )],
);

/// `part` is a field or reserved bits.
pub(crate) fn crosses(span: Span, part: &str) -> FindingDraft {
    let message = format!("{part} crosses a quadword boundary");
    RULE.at(span, message)
        .help("split it into two fields at a multiple of 64 bits")
}

pub(crate) fn overlaps(
    span: Span,
    descriptor: &str,
    part: &str,
    (other, at): (&str, Span),
    shared: &str,
) -> FindingDraft {
    let message = format!("{part} of `{descriptor}` overlaps {other}");
    RULE.at(span, message)
        .here(format!("shares {shared}"))
        .label(at, "overlaps this")
        .help("every bit belongs to one field or is reserved")
}

pub(crate) fn outside(
    span: Span,
    descriptor: &str,
    part: &str,
    high: u32,
    size: u32,
) -> FindingDraft {
    let message = format!("{part} lies outside descriptor `{descriptor}`");
    RULE.at(span, message)
        .here(format!("its highest bit is {high}"))
        .help(format!("{size} bytes have bits 0 to {}", size * 8 - 1))
}

pub(crate) fn uncovered(span: Span, descriptor: &str, bits: &[String]) -> FindingDraft {
    let message = format!(
        "no field of descriptor `{descriptor}` covers {}",
        bits.join(", ")
    );
    RULE.at(span, message)
        .help("add the field from the datasheet, or add the bits to `reserved`")
}
