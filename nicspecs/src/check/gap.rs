//! Nothing is left to be looked up.

use super::RuleInfo;
use crate::report::FindingDraft;
use crate::tree::Span;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0112",
    "gap",
    "Nothing is left to be looked up: `TODO` stands for a fact that is not there yet.",
    &[(
        "    title: Device Control\n    section: \"4.1\"\n    offset: 0x000\n",
        "    title: Device Control\n    section: TODO\n    offset: TODO\n",
    )],
);

pub(crate) fn finding(span: Span, path: &str, look_up: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("`{path}` is not filled in yet")).help(look_up)
}
