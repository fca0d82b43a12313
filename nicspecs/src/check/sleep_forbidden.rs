//! A sequence with `may_sleep: false` does not sleep, itself or in what it runs.

use super::RuleInfo;
use crate::report::FindingDraft;
use crate::tree::Span;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0608",
    "sleep where none is allowed",
    "A sequence with `may_sleep: false` does not sleep, itself or in what it runs.",
    &[("      - delay: 10us\n", "      - sleep: 1ms\n")],
);

pub(crate) fn finding(span: Span, sequence: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("`{sequence}` may not sleep"))
        .help("use `delay`, at most 50 us, or remove `may_sleep: false`")
}

pub(crate) fn by_run(span: Span, sequence: &str, callee: &str) -> FindingDraft {
    FindingDraft::new(
        &RULE,
        span,
        format!("`{sequence}` may not sleep, and `{callee}` does"),
    )
    .help(format!(
        "use `delay` in `{callee}`, at most 50 us, or remove `may_sleep: false`"
    ))
}
