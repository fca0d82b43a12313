use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0608",
    "sleep not allowed",
    "A sequence with `may_sleep: false` does not sleep, and neither do the sequences that it runs.",
    &[("      - delay: 10us\n", "      - sleep: 1ms\n")],
);

pub(crate) const HELP: &str = "use `delay`, at most 50 us, or remove `may_sleep: false`";

pub(crate) fn finding(span: Span, sequence: &str) -> FindingDraft {
    RULE.at(span, format!("`{sequence}` may not sleep"))
        .help(HELP)
}
