use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0602",
    "write to a register that is not writable",
    "A sequence writes only writable registers.",
    &[(
        "      - write: { BURST: 16 }\n",
        "      - write: { BURST: 16 }\n      - write: { STATUS: 0 }\n",
    )],
);

pub(crate) fn finding(span: Span, register: &str, access: &str, section: &str) -> FindingDraft {
    RULE.at(span, format!("`{register}` cannot be written"))
        .here(format!("its access is `{access}`"))
        .help(format!(
            "check section {section}, which describes `{register}`"
        ))
}
