//! Expressions as a spec writes them, all in one way: what reads the same here means the same.

use std::sync::Arc;

use crate::ir::{
    BinaryOp, Builtin, Cond, Duration, Field, FieldPlace, Nic, Num, NumKind, Place, Register, Unit,
    Value, Variants,
};

/// How tightly an expression holds together.
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

/// Writes expressions of one spec.
#[derive(Clone, Copy)]
pub(super) struct Speller<'a> {
    nic: &'a Nic,
}

impl<'a> Speller<'a> {
    pub(super) fn new(nic: &'a Nic) -> Self {
        Self { nic }
    }

    /// A number.
    pub(super) fn num(self, num: &Num) -> String {
        self.number(num).0
    }

    /// A condition.
    pub(super) fn cond(self, cond: &Cond) -> String {
        self.condition(cond).0
    }

    /// A number or a condition.
    pub(super) fn value(self, value: &Value) -> String {
        match value {
            Value::Num(num) => self.num(num),
            Value::Cond(Cond::Literal(value)) => u8::from(*value).to_string(),
            Value::Cond(cond) => self.cond(cond),
        }
    }

    /// A register or an element of an array.
    pub(super) fn place(self, place: &Place) -> String {
        let name = &place.register.name;
        match &place.index {
            Some(index) => format!("{name}[{}]", self.num(index)),
            None => name.clone(),
        }
    }

    /// A field at a place.
    pub(super) fn field(self, field: &FieldPlace) -> String {
        format!("{}.{}", self.place(&field.place), field.field.name)
    }

    /// A length of time.
    pub(super) fn duration(self, duration: &Duration) -> String {
        let unit = match duration.unit {
            Unit::Us => "us",
            Unit::Ms => "ms",
            Unit::S => "s",
        };
        match duration.count.kind {
            NumKind::Literal { value, .. } => format!("{value}{unit}"),
            _ => format!("{} {unit}", self.num(&duration.count)),
        }
    }

    /// Variants by name, in the order of the spec.
    pub(super) fn variants(self, variants: &Variants) -> String {
        let named = variants
            .indices()
            .filter_map(|index| Some(self.nic.variants.get(index)?.name.clone()));
        named.collect::<Vec<_>>().join(", ")
    }

    /// The register of that name.
    pub(super) fn register(self, name: &str) -> Option<&'a Arc<Register>> {
        self.nic.register(name)
    }

    /// The name of a variant.
    pub(super) fn variant(self, index: usize) -> String {
        let variant = self.nic.variants.get(index);
        variant
            .map(|variant| variant.name.clone())
            .unwrap_or_default()
    }

    fn number(self, num: &Num) -> (String, Level) {
        let atom = |text| (text, Level::Atom);
        match &num.kind {
            NumKind::Literal { value, .. } => atom(number(u64::from(*value))),
            NumKind::Named { value, .. } => atom(value.name.clone()),
            NumKind::Constant(constant) => atom(constant.name.clone()),
            NumKind::Choice(choice) => atom(choice.name.clone()),
            NumKind::Builtin(builtin) => atom(self.builtin(builtin)),
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
            NumKind::Swap16(inner) => atom(format!("swap16({})", self.num(inner))),
            NumKind::Swap32(inner) => atom(format!("swap32({})", self.num(inner))),
            NumKind::Binary { op, left, right } => {
                let (level, above) = levels(*op);
                let left = within(self.number(left), level);
                let right = within(self.number(right), above);
                (format!("{left} {} {right}", op.symbol()), level)
            }
        }
    }

    fn builtin(self, builtin: &Builtin) -> String {
        let element = |name: &str, index: &Num| format!("{name}[{}]", self.num(index));
        match builtin {
            Builtin::RingBaseLow => "ring.base.low".to_owned(),
            Builtin::RingBaseHigh => "ring.base.high".to_owned(),
            Builtin::RingBytes => "ring.bytes".to_owned(),
            Builtin::RingSlots => "ring.slots".to_owned(),
            Builtin::Queue => "queue".to_owned(),
            Builtin::Queues => "queues".to_owned(),
            Builtin::Messages => "messages".to_owned(),
            Builtin::Message => "message".to_owned(),
            Builtin::Mac(index) => element("mac", index),
            Builtin::Multicast(index) => element("multicast", index),
            Builtin::RssKey(index) => element("rss.key", index),
            Builtin::RssTable(index) => element("rss.table", index),
            Builtin::StatsLow => "stats.address.low".to_owned(),
            Builtin::StatsHigh => "stats.address.high".to_owned(),
            Builtin::FrameMax => "frame.max".to_owned(),
            Builtin::BufferSize => "buffer.size".to_owned(),
            Builtin::HeadwbLow => "headwb.address.low".to_owned(),
            Builtin::HeadwbHigh => "headwb.address.high".to_owned(),
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
            Cond::Promiscuous => atom("promiscuous"),
            Cond::AllMulticast => atom("all_multicast"),
            Cond::Renegotiate => atom("renegotiate"),
            Cond::Completion(scheme) => {
                (format!("completion == {}", scheme.name()), Level::Compare)
            }
            Cond::Variant(variants) => (
                format!("variant in [{}]", self.variants(variants)),
                Level::Compare,
            ),
            Cond::Not(inner) => {
                let inner = within(self.condition(inner), Level::Not);
                (format!("not {inner}"), Level::Not)
            }
            Cond::And(left, right) => self.both(left, "and", right, Level::And, Level::Not),
            Cond::Or(left, right) => self.both(left, "or", right, Level::Or, Level::And),
            Cond::Compare {
                relation,
                left,
                right,
            } => {
                let left = within(self.number(left), Level::BitOr);
                let right = within(self.number(right), Level::BitOr);
                (
                    format!("{left} {} {right}", relation.symbol()),
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

/// The level of an operation, and that of its right operand: all of them group to the left.
fn levels(op: BinaryOp) -> (Level, Level) {
    match op {
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => (Level::Product, Level::Unary),
        BinaryOp::Add | BinaryOp::Sub => (Level::Sum, Level::Product),
        BinaryOp::Shl | BinaryOp::Shr => (Level::Shift, Level::Sum),
        BinaryOp::And => (Level::BitAnd, Level::Shift),
        BinaryOp::Xor => (Level::BitXor, Level::BitAnd),
        BinaryOp::Or => (Level::BitOr, Level::BitXor),
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

/// A number as people read it: what may be a mask in hexadecimal. How the spec wrote it is no difference.
pub(super) fn number(value: u64) -> String {
    match value {
        0..=255 => value.to_string(),
        _ => format!("{value:#x}"),
    }
}

/// `25`, or `22:16`.
pub(super) fn bits(low: u32, width: u32) -> String {
    match width {
        1 => low.to_string(),
        _ => format!("{}:{low}", low.saturating_add(width).saturating_sub(1)),
    }
}

/// An offset with as many digits as datasheets give it.
pub(super) fn offset(value: u64) -> String {
    format!("{value:#07x}")
}
