use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0108",
    "name differs from the file name",
    "The name of the NIC is the name of its file.",
    &[("  name: toy\n", "  name: tay\n")],
);

pub(crate) fn finding(span: Span, name: &str, stem: &str) -> FindingDraft {
    RULE.at(
        span,
        format!("the name of the NIC is `{name}`, but its file is `{stem}.yaml`"),
    )
    .help(format!("write `name: {stem}`, or rename the file"))
}
