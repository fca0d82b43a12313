use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0112",
    "gap",
    "Every fact is filled in: `TODO` marks a fact that still has to be looked up.",
    &[(
        "    title: Device Control\n    section: \"4.1\"\n    offset: 0x000\n",
        "    title: Device Control\n    section: TODO\n    offset: TODO\n",
    )],
)
.of_gaps();

pub(crate) fn finding(span: Span, path: &str, look_up: &str) -> FindingDraft {
    RULE.at(span, format!("`{path}` is not filled in yet"))
        .help(look_up)
}
