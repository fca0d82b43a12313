use crate::diagnostic::{FindingDraft, RuleInfo, Span};
use crate::suggest;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0110",
    "unknown base spec",
    "`like` names another spec in the same folder, which does not inherit from this one.",
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
/// The specs, each the base of the one before it, go on with the one at `first`.
pub(crate) fn circle(span: Span, names: &[String], first: usize) -> FindingDraft {
    let help = "name another spec, or remove `like`";
    if let [name] = names {
        let message = format!("`like` of `{name}` names the spec itself");
        return RULE.at(span, message).help(help);
    }
    let steps = names.iter().chain(names.get(first));
    let steps: Vec<_> = steps.map(|name| format!("`{name}`")).collect();
    RULE.at(span, "the base specs form a circle")
        .here(steps.join(" is like "))
        .help(format!("in one of these specs, {help}"))
}

/// The last of the specs, each the base of the one before it, has a base spec, too.
pub(crate) fn too_many(span: Span, names: &[String]) -> FindingDraft {
    let message = format!(
        "`{}` inherits from more than {} specs",
        names[0],
        names.len() - 1
    );
    let steps: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    RULE.at(span, message)
        .here(format!("{} is like another one", steps.join(" is like ")))
        .help("name one of the later specs of this line")
}
