//! Prints expressions as a spec writes them, in one canonical form: equal texts have equal meanings.

use std::sync::Arc;

use crate::ir::{
    BinaryOp, Cond, Duration, Field, FieldPlace, Num, NumKind, Place, Value, Variant, Variants,
};

/// The precedence of an expression.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Level {
    Or,
    And,
    Not,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Product,
    Unary,
    Atom,
}

/// Prints expressions of one spec in the words of the spec language.
#[derive(Clone, Copy, Debug)]
pub struct Printer<'a> {
    variants: &'a [Arc<Variant>],
}

impl<'a> Printer<'a> {
    /// For a spec with these variants.
    pub fn new(variants: &'a [Arc<Variant>]) -> Self {
        Self { variants }
    }

    /// A number.
    pub(crate) fn num(self, num: &Num) -> String {
        self.number(num).0
    }

    /// A condition.
    pub fn cond(self, cond: &Cond) -> String {
        self.condition(cond).0
    }

    /// A number or a condition.
    pub(crate) fn value(self, value: &Value) -> String {
        match value {
            Value::Num(num) => self.num(num),
            Value::Cond(Cond::Literal(value)) => u8::from(*value).to_string(),
            Value::Cond(cond) => self.cond(cond),
        }
    }

    /// A register or an element of an array.
    pub(crate) fn place(self, place: &Place) -> String {
        let name = &place.register.name;
        match &place.index {
            Some(index) => format!("{name}[{}]", self.num(index)),
            None => name.clone(),
        }
    }

    /// A field at a place.
    pub(crate) fn field(self, field: &FieldPlace) -> String {
        format!("{}.{}", self.place(&field.place), field.field.name)
    }

    /// A length of time.
    pub(crate) fn duration(self, duration: &Duration) -> String {
        let unit = duration.unit.name();
        match duration.count.kind {
            NumKind::Literal { value, .. } => format!("{value}{unit}"),
            _ => format!("{} {unit}", self.num(&duration.count)),
        }
    }

    /// Variants by name, in the order of the spec.
    pub(crate) fn variants(self, variants: &Variants) -> String {
        let named = variants
            .indices()
            .filter_map(|index| Some(self.variants.get(index)?.name.as_str()));
        named.collect::<Vec<_>>().join(", ")
    }

    fn number(self, num: &Num) -> (String, Level) {
        let atom = |text| (text, Level::Atom);
        match &num.kind {
            NumKind::Literal { value, .. } => atom(number(u64::from(*value))),
            NumKind::Named { value, .. } => atom(value.name.clone()),
            NumKind::Constant(constant) => atom(constant.name.clone()),
            NumKind::Choice(choice) => atom(choice.name.clone()),
            NumKind::Builtin {
                builtin,
                index: None,
            } => atom(builtin.name().to_owned()),
            NumKind::Builtin {
                builtin,
                index: Some(index),
            } => atom(format!("{}[{}]", builtin.name(), self.num(index))),
            NumKind::Local(name) => atom(name.clone()),
            NumKind::LocalField { local, field, .. } => atom(local_field(local, field)),
            NumKind::LocalRegister { local, .. } => atom(local.clone()),
            NumKind::Register(place) => atom(self.place(place)),
            NumKind::Field(field) => atom(self.field(field)),
            NumKind::FromCond(cond) => self.condition(cond),
            NumKind::Invert(inner) => {
                let inner = within(self.number(inner), Level::Unary);
                (format!("~{inner}"), Level::Unary)
            }
            NumKind::Call { function, argument } => {
                atom(format!("{}({})", function.name(), self.num(argument)))
            }
            NumKind::Binary { op, left, right } => {
                let (level, first, second) = levels(*op);
                let left = within(self.number(left), first);
                let right = within(self.number(right), second);
                (format!("{left} {} {right}", op.name()), level)
            }
        }
    }

    fn condition(self, cond: &Cond) -> (String, Level) {
        let atom = |text: &str| (text.to_owned(), Level::Atom);
        match cond {
            Cond::Literal(value) => (u8::from(*value).to_string(), Level::Atom),
            Cond::Bit(field) => (self.field(field), Level::Atom),
            Cond::LocalBit { local, field, .. } => (local_field(local, field), Level::Atom),
            Cond::Local(name) => atom(name),
            Cond::Choice(choice) => atom(&choice.name),
            Cond::Given(flag) => atom(flag.name()),
            Cond::Completion(scheme) => {
                (format!("completion == {}", scheme.name()), Level::Compare)
            }
            Cond::Variant(variants) => {
                let text = match variants.indices().count() {
                    1 => format!("variant == {}", self.variants(variants)),
                    _ => format!("variant in [{}]", self.variants(variants)),
                };
                (text, Level::Compare)
            }
            Cond::Not(inner) => match inner.as_ref() {
                Cond::Bit(_) | Cond::LocalBit { .. } => {
                    (format!("{} == 0", self.cond(inner)), Level::Compare)
                }
                _ => {
                    let inner = within(self.condition(inner), Level::Not);
                    (format!("not {inner}"), Level::Not)
                }
            },
            Cond::And(left, right) => self.both(left, "and", right, Level::And, Level::Not),
            Cond::Or(left, right) => self.both(left, "or", right, Level::Or, Level::And),
            Cond::Compare {
                relation,
                left,
                right,
            } => {
                let left = within(self.number(left), Level::Sum);
                let right = within(self.number(right), Level::Sum);
                (
                    format!("{left} {} {right}", relation.name()),
                    Level::Compare,
                )
            }
        }
    }

    fn both(
        self,
        left: &Cond,
        word: &str,
        right: &Cond,
        level: Level,
        above: Level,
    ) -> (String, Level) {
        let left = within(self.condition(left), level);
        let right = within(self.condition(right), above);
        (format!("{left} {word} {right}"), level)
    }
}

/// The level of an operation, and the least of its operands: all of them group to the left, and where few readers know
/// what comes first, an operation inside another is in parentheses.
fn levels(op: BinaryOp) -> (Level, Level, Level) {
    match op {
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => {
            (Level::Product, Level::Unary, Level::Unary)
        }
        BinaryOp::Add | BinaryOp::Sub => (Level::Sum, Level::Sum, Level::Product),
        BinaryOp::Shl | BinaryOp::Shr => (Level::Shift, Level::Unary, Level::Unary),
        BinaryOp::And => (Level::BitAnd, Level::BitAnd, Level::Unary),
        BinaryOp::Xor => (Level::BitXor, Level::BitXor, Level::Unary),
        BinaryOp::Or => (Level::BitOr, Level::BitOr, Level::Unary),
    }
}

fn within((text, level): (String, Level), least: Level) -> String {
    match level < least {
        true => format!("({text})"),
        false => text,
    }
}

fn local_field(local: &str, field: &Arc<Field>) -> String {
    format!("{local}.{}", field.name)
}

/// A number; one that may be a mask is in hexadecimal, however the spec wrote it.
pub(crate) fn number(value: u64) -> String {
    match value {
        0..=255 => value.to_string(),
        _ => format!("{value:#x}"),
    }
}

/// `25`, or `22:16`.
pub(crate) fn bits(low: u32, width: u32) -> String {
    match width {
        1 => low.to_string(),
        _ => format!("{}:{low}", low.saturating_add(width).saturating_sub(1)),
    }
}

/// An offset with as many digits as datasheets give it.
pub(crate) fn offset(value: u64) -> String {
    format!("{value:#07x}")
}

#[cfg(test)]
mod tests {
    use super::Printer;
    use crate::compile::compile;
    use crate::diagnostic::TOY;
    use crate::ir::Action;

    /// How a condition of a step is printed.
    fn printed(cond: &str) -> String {
        let step = format!("      - if: \"{cond}\"\n        then:\n          - flush: STATUS\n");
        let text = TOY.replace(
            "      - delay: 10us\n",
            &format!("      - delay: 10us\n{step}"),
        );
        let nic = compile("toy.yaml", &text).unwrap_or_else(|report| panic!("{}", report.short()));
        let steps = &nic.sequence("interrupts.off").unwrap().steps;
        let cond = steps.iter().find_map(|step| match &step.action {
            Action::If { cond, .. } => Some(cond),
            _ => None,
        });
        Printer::new(nic.variants()).cond(cond.unwrap())
    }

    #[test]
    fn an_expression_is_printed_in_one_way_and_read_back_as_the_same() {
        for (written, expected) in [
            ("not STATUS.UP", "STATUS.UP == 0"),
            ("STATUS.UP == 1", "STATUS.UP"),
            (
                "not (STATUS.UP or CTRL.KEEP)",
                "not (STATUS.UP or CTRL.KEEP)",
            ),
            (
                "STATUS.UP and (CTRL.KEEP or loopback)",
                "STATUS.UP and (CTRL.KEEP or loopback)",
            ),
            ("variant in [B]", "variant == B"),
            (
                "BURST / (CTRL.SPEED * 2 + 1) == 1",
                "BURST / (CTRL.SPEED * 2 + 1) == 1",
            ),
            ("BURST % (settle * 2) == 1", "BURST % (settle * 2) == 1"),
            (
                "CTRL.SPEED / 2 * settle == 1",
                "(CTRL.SPEED / 2) * settle == 1",
            ),
            ("CTRL.SPEED == m100", "CTRL.SPEED == m100"),
            ("BURST & 0x108 == 0", "(BURST & 0x108) == 0"),
            ("BURST & 1 << 3 == 8", "(BURST & (1 << 3)) == 8"),
            ("BURST | CTRL | 0x7 == 7", "(BURST | CTRL | 7) == 7"),
            (
                "(settle + 2) * 3 - 1 < ~CTRL.SPEED",
                "(settle + 2) * 3 - 1 < ~CTRL.SPEED",
            ),
            (
                "settle - (2 - 1) == swap16(0x100)",
                "settle - (2 - 1) == swap16(0x100)",
            ),
        ] {
            let once = printed(written);
            assert_eq!(once, expected, "{written}");
            assert_eq!(printed(&once), once);
        }
    }
}
