use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0605",
    "poll without a limit",
    "Every poll has a time limit.",
    &[(
        "      - poll: { until: \"MDIC.DONE\", every: 10us, within: 1ms }",
        "      - poll: { until: \"MDIC.DONE\", every: 10us }",
    )],
);

pub(crate) fn finding(span: Span) -> FindingDraft {
    RULE.at(span, "this poll has no `within` and could wait forever")
        .help(
            "add `within`, such as `within: 10ms`: the limit of the datasheet or a multiple of it",
        )
}
