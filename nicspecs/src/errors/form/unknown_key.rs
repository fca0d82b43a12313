use crate::diagnostic::{FindingDraft, RuleInfo, Span};
use crate::suggest;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0101",
    "unknown key",
    "Every key is part of the spec language.",
    &[(
        "    offset: 0x004\n",
        "    ofset: 0x004\n    offset: 0x004\n",
    )],
);

pub(crate) fn finding(span: Span, what: &str, key: &str, known: &[&str]) -> FindingDraft {
    let finding = RULE.at(span, format!("{what} has no key `{key}`"));
    if key.contains(' ') {
        let help = "inside `{ }` a comma ends a value: quote a value that contains a comma";
        return finding.help(help.to_owned());
    }
    match suggest::help(key, known) {
        Some(help) => finding.help(help),
        None => finding.help(format!("known here: {}", suggest::quoted(known))),
    }
}
