use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0505",
    "possible arithmetic overflow",
    "No operation exceeds 32 bits, divides by zero or shifts too far.",
    &[(
        "SIZE: \"buffer.size >> 10\"",
        "SIZE: \"buffer.size - 1024 >> 10\"",
    )],
);

pub(crate) fn finding(span: Span, problem: &str) -> FindingDraft {
    RULE.at(span, problem)
        .help("reorder the computation, or mask its parts with `&`")
}
