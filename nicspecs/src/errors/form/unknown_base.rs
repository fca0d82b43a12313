use crate::diagnostic::{FindingDraft, RuleInfo, Span};
use crate::suggest;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0110",
    "unknown base spec",
    "`like` names a complete spec in the same folder.",
    &[("nic:\n  name: toy\n", "like: tay\n\nnic:\n  name: toy\n")],
);

/// No spec has that name.
pub(crate) fn finding(span: Span, name: &str, known: &[&str]) -> FindingDraft {
    let finding = RULE.at(span, format!("there is no spec `{name}` in this folder"));
    match suggest::help(name, known) {
        Some(help) => finding.help(help),
        None => finding.help(format!(
            "put `{name}.yaml` into the same folder, or remove `like`"
        )),
    }
}

/// The spec names itself.
pub(crate) fn itself(span: Span, name: &str) -> FindingDraft {
    RULE.at(span, format!("`like` of `{name}` names the spec itself"))
        .help("name another spec, or remove `like`")
}

/// The named spec inherits from another one.
pub(crate) fn chain(span: Span, name: &str, other: &str, there: Span) -> FindingDraft {
    RULE.at(
        span,
        format!("`{name}` is not a complete spec: it inherits from `{other}`"),
    )
    .label(there, format!("`{name}` names its base spec here"))
    .help(format!(
        "write `like: {other}`, and repeat the changes of `{name}`"
    ))
}
