//! Only a register that takes writes is written.

use super::RuleInfo;
use crate::ir::Register;
use crate::report::FindingDraft;
use crate::tree::Span;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0602",
    "write to a register that takes none",
    "Only a register that takes writes is written.",
    &[(
        "      - write: { BURST: 16 }\n",
        "      - write: { BURST: 16 }\n      - write: { STATUS: 0 }\n",
    )],
);

pub(crate) fn finding(span: Span, register: &Register) -> FindingDraft {
    let kind = register.access.name();
    FindingDraft::new(
        &RULE,
        span,
        format!("`{}` cannot be written", register.name),
    )
    .here(format!("its access is `{kind}`"))
    .help(format!(
        "section {}, given for `{}`, is the place to look",
        register.section, register.name
    ))
}
