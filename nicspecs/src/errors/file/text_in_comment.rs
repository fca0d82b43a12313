use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0005",
    "text in a comment",
    "A comment after a value has a space after its `#`; a text with ` #` in it is quoted.",
    &[(
        "    title: Device Control\n",
        "    title: Device Control #1\n",
    )],
);

pub(crate) fn finding(span: Span) -> FindingDraft {
    RULE.at(span, "YAML takes this for a comment")
        .help("quote the value if this belongs to it; otherwise write a space after the `#`")
}
