use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::{BinaryOp, Cond, Num, NumKind};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0711",
    "a removed device looks present",
    "`present` is false if every register reads all ones, as the registers of a removed device do.",
    &[(
        "  present: \"STATUS.ZERO == 0\"\n",
        "  present: \"STATUS.READY\"\n",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(link) = &draft.link else { return };
    if condition(&link.present) != Some(false) {
        let message = "`present` may be true for a device that is gone";
        let finding = RULE.at(
            draft.tree.span_at(draft.node(&["link"]), "present"),
            message,
        );
        findings.add(finding.help(
            "name bits that always read zero or are never all set, such as `STATUS.ZERO == 0`",
        ));
    }
}

/// The value of a condition if every register reads all ones; `None` if it depends on something else.
fn condition(cond: &Cond) -> Option<bool> {
    match cond {
        Cond::Literal(value) => Some(*value),
        Cond::Bit(_) => Some(true),
        Cond::Not(cond) => condition(cond).map(|value| !value),
        Cond::And(left, right) => match (condition(left), condition(right)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (left, right) => Some(left? && right?),
        },
        Cond::Or(left, right) => match (condition(left), condition(right)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (left, right) => Some(left? || right?),
        },
        Cond::Compare {
            relation,
            left,
            right,
        } => {
            let (left, right) = (number(left)?, number(right)?);
            Some(relation.holds(left, right))
        }
        _ => None,
    }
}

/// The value of a number if every register reads all ones.
fn number(num: &Num) -> Option<u64> {
    match &num.kind {
        NumKind::Register(place) => Some(place.register.max()),
        NumKind::Field(place) => Some(place.field.max()),
        NumKind::Named { value, .. } => Some(value.value),
        NumKind::FromCond(cond) => condition(cond).map(u64::from),
        NumKind::Binary { op, left, right } => {
            let (left, right) = (number(left)?, number(right)?);
            match op {
                BinaryOp::And => Some(left & right),
                BinaryOp::Or => Some(left | right),
                BinaryOp::Xor => Some(left ^ right),
                _ => None,
            }
        }
        _ => num.constant().map(u64::from),
    }
}
