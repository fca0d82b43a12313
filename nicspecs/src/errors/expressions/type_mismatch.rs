//! Numbers and conditions stand where each belongs, and only registers have fields.

use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0504",
    "condition and number mixed up",
    "Numbers and conditions stand where each belongs, and only registers have fields.",
    &[("      - if: \"state == 0\"", "      - if: \"state\"")],
);

pub(crate) fn number_as_condition(span: Span) -> FindingDraft {
    FindingDraft::new(&RULE, span, "a number stands where a condition belongs")
        .help("compare it, as in `!= 0`; fields of one bit are conditions themselves")
}

pub(crate) fn no_fields(span: Span, name: &str) -> FindingDraft {
    FindingDraft::new(&RULE, span, format!("`{name}` has no fields here"))
}

pub(crate) fn too_wide(span: Span, name: &str, width: u32) -> FindingDraft {
    FindingDraft::new(
        &RULE,
        span,
        format!("`{name}` has {width} bits, and numbers have 32"),
    )
    .help("name the fields that are meant")
}

pub(crate) fn field_wanted(span: Span, register: &str) -> FindingDraft {
    FindingDraft::new(
        &RULE,
        span,
        format!("a field belongs here, and `{register}` is a register"),
    )
    .help(format!("write `{register}.FIELD`"))
}

pub(crate) fn field_as_key(span: Span, register: &str, field: &str) -> FindingDraft {
    FindingDraft::new(
        &RULE,
        span,
        format!("a register belongs here, and `{register}.{field}` is a field"),
    )
    .help(format!("write `{register}: {{ {field}: ... }}`"))
}

pub(crate) fn not_constant(span: Span) -> FindingDraft {
    FindingDraft::new(
        &RULE,
        span,
        "a fixed number belongs here, or what a descriptor takes from its slot",
    )
}
