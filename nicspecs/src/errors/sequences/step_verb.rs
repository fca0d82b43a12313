use crate::diagnostic::{FindingDraft, RuleInfo, Span};
use crate::suggest;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0609",
    "step with no verb or several verbs",
    "A step has exactly one verb and the keys that belong to it.",
    &[(
        "      - delay: 10us\n",
        "      - delay: 10us\n        flush: STATUS\n",
    )],
);

pub(crate) fn finding(span: Span, verbs: &[&str], all: &[&str]) -> FindingDraft {
    match verbs {
        [] => RULE
            .at(span, "this step has no verb")
            .help(format!("a step has one of {}", suggest::quoted(all))),
        several => RULE
            .at(span, format!("this step has {} verbs", several.len()))
            .here(suggest::quoted(several))
            .help("write one step for each, in the order of execution"),
    }
}

pub(crate) fn stray(span: Span, key: &str, verb: &str, owner: &str) -> FindingDraft {
    RULE.at(span, format!("`{key}` does not belong to `{verb}`"))
        .help(format!("it belongs to `{owner}`"))
}

pub(crate) fn another_register(span: Span, first: &str) -> FindingDraft {
    RULE.at(span, "a step changes fields of only one register")
        .here(format!("this is not a field of `{first}`"))
        .help("write one step for each register")
}
