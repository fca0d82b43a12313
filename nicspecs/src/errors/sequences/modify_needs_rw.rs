use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0604",
    "modify of a register that is not read-write",
    "A sequence modifies only registers that read back the written value.",
    &[(
        "      - write: { EVENTS: { OVERHEAT: 1 } }\n",
        "      - set: EVENTS.OVERHEAT\n",
    )],
);

pub(crate) fn finding(span: Span, register: &str, access: &str) -> FindingDraft {
    let (kind, harm) = match access {
        "w1c" => ("w1c", "writing back the read value clears every set bit"),
        "wc" => ("wc", "writing any value clears it"),
        "w1s" => (
            "w1s",
            "writing a one sets a bit, so there is nothing to preserve",
        ),
        _ => ("wo", "it cannot be read"),
    };
    RULE.at(span, format!("`{register}` cannot be modified"))
        .here(format!("its access is `{kind}`: {harm}"))
        .help(format!("use `write: {{ {register}: {{ FIELD: 1 }} }}`"))
}
