use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0408",
    "unsupported completion scheme",
    "A ring lists only completion schemes that the core supports for its direction, each once and with the registers that it needs.",
    &[(
        "bytes: TDLEN, head: TDH, tail: TDT }",
        "bytes: TDLEN, tail: TDT }",
    )],
);

/// A receive ring reports completions in its descriptors only.
pub(crate) fn of_receive(span: Span, scheme: &str) -> FindingDraft {
    let message = format!("a receive ring cannot use the scheme `{scheme}`");
    RULE.at(span, message)
        .help("use `done_bit` or `owner_bit`: the descriptor has the length and errors of a frame")
}

/// A transmit ring has at least one scheme.
pub(crate) fn none(span: Span) -> FindingDraft {
    RULE.at(span, "there is no completion scheme")
        .help("list at least one")
}
