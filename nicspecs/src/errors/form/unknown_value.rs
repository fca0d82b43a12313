use crate::diagnostic::{FindingDraft, RuleInfo, Span};
use crate::suggest;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0106",
    "unknown value",
    "A key with a fixed set of values has one of them.",
    &[("    access: ro\n", "    access: r0\n")],
);

pub(crate) fn finding(span: Span, key: &str, word: &str, known: &[&str]) -> FindingDraft {
    let finding = RULE.at(span, format!("`{key}` cannot be `{word}`"));
    let all = format!("it is one of {}", suggest::quoted(known));
    let near = suggest::nearest(word, known.iter().copied());
    match near.is_empty() || near.len() > 3 {
        true => finding.help(all),
        false => finding
            .here(format!("did you mean {}?", suggest::alternatives(&near)))
            .help(all),
    }
}
