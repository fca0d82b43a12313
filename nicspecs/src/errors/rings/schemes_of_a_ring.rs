//! A ring goes by schemes that the core has for it, each listed once and with what it needs.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0408",
    "completion scheme that the ring cannot have",
    "A ring goes by schemes that the core has for it, each listed once and with what it needs.",
    &[(
        "bytes: TDLEN, head: TDH, tail: TDT }",
        "bytes: TDLEN, tail: TDT }",
    )],
);

/// A receive ring goes by its descriptors alone.
pub(crate) fn of_receive(span: Span, scheme: &str) -> FindingDraft {
    let message = format!("a receive ring has no scheme `{scheme}`");
    FindingDraft::new(&RULE, span, message)
        .help("length and errors of a frame are in its descriptor: `done_bit` or `owner_bit`")
}

/// A transmit ring has at least one scheme.
pub(crate) fn none(span: Span) -> FindingDraft {
    FindingDraft::new(&RULE, span, "no scheme tells which frames were sent")
        .help("list at least one")
}
