use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0109",
    "name already taken",
    "A name has one meaning wherever it is used.",
    &[(
        "      - for: { n: \"0..4\" }\n",
        "      - for: { settle: \"0..4\" }\n",
    )],
);

pub(crate) fn finding(span: Span, name: &str, other: &str) -> FindingDraft {
    RULE.at(span, format!("`{name}` is already {other}"))
        .help("choose another name")
}
