use crate::diagnostic::{FindingDraft, RuleInfo, Span};
use crate::suggest::quoted;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0418",
    "completion scheme is not listed",
    "A sequence tests only for schemes that `completion` lists.",
    &[(
        "      - if: \"completion == head_writeback\"",
        "      - if: \"completion == owner_bit or completion == head_writeback\"",
    )],
);

pub(crate) fn finding(span: Span, scheme: &str, listed: &[&str]) -> FindingDraft {
    let message = format!("the transmit rings have no scheme `{scheme}`");
    RULE.at(span, message)
        .help(format!("`completion` lists {}", quoted(listed)))
}
