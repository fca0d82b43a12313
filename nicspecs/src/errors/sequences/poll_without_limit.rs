//! Every poll says how long it waits.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0605",
    "poll without a limit",
    "Every poll says how long it waits.",
    &[(
        "      - poll: { until: \"MDIC.DONE\", every: 10us, within: 1ms }",
        "      - poll: { until: \"MDIC.DONE\", every: 10us }",
    )],
);

pub(crate) fn finding(span: Span) -> FindingDraft {
    FindingDraft::new(
        &RULE,
        span,
        "this poll has no `within` and could wait for ever",
    )
    .help("add `within: 10ms`, from the datasheet or a multiple of what it promises")
}
