use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0607",
    "busy wait too long",
    "A `delay`, which is a busy wait, takes at most 50 us.",
    &[("      - delay: 10us\n", "      - delay: 100us\n")],
);

pub(crate) fn finding(span: Span, us: u64, may_sleep: bool) -> FindingDraft {
    let help = match may_sleep {
        true => "use `sleep`, which lets other threads run",
        false => "use a `poll` with a short `every`, or let the sequence sleep",
    };
    RULE.at(span, format!("a busy wait of {us} us is too long"))
        .here("at most 50 us")
        .help(help)
}
