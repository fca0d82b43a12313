use crate::diagnostic::{FindingDraft, RuleInfo, Span};
use crate::identifiers;

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
    let help = match (name.split_once(':'), identifiers::is_value(name)) {
        (Some((word, _)), _) => format!("write a space after the colon of `{word}:`"),
        (None, true) => "choose another name: YAML takes this one for a value".to_owned(),
        (None, false) => format!("a name here consists of {style}"),
    };
    RULE.at(span, format!("{what} cannot be called `{name}`"))
        .help(help)
}
