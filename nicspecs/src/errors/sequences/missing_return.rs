use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0612",
    "`return` does not match `returns`",
    "A sequence with `returns` ends with `return`, and no other sequence has one.",
    &[("      - return: \"MDIC.DATA\"\n", "")],
);

pub(crate) fn not_last(span: Span, sequence: &str) -> FindingDraft {
    RULE.at(span, format!("`{sequence}` returns before its end"))
        .help("`return` must be the last step of a sequence, and not inside another step")
}

pub(crate) fn not_declared(span: Span, sequence: &str) -> FindingDraft {
    RULE.at(span, format!("`{sequence}` has no `returns`"))
        .help("add `returns: u16` to the sequence, or remove this step")
}
