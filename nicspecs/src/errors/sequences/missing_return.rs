//! A sequence that returns something ends with `return`, and no other has one.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0612",
    "return that does not match",
    "A sequence that returns something ends with `return`, and no other has one.",
    &[("      - return: \"MDIC.DATA\"\n", "")],
);

pub(crate) fn not_last(span: Span, sequence: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("`{sequence}` returns before its end"))
        .help("`return` is the last step of a sequence and stands in no other step")
}

pub(crate) fn not_declared(span: Span, sequence: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("`{sequence}` has no `returns`"))
        .help("add `returns: u16` beside `steps`, or remove this step")
}
