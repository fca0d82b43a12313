use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0504",
    "wrong type in an expression",
    "Numbers and conditions are not interchangeable, and only registers have fields.",
    &[("      - if: \"state == 0\"", "      - if: \"state\"")],
);

pub(crate) fn number_as_condition(span: Span) -> FindingDraft {
    RULE.at(span, "expected a condition, found a number")
        .help("compare it, as in `!= 0`; one-bit fields are conditions")
}

pub(crate) fn no_fields(span: Span, name: &str) -> FindingDraft {
    RULE.at(span, format!("`{name}` has no fields here"))
}

pub(crate) fn too_wide(span: Span, name: &str, width: u32) -> FindingDraft {
    RULE.at(
        span,
        format!("`{name}` has {width} bits, but numbers have 32"),
    )
    .help("use its fields instead")
}

pub(crate) fn field_wanted(span: Span, register: &str) -> FindingDraft {
    RULE.at(
        span,
        format!("expected a field, but `{register}` is a register"),
    )
    .help(format!("write `{register}.FIELD`"))
}

pub(crate) fn field_as_key(span: Span, register: &str, field: &str) -> FindingDraft {
    RULE.at(
        span,
        format!("expected a register, but `{register}.{field}` is a field"),
    )
    .help(format!("write `{register}: {{ {field}: ... }}`"))
}

pub(crate) fn not_constant(span: Span) -> FindingDraft {
    RULE.at(
        span,
        "expected a constant, or a value such as `slot.address`",
    )
}
