use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0613",
    "wrong arguments or result",
    "A caller passes every argument of a sequence, and the sequence returns what the caller expects.",
    &[("        with: { register: 1 }\n", "")],
);

pub(crate) fn missing(span: Span, callee: &str, argument: &str) -> FindingDraft {
    RULE.at(
        span,
        format!("this step does not pass the argument `{argument}` to `{callee}`"),
    )
    .help(format!("add `with: {{ {argument}: ... }}`"))
}

pub(crate) fn returns_nothing(span: Span, callee: &str) -> FindingDraft {
    RULE.at(span, format!("`{callee}` returns nothing"))
        .help("add `returns: u16` to it, or remove `let`")
}

pub(crate) fn of_port(span: Span, name: &str) -> FindingDraft {
    RULE.at(
        span,
        format!("the port calls `{name}` without arguments, so it cannot have `args`"),
    )
    .help("remove `args`; values such as `queue` are available without a declaration")
}

pub(crate) fn port_returns(span: Span, name: &str, wants_mac: bool) -> FindingDraft {
    let finding = RULE.at(
        span,
        format!("`{name}` does not return what the port expects"),
    );
    match wants_mac {
        true => finding.help("add `returns: mac`"),
        false => finding.help("remove `returns`"),
    }
}
