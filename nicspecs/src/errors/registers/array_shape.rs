use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0308",
    "wrong array layout",
    "The pieces of an array are consecutive from element 0, and its elements do not overlap.",
    &[(
        "      - { first: 1, count: 1, offset: 0x280, stride: 0x20 }",
        "      - { first: 2, count: 1, offset: 0x280, stride: 0x20 }",
    )],
);

pub(crate) fn finding(span: Span, register: &str, problem: &str, help: &str) -> FindingDraft {
    RULE.at(span, format!("array `{register}` {problem}"))
        .help(help)
}
