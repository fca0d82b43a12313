use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0002",
    "duplicate key",
    "A map has each key only once.",
    &[(
        "    title: Device Control\n",
        "    title: Device Control\n    title: Control\n",
    )],
);

pub(crate) fn finding(key: &str, first: Span, second: Span) -> FindingDraft {
    RULE.at(second, format!("`{key}` is given twice"))
        .here("given again here")
        .label(first, "given first here")
        .help("remove one of them; other YAML parsers silently ignore one of the two")
}
