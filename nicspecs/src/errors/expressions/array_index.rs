use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0506",
    "array index out of range",
    "An array has an index that is always in range, and only arrays have one.",
    &[(
        "      - for: { n: \"0..4\" }\n        do:\n          - clear: \"RXCTL[queue].ENABLE\"",
        "      - for: { n: \"0..4\" }\n        do:\n          - clear: \"RXCTL[n].ENABLE\"",
    )],
);

pub(crate) fn missing(span: Span, name: &str, count: u32) -> FindingDraft {
    RULE.at(span, format!("`{name}` is an array and needs an index"))
        .help(format!(
            "write `{name}[0]` to `{name}[{}]`",
            count.saturating_sub(1)
        ))
}

pub(crate) fn not_an_array(span: Span, name: &str) -> FindingDraft {
    RULE.at(span, format!("`{name}` is not an array"))
}

/// `given` are the largest values of what the port passes in, to follow a sentence.
pub(crate) fn past_the_end(
    span: Span,
    name: &str,
    count: u32,
    index: u32,
    given: &str,
) -> FindingDraft {
    RULE.at(span, format!("the index of `{name}` may be out of range"))
        .here(format!("may be {index}"))
        .help(format!(
            "the count of `{name}` is {count}, so its last index is {}{given}",
            count.saturating_sub(1)
        ))
}
