//! A spec is like one that lies beside it and that says everything itself.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};
use crate::suggest;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0110",
    "no spec to be like",
    "A spec is like one that lies beside it and that says everything itself.",
    &[("nic:\n  name: toy\n", "like: tay\n\nnic:\n  name: toy\n")],
);

/// There is none of that name.
pub(crate) fn finding(span: Span, name: &str, known: &[&str]) -> FindingDraft {
    let finding = FindingDraft::new(
        &RULE,
        span,
        format!("there is no spec `{name}` beside this one"),
    );
    match suggest::help(name, known) {
        Some(help) => finding.help(help),
        None => finding.help(format!(
            "put `{name}.yaml` into the same folder, or leave `like` out"
        )),
    }
}

/// The spec names itself.
pub(crate) fn itself(span: Span, name: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("`{name}` is like itself"))
        .help("name another spec, or leave `like` out")
}

/// The spec that is named is like another one.
pub(crate) fn chain(span: Span, name: &str, other: &str, there: Span) -> FindingDraft {
    FindingDraft::new(
        &RULE,
        span,
        format!("`{name}` does not say everything itself: it is like `{other}`"),
    )
    .label(there, format!("`{name}` says so"))
    .help(format!(
        "write `like: {other}`, and state what `{name}` has changed"
    ))
}
