use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0111",
    "nothing to remove",
    "`null` removes a key that the spec would inherit.",
    &[("    reset: 0x00000010\n", "    reset: null\n")],
);

pub(crate) fn finding(span: Span, key: &str) -> FindingDraft {
    RULE.at(span, format!("`{key}` is not inherited"))
        .help("remove the key; `null` only removes keys of the spec that `like` names")
}
