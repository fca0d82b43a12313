//! Expressions of the device: all values are `u64`, and names are read from the model's fields.

use nicspecs::ir::{Cond, Function, Num, NumKind, Place};

use super::steps::literal;

/// The body of the function that computes a field, as a closure.
pub fn value(num: &Num) -> String {
    closure(self::num(num))
}

/// The same for a condition: one while it is true.
pub fn condition(cond: &Cond) -> String {
    closure(format!("u64::from({})", self::cond(cond)))
}

fn closure(code: String) -> String {
    let fields = if code.contains("fields.") {
        "fields"
    } else {
        "_"
    };
    let index = if code.contains("index") { "index" } else { "_" };
    format!("|{fields}, {index}| {code}")
}

fn read(place: &Place, field: &str) -> String {
    let index = match &place.index {
        Some(index) => match (&index.kind, index.constant()) {
            (_, Some(index)) => index.to_string(),
            (NumKind::Builtin { .. }, _) => "index".to_owned(),
            _ => format!("{} as u32", operand(index)),
        },
        None => "0".to_owned(),
    };
    format!(
        "fields.get({}, {index}, {})",
        literal(&place.register.name),
        literal(field)
    )
}

fn operand(value: &Num) -> String {
    match value.kind {
        NumKind::Binary { .. }
        | NumKind::Invert(_)
        | NumKind::Call {
            function: Function::Swap16,
            ..
        } => {
            format!("({})", num(value))
        }
        _ => num(value),
    }
}

fn num(value: &Num) -> String {
    match &value.kind {
        NumKind::Literal { value, .. } => value.to_string(),
        NumKind::Named { value, .. } => value.value.to_string(),
        NumKind::Constant(constant) if constant.varies() => {
            let values = constant.values.iter().map(u32::to_string);
            format!("fields.of_variant({})", list(values))
        }
        NumKind::Constant(constant) => constant.value().to_string(),
        NumKind::Choice(choice) => choice.default.to_string(),
        NumKind::Register(place) => read(place, ""),
        NumKind::Field(at) => read(&at.place, &at.field.name),
        NumKind::FromCond(cond) => match cond.as_ref() {
            Cond::Bit(at) => read(&at.place, &at.field.name),
            cond => format!("u64::from({})", self::cond(cond)),
        },
        NumKind::Invert(inner) => format!("!{} & 0xffff_ffff", operand(inner)),
        NumKind::Call { function, argument } => match function {
            Function::Swap16 => format!("{}.swap_bytes() >> 48", operand(argument)),
            Function::Swap32 => format!("({}.swap_bytes() >> 32)", operand(argument)),
        },
        NumKind::Binary { op, left, right } => {
            format!("{} {} {}", operand(left), op.name(), operand(right))
        }
        NumKind::Builtin { .. } => "u64::from(index)".to_owned(),
        // Outside of sequences there are no bound names.
        NumKind::Local(name)
        | NumKind::LocalField { local: name, .. }
        | NumKind::LocalRegister { local: name, .. } => name.clone(),
    }
}

fn cond(value: &Cond) -> String {
    let operand = |inner: &Cond| match inner {
        Cond::And(..) | Cond::Or(..) => format!("({})", cond(inner)),
        _ => cond(inner),
    };
    match value {
        Cond::Literal(value) => value.to_string(),
        Cond::Bit(at) => format!("{} != 0", read(&at.place, &at.field.name)),
        Cond::Choice(choice) => (choice.default == 1).to_string(),
        Cond::Variant(variants) => {
            let is = variants.has.iter().map(|&has| u32::from(has).to_string());
            format!("fields.of_variant({}) != 0", list(is))
        }
        Cond::Not(inner) => match inner.as_ref() {
            Cond::Bit(at) => format!("{} == 0", read(&at.place, &at.field.name)),
            inner => format!("!({})", cond(inner)),
        },
        Cond::And(left, right) => format!("{} && {}", operand(left), operand(right)),
        Cond::Or(left, right) => format!("{} || {}", operand(left), operand(right)),
        Cond::Compare {
            relation,
            left,
            right,
        } => {
            format!(
                "{} {} {}",
                self::operand(left),
                relation.name(),
                self::operand(right)
            )
        }
        // Outside of sequences there is nothing of the kind.
        Cond::LocalBit { local: name, .. } | Cond::Local(name) => name.clone(),
        Cond::Given(_) | Cond::Completion(_) => false.to_string(),
    }
}

fn list(values: impl Iterator<Item = String>) -> String {
    format!("&[{}]", values.collect::<Vec<_>>().join(", "))
}
