//! A register that is write-only is not read.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0603",
    "read of a register that cannot be read",
    "A register that is write-only is not read.",
    &[("      - flush: STATUS\n", "      - flush: MASK_CLEAR\n")],
);

pub(crate) fn finding(span: Span, register: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("`{register}` cannot be read"))
        .here("its access is `wo`")
        .help(
            "to let writes arrive, read a register without side effects, such as a status register",
        )
}
