//! Only a register that reads back what was written is modified.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0604",
    "modify of a register that does not read back",
    "Only a register that reads back what was written is modified.",
    &[(
        "      - write: { EVENTS: { OVERHEAT: 1 } }\n",
        "      - set: EVENTS.OVERHEAT\n",
    )],
);

pub(crate) fn finding(span: Span, register: &str, access: &str) -> FindingDraft {
    let (kind, harm) = match access {
        "w1c" => (
            "w1c",
            "writing back what was read clears every bit that was set",
        ),
        "w1s" => ("w1s", "bits that are not to change are simply not written"),
        _ => ("wo", "there is nothing to read"),
    };
    FindingDraft::new(&RULE, span, format!("`{register}` cannot be modified"))
        .here(format!("its access is `{kind}`: {harm}"))
        .help(format!("use `write: {{ {register}: {{ FIELD: 1 }} }}`"))
}
