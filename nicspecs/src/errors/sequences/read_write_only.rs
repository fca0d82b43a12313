use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0603",
    "read of a write-only register",
    "A sequence does not read write-only registers.",
    &[("      - flush: STATUS\n", "      - flush: MASK_CLEAR\n")],
);

pub(crate) fn finding(span: Span, register: &str) -> FindingDraft {
    RULE.at(span, format!("`{register}` cannot be read"))
        .here("its access is `wo`")
        .help("to flush writes, read a register without side effects, such as a status register")
}
