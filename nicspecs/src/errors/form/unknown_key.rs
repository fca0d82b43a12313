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

/// A key about sent frames in the completion of received ones.
pub(crate) fn only_sent(span: Span, key: &str) -> FindingDraft {
    RULE.at(span, format!("`rx.completion` has no key `{key}`"))
        .help("`good` says which bits a received frame without an error has")
}

/// `is_bare` says whether the key has no value.
pub(crate) fn finding(
    span: Span,
    what: &str,
    key: &str,
    is_bare: bool,
    known: &[&str],
) -> FindingDraft {
    let finding = RULE.at(span, format!("{what} has no key `{key}`"));
    if let Some((word, _)) = key.split_once(':') {
        return finding.help(format!("write a space after the colon of `{word}:`"));
    }
    if key.starts_with('-') {
        return finding.help("write a space after the dash");
    }
    let help = suggest::help(key, known);
    let is_near = !suggest::nearest(key, known.iter().copied()).is_empty();
    if key.contains(' ') || is_bare && !is_near {
        let help = "inside `{ }` a comma ends a value: quote a value that contains a comma";
        return finding.help(help.to_owned());
    }
    match help {
        Some(help) => finding.help(help),
        None => finding.help(format!("known here: {}", suggest::quoted(known))),
    }
}
