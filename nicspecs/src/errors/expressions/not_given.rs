//! A sequence uses only what the port gives it, itself and in what it runs.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0507",
    "value that is not known yet",
    "A sequence uses only what the port gives it, itself and in what it runs.",
    &[(
        "      - write: { BURST: 16 }\n",
        "      - write: { BURST: 16 }\n      - write: { SAL: \"ring.bytes\" }\n",
    )],
);

pub(crate) const HELP: &str =
    "the table of sequences in the language reference says what each one is given";

pub(crate) fn finding(span: Span, name: &str, place: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("`{name}` is not known {place}")).help(HELP)
}

/// A value of receive-side scaling in a spec that says nothing of it.
pub(crate) fn without_rss(span: Span, name: &str) -> FindingDraft {
    let message = format!("`{name}` is not known in a spec without `rss`");
    FindingDraft::new(&RULE, span, message).help("say in `rss` what the NIC has")
}

/// A value of MSI-X in a spec that says nothing of it.
pub(crate) fn without_messages(span: Span, name: &str) -> FindingDraft {
    let message = format!("`{name}` is not known in a spec without `interrupts.messages`");
    FindingDraft::new(&RULE, span, message).help("say in `interrupts.messages` what the NIC has")
}
