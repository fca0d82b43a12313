use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0107",
    "wrong name style",
    "Names of registers and fields are in capitals, as in the datasheet; all other names are in lower case.",
    &[(
        "      TX: { bits: 0 }\n      RX: { bits: 1 }\n",
        "      TX: { bits: 0 }\n      Queue0: { bits: 4 }\n      RX: { bits: 1 }\n",
    )],
);

pub(crate) fn finding(span: Span, what: &str, name: &str, style: &str) -> FindingDraft {
    RULE.at(span, format!("{what} cannot be called `{name}`"))
        .help(format!("a name here consists of {style}"))
}
