//! The NIC is called like its file.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0108",
    "name of another file",
    "The NIC is called like its file.",
    &[("  name: toy\n", "  name: tay\n")],
);

pub(crate) fn finding(span: Span, name: &str, stem: &str) -> FindingDraft {
    FindingDraft::new(
        &RULE,
        span,
        format!("the NIC is called `{name}` and its file `{stem}`"),
    )
    .help(format!("write `name: {stem}`, or rename the file"))
}
