use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0507",
    "value not available here",
    "A sequence uses only port values that the port passes to it, and so does every sequence that it runs.",
    &[(
        "      - write: { BURST: 16 }\n",
        "      - write: { BURST: 16 }\n      - write: { SAL: \"ring.bytes\" }\n",
    )],
);

pub(crate) const HELP: &str =
    "the table of sequences in the language reference lists the values of each sequence";

pub(crate) fn finding(span: Span, name: &str, place: &str) -> FindingDraft {
    RULE.at(span, format!("`{name}` is not available {place}"))
        .help(HELP)
}

/// A value of receive-side scaling in a spec without it.
pub(crate) fn without_rss(span: Span, name: &str) -> FindingDraft {
    let message = format!("`{name}` is not available in a spec without `rss`");
    RULE.at(span, message)
        .help("describe the tables of the NIC in `rss`")
}

/// A value of the multicast table in a spec without it.
pub(crate) fn without_table(span: Span, name: &str) -> FindingDraft {
    let message = format!("`{name}` is not available in a spec without `filters.multicast`");
    RULE.at(span, message)
        .help("describe the table of the NIC in `filters.multicast`, or use `all_multicast`")
}

/// A value of MSI-X in a spec without it.
pub(crate) fn without_messages(span: Span, name: &str) -> FindingDraft {
    let message = format!("`{name}` is not available in a spec without `interrupts.messages`");
    RULE.at(span, message)
        .help("describe the vectors of the NIC in `interrupts.messages`")
}
