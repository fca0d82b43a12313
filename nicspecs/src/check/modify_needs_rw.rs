//! Only a register that reads back what was written is modified.

use super::RuleInfo;
use crate::ir::{Access, Register};
use crate::report::FindingDraft;
use crate::tree::Span;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0604",
    "modify of a register that does not read back",
    "Only a register that reads back what was written is modified.",
    &[(
        "      - write: { EVENTS: { OVERHEAT: 1 } }\n",
        "      - set: EVENTS.OVERHEAT\n",
    )],
);

pub(crate) fn finding(span: Span, register: &Register) -> FindingDraft {
    let (kind, harm) = match register.access {
        Access::WriteOneClears => (
            "w1c",
            "writing back what was read clears every bit that was set",
        ),
        Access::WriteOneSets => ("w1s", "bits that are not to change are simply not written"),
        _ => ("wo", "there is nothing to read"),
    };
    FindingDraft::new(
        &RULE,
        span,
        format!("`{}` cannot be modified", register.name),
    )
    .here(format!("its access is `{kind}`: {harm}"))
    .help(format!(
        "use `write: {{ {}: {{ FIELD: 1 }} }}`",
        register.name
    ))
}
