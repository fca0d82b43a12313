use crate::diagnostic::{FindingDraft, RuleInfo, Span};
use crate::errors::offer::offer;
use crate::suggest;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0501",
    "unknown name",
    "Every name is declared in the spec.",
    &[(
        "      - write: { BURST: 16 }\n",
        "      - write: { BURST: 16 }\n      - write: { BRUST: 16 }\n",
    )],
);

pub(crate) fn finding(span: Span, kind: &str, name: &str, known: &[&str]) -> FindingDraft {
    let message = format!("there is no {kind} `{name}`");
    with_help(RULE.at(span, message), kind, name, known)
}

/// A name that belongs to `owner`: a field of a register, an argument of a sequence.
pub(crate) fn of(span: Span, owner: &str, kind: &str, name: &str, known: &[&str]) -> FindingDraft {
    let message = format!("`{owner}` has no {kind} `{name}`");
    with_help(RULE.at(span, message), kind, name, known)
}

/// A value of a field, which the field does not have.
pub(crate) fn of_field(span: Span, field: &str, name: &str, values: &[&str]) -> FindingDraft {
    let finding = RULE.at(span, format!("`{field}` has no value `{name}`"));
    match values {
        [] => finding.help("declare it in `values`"),
        values => offer(
            finding,
            name,
            &format!("the values of `{field}` are"),
            values,
        ),
    }
}

/// The key that declares each kind of name.
const DECLARED: [(&str, &str); 6] = [
    ("register", "registers"),
    ("descriptor", "descriptors"),
    ("constant", "constants"),
    ("field", "fields"),
    ("argument", "args"),
    ("name", "let`, `for`, `args`, `constants` or `options"),
];

fn with_help(finding: FindingDraft, kind: &str, name: &str, known: &[&str]) -> FindingDraft {
    if let Some(help) = suggest::help(name, known) {
        return finding.help(help);
    }
    match DECLARED.iter().find(|(known, _)| *known == kind) {
        Some((_, key)) => finding.help(format!("declare it in `{key}`")),
        None => finding,
    }
}
