use crate::diagnostic::{FindingDraft, RuleInfo, Span};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0509",
    "condition that no device can show",
    "The conditions `link.up` and `when` of a variant consist of fields, of comparisons of a field with a number, and of `not`, `and` and `or`, so that a simulated device can make them true and false.",
    &[
        (
            "  up: \"STATUS.UP\"",
            "  up: \"STATUS.UP or CTRL.SPEED + 1 == 2\"",
        ),
        (
            "  up: \"STATUS.UP\"",
            "  up: \"STATUS.UP or not STATUS.UP\"",
        ),
    ],
);

/// `what` is the condition, which no device can make true, or false.
pub(crate) fn finding(span: Span, what: &str, holds: bool) -> FindingDraft {
    let (state, other) = match holds {
        true => ("true", "false"),
        false => ("false", "true"),
    };
    RULE.at(span, format!("no device can make {what} {state}"))
        .here(format!("is this always {other}, or computed?"))
        .help(HELP)
}

/// No device can show that it is this variant and none of the earlier ones with the same id.
pub(crate) fn of_later(span: Span, variant: &str) -> FindingDraft {
    let message = format!("no device can show that it is a `{variant}` and no earlier variant");
    RULE.at(span, message)
        .here("the `when` of an earlier variant with this id is always true, or computed")
        .help(HELP)
}

const HELP: &str = "combine fields and comparisons of a field with a number, such as `STATUS.UP` or `STATUS.STATE == 2`, \
                    with `not`, `and` and `or`";
