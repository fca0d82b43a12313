//! Only a register that takes writes is written.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0602",
    "write to a register that takes none",
    "Only a register that takes writes is written.",
    &[(
        "      - write: { BURST: 16 }\n",
        "      - write: { BURST: 16 }\n      - write: { STATUS: 0 }\n",
    )],
);

pub(crate) fn finding(span: Span, register: &str, access: &str, section: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("`{register}` cannot be written"))
        .here(format!("its access is `{access}`"))
        .help(format!(
            "section {section}, given for `{register}`, is the place to look"
        ))
}
