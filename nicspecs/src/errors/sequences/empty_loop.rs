use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0616",
    "loop without rounds",
    "A loop runs at least once.",
    &[(
        "      - for: { n: \"0..4\" }\n",
        "      - for: { n: \"4..0\" }\n",
    )],
);

pub(crate) fn finding(span: Span) -> FindingDraft {
    RULE.at(span, "this loop never runs")
        .help("the first number comes first, and the second, which is excluded, is larger: `0..4`")
}
