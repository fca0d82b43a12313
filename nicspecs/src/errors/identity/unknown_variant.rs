use crate::diagnostic::{FindingDraft, RuleInfo, Span};
use crate::suggest;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0203",
    "unknown variant",
    "Every variant name is declared in `variants`.",
    &[("    only_on: [B]\n", "    only_on: [B, C]\n")],
);

pub(crate) fn finding(span: Span, name: &str, known: &[&str]) -> FindingDraft {
    let finding = RULE.at(span, format!("there is no variant `{name}`"));
    match suggest::help(name, known) {
        Some(help) => finding.help(help),
        None => finding,
    }
}
