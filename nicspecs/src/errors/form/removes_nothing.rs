//! `null` takes away a key that the spec would inherit.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0111",
    "nothing to remove",
    "`null` takes away a key that the spec would inherit.",
    &[("    reset: 0x00000010\n", "    reset: null\n")],
);

pub(crate) fn finding(span: Span, key: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("nothing is inherited for `{key}`")).help(
        "leave the key out; `null` is for what the spec named by `like` says and this one does without",
    )
}
