//! A key stands once in a map.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0002",
    "key given twice",
    "A key stands once in a map.",
    &[(
        "    title: Device Control\n",
        "    title: Device Control\n    title: Control\n",
    )],
);

pub(crate) fn finding(key: &str, first: Span, second: Span) -> FindingDraft {
    FindingDraft::new(&RULE, second, format!("`{key}` is given twice"))
        .here("given again here")
        .label(first, "given first here")
        .help("YAML readers keep one of the two without a word, so remove one")
}
