use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0502",
    "value out of range",
    "A value fits its target for all possible values of its operands.",
    &[(
        "      - write: { \"TXCTL[queue]\": { THRESHOLD: 0, ENABLE: 1 } }\n",
        "      - write: { \"TXCTL[queue]\": { THRESHOLD: 128, ENABLE: 1 } }\n",
    )],
);

/// `given` are the largest values of what the port passes in, to follow a sentence.
pub(crate) fn finding(span: Span, value: u64, target: &str, max: u64, given: &str) -> FindingDraft {
    let max = number(max);
    RULE.at(span, format!("the value may not fit {target}"))
        .here(format!("may be {}", number(value)))
        .help(format!("the largest possible value is {max}{given}"))
}

/// Small numbers in decimal, larger ones in both.
fn number(value: u64) -> String {
    match value < 10 {
        true => value.to_string(),
        false => format!("{value} ({value:#x})"),
    }
}
