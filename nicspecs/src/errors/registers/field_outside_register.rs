use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0304",
    "field outside its register",
    "A field lies inside its register.",
    &[(
        "      OVERHEAT: { bits: 0 }",
        "      OVERHEAT: { bits: 32 }",
    )],
);

pub(crate) fn finding(
    span: Span,
    register: &str,
    field: &str,
    high: u32,
    width: u32,
) -> FindingDraft {
    RULE.at(
        span,
        format!("field `{field}` lies outside register `{register}`"),
    )
    .here(format!("its highest bit is {high}"))
    .help(format!(
        "a register of {width} bits has bits 0 to {}",
        width - 1
    ))
}
