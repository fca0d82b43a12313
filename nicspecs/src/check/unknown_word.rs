//! Where a key takes one of a few words, it is one of them.

use crate::report::FindingDraft;
use crate::suggest;
use crate::tree::Span;
use super::RuleInfo;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0106",
    "unknown word",
    "Where a key takes one of a few words, it is one of them.",
    &[
    ("    access: ro\n", "    access: r0\n"),
    ],
);

pub(crate) fn finding(span: Span, key: &str, word: &str, known: &[String]) -> FindingDraft {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let finding = FindingDraft::new(&RULE, span, format!("`{key}` cannot be `{word}`"));
    let all = format!("it is one of {}", suggest::quoted(&known));
    match suggest::nearest(word, known.iter().copied()) {
        Some(near) => finding.here(format!("did you mean `{near}`?")).help(all),
        None => finding.help(all),
    }
}
