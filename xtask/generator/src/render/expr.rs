//! Expressions in Rust. Every value is a `u32` or a `bool`, as checked by `nicspecs`, so none needs a cast or a check.

use nicspecs::ir::{
    BinaryOp, Builtin, Cond, FieldPlace, Flag, Function, Num, NumKind, Place, Register, Relation,
    Scheme, Value, Variants,
};

use super::facts::Facts;
use super::text::{hex, identifier};

/// The context of an expression: the names it may use, and the registers already read.
pub struct Scope<'a> {
    pub facts: &'a Facts<'a>,
    /// The name of the buffer size here.
    pub buffer_size: &'static str,
    /// The suffix of an array access, which may fail.
    pub propagate: &'static str,
    /// Registers whose values already have names.
    pub read: Vec<(Place, String)>,
    /// Array elements that already have names.
    pub located: Vec<(Place, String)>,
}

impl<'a> Scope<'a> {
    pub fn new(facts: &'a Facts<'a>, buffer_size: &'static str) -> Self {
        Self {
            facts,
            buffer_size,
            propagate: "?",
            read: Vec::new(),
            located: Vec::new(),
        }
    }

    pub fn num(&self, num: &Num) -> String {
        self.number(num).code
    }

    pub fn cond(&self, cond: &Cond) -> String {
        self.condition(cond).code
    }

    pub fn value(&self, value: &Value) -> String {
        match value {
            Value::Num(num) => self.num(num),
            Value::Cond(cond) => self.cond(cond),
        }
    }

    /// A number as the integer of a register.
    pub fn raw(&self, num: &Num, register: &Register) -> String {
        match (self.of_width(num, register.width), register.width) {
            (Some(code), _) => code,
            (None, 32) => self.num(num),
            (None, 64) => format!("u64::from({})", self.num(num)),
            (None, width) => format!("{} as u{width}", self.number(num).within(Level::Unary)),
        }
    }

    /// Two compared numbers: with the narrow type of their registers if both can, otherwise as `u32`.
    pub fn compared(&self, left: &Num, right: &Num) -> (String, String) {
        for width in [8, 16, 64] {
            let pair = (self.of_width(left, width), self.of_width(right, width));
            let literals = [left, right].map(|num| matches!(num.kind, NumKind::Literal { .. }));
            if let (Some(left), Some(right)) = pair
                && literals != [true, true]
            {
                return (left, right);
            }
        }
        let (left, right) = (self.number(left), self.number(right));
        (left.compared(), right.compared())
    }

    /// A number as an integer of that width, if it needs no conversion.
    fn of_width(&self, num: &Num, width: u32) -> Option<String> {
        match &num.kind {
            NumKind::Literal { value, .. } => {
                (u64::from(*value) <= u64::MAX >> (64 - width)).then(|| self.num(num))
            }
            kind => {
                let (code, register) = self.native(kind)?;
                (register.width == width).then_some(code)
            }
        }
    }

    /// A value from a register, as an integer of its width.
    fn native<'n>(&self, kind: &'n NumKind) -> Option<(String, &'n Register)> {
        Some(match kind {
            NumKind::Named {
                register, value, ..
            } => (
                format!("{}::{}", register.type_name, value.const_name),
                register,
            ),
            NumKind::LocalField {
                local,
                register,
                field,
            } => {
                let (local, field) = (identifier(local), identifier(&field.snake));
                (format!("{local}.{field}()"), register)
            }
            NumKind::LocalRegister { local, register } => {
                (self.bits(identifier(local), register), register)
            }
            NumKind::Register(place) => (
                self.bits(self.read(place), &place.register),
                &place.register,
            ),
            NumKind::Field(at) => (self.field(at), &at.place.register),
            _ => return None,
        })
    }

    /// The new value of a field.
    pub fn assigned(&self, value: &Value, register: &Register) -> String {
        match value {
            Value::Num(num) => self.raw(num, register),
            Value::Cond(cond) => self.cond(cond),
        }
    }

    /// A register: `REGS.ctrl`, `REGS.ral.at(0)?`.
    pub fn place(&self, place: &Place) -> String {
        if let Some((_, name)) = self.located.iter().find(|(known, _)| known == place) {
            return name.clone();
        }
        let name = identifier(&place.register.snake);
        match &place.index {
            None => format!("REGS.{name}"),
            Some(index) => format!("REGS.{name}.at({}){}", self.num(index), self.propagate),
        }
    }

    /// The value of reading a register.
    pub fn read(&self, place: &Place) -> String {
        match self.read.iter().find(|(known, _)| known == place) {
            Some((_, name)) => name.clone(),
            None => format!("{}.read(bus)", self.place(place)),
        }
    }

    fn field(&self, at: &FieldPlace) -> String {
        format!("{}.{}()", self.read(&at.place), identifier(&at.field.snake))
    }

    fn number(&self, num: &Num) -> Text {
        match &num.kind {
            NumKind::Literal { value, hex: false } => Text::atom(value.to_string()),
            NumKind::Literal { value, hex: true } => Text::atom(hex(u64::from(*value), 0)),
            NumKind::Constant(constant) => Text::atom(match constant.varies() {
                true => format!("self.variant.{}()", identifier(&constant.name)),
                false => constant.name.to_uppercase(),
            }),
            NumKind::Choice(choice) => {
                Text::atom(format!("self.options.{}", identifier(&choice.name)))
            }
            NumKind::Builtin { builtin, index } => {
                Text::atom(self.builtin(*builtin, index.as_deref()))
            }
            NumKind::Local(name) => Text::atom(identifier(name)),
            kind @ (NumKind::Named { .. }
            | NumKind::LocalField { .. }
            | NumKind::LocalRegister { .. }
            | NumKind::Register(_)
            | NumKind::Field(_)) => {
                let (code, register) = self.native(kind).expect("these come from registers");
                Text::atom(widened(code, register))
            }
            NumKind::FromCond(cond) => Text::atom(format!("u32::from({})", self.cond(cond))),
            NumKind::Invert(inner) => {
                Text::unary(format!("!{}", self.number(inner).within(Level::Unary)))
            }
            NumKind::Call { function, argument } => {
                let argument = self.number(argument).within(Level::Atom);
                match function {
                    Function::Swap16 => {
                        Text::new(format!("{argument}.swap_bytes() >> 16"), Level::Shift)
                    }
                    Function::Swap32 => Text::atom(format!("{argument}.swap_bytes()")),
                }
            }
            NumKind::Binary { op, left, right } => {
                let (left, right) = (self.number(left), self.number(right));
                let (left, right) = (left.left_of(*op), right.right_of(*op));
                Text {
                    code: format!("{left} {} {right}", op.name()),
                    level: Level::of(*op),
                    op: Some(*op),
                }
            }
        }
    }

    /// The integer in a register's value.
    fn bits(&self, value: String, register: &Register) -> String {
        match self.facts.is_typed(register) {
            true => format!("{value}.into_bits()"),
            false => value,
        }
    }

    fn builtin(&self, builtin: Builtin, index: Option<&Num>) -> String {
        let element = |array: &str| {
            let index = index.expect("only an element of it is a number");
            format!("{array}({})", self.num(index))
        };
        match builtin {
            Builtin::RingBaseLow => "ring.base.low()".to_owned(),
            Builtin::RingBaseHigh => "ring.base.high()".to_owned(),
            Builtin::RingBytes => "ring.bytes()".to_owned(),
            Builtin::RingSlots => "ring.slots".to_owned(),
            Builtin::HeadwbLow => "ring.head_writeback.low()".to_owned(),
            Builtin::HeadwbHigh => "ring.head_writeback.high()".to_owned(),
            Builtin::Queue => "queue".to_owned(),
            Builtin::Queues => "setup.queues".to_owned(),
            Builtin::Messages => "setup.messages".to_owned(),
            Builtin::Message => "message".to_owned(),
            Builtin::Mac => {
                let index = index.expect("only an octet of it is a number");
                match index.constant() {
                    Some(index) => format!("octets[{index}]"),
                    None => format!(
                        "octets[{} as usize]",
                        self.number(index).within(Level::Unary)
                    ),
                }
            }
            Builtin::Multicast => element("filter.multicast.word"),
            Builtin::RssKey => element("setup.rss.key"),
            Builtin::RssTable => element("setup.rss.entry"),
            Builtin::StatsLow => "block.low()".to_owned(),
            Builtin::StatsHigh => "block.high()".to_owned(),
            Builtin::PciRevision => "u32::from(pci.revision)".to_owned(),
            Builtin::PciSubsystemVendor => "u32::from(pci.subsystem.vendor)".to_owned(),
            Builtin::PciSubsystemDevice => "u32::from(pci.subsystem.device)".to_owned(),
            Builtin::FrameMax => "setup.frame_max".to_owned(),
            Builtin::BufferSize => self.buffer_size.to_owned(),
        }
    }

    fn condition(&self, cond: &Cond) -> Text {
        match cond {
            Cond::Literal(value) => Text::atom(value.to_string()),
            Cond::Bit(at) => Text::atom(self.field(at)),
            Cond::LocalBit { local, field, .. } => Text::atom(format!(
                "{}.{}()",
                identifier(local),
                identifier(&field.snake)
            )),
            Cond::Local(name) => Text::atom(identifier(name)),
            Cond::Choice(choice) => {
                Text::atom(format!("self.options.{}", identifier(&choice.name)))
            }
            Cond::Given(flag) => Text::atom(
                match flag {
                    Flag::Promiscuous => "filter.promiscuous",
                    Flag::AllMulticast => "filter.all_multicast",
                    Flag::Renegotiate => "renegotiate",
                }
                .to_owned(),
            ),
            Cond::Completion(scheme) => completion("==", *scheme),
            Cond::Variant(variants) => self.is_variant(variants),
            Cond::Not(inner) => self.negation(inner),
            Cond::And(left, right) => {
                Text::joined(Level::And, self.condition(left), self.condition(right))
            }
            Cond::Or(left, right) => {
                Text::joined(Level::Or, self.condition(left), self.condition(right))
            }
            Cond::Compare {
                relation,
                left,
                right,
            } => self.comparison(*relation, left, right),
        }
    }

    fn comparison(&self, relation: Relation, left: &Num, right: &Num) -> Text {
        let (left, right) = self.compared(left, right);
        Text::new(
            format!("{left} {} {right}", relation.name()),
            Level::Compare,
        )
    }

    fn negation(&self, cond: &Cond) -> Text {
        match cond {
            Cond::Literal(value) => Text::atom((!value).to_string()),
            Cond::Not(inner) => self.condition(inner),
            Cond::And(left, right) => {
                Text::joined(Level::Or, self.negation(left), self.negation(right))
            }
            Cond::Or(left, right) => {
                Text::joined(Level::And, self.negation(left), self.negation(right))
            }
            Cond::Compare {
                relation,
                left,
                right,
            } => {
                let relation = match relation {
                    Relation::Equal => Relation::NotEqual,
                    Relation::NotEqual => Relation::Equal,
                    Relation::Less => Relation::GreaterOrEqual,
                    Relation::LessOrEqual => Relation::Greater,
                    Relation::Greater => Relation::LessOrEqual,
                    Relation::GreaterOrEqual => Relation::Less,
                };
                self.comparison(relation, left, right)
            }
            Cond::Completion(scheme) => completion("!=", *scheme),
            Cond::Variant(variants) => {
                let mut others = variants.clone();
                others.has.iter_mut().for_each(|has| *has = !*has);
                self.is_variant(&others)
            }
            _ => Text::unary(format!("!{}", self.condition(cond).within(Level::Unary))),
        }
    }

    fn is_variant(&self, variants: &Variants) -> Text {
        let (mut named, mut others) = (Vec::new(), Vec::new());
        for variant in self.facts.nic.variants() {
            let group = match variants.contains(variant.index) {
                true => &mut named,
                false => &mut others,
            };
            group.push(format!("Variant::{}", variant.type_name));
        }
        match (named.as_slice(), others.as_slice()) {
            ([only], _) => Text::new(format!("self.variant == {only}"), Level::Compare),
            (_, [other]) => Text::new(format!("self.variant != {other}"), Level::Compare),
            _ => Text::atom(format!("matches!(self.variant, {})", named.join(" | "))),
        }
    }
}

fn completion(relation: &str, scheme: Scheme) -> Text {
    let code = format!("ring.completion {relation} Completion::{scheme:?}");
    Text::new(code, Level::Compare)
}

/// The integer of a register as a `u32`.
fn widened(code: String, register: &Register) -> String {
    match register.width {
        32 => code,
        64 => format!("({code} as u32)"),
        _ => format!("u32::from({code})"),
    }
}

/// The precedence of an expression, from lowest to highest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
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

impl Level {
    fn of(op: BinaryOp) -> Self {
        match op {
            BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => Self::Product,
            BinaryOp::Add | BinaryOp::Sub => Self::Sum,
            BinaryOp::Shl | BinaryOp::Shr => Self::Shift,
            BinaryOp::And => Self::BitAnd,
            BinaryOp::Xor => Self::BitXor,
            BinaryOp::Or => Self::BitOr,
        }
    }
}

/// Code with its precedence.
struct Text {
    code: String,
    level: Level,
    op: Option<BinaryOp>,
}

impl Text {
    fn new(code: String, level: Level) -> Self {
        Self {
            code,
            level,
            op: None,
        }
    }

    fn atom(code: String) -> Self {
        Self::new(code, Level::Atom)
    }

    fn unary(code: String) -> Self {
        Self::new(code, Level::Unary)
    }

    /// Two conditions joined by the operator of that level.
    fn joined(level: Level, left: Text, right: Text) -> Self {
        let sign = if level == Level::And { "&&" } else { "||" };
        let (left, right) = (left.within(level), right.within(level));
        Self::new(format!("{left} {sign} {right}"), level)
    }

    fn parenthesised(self, needed: bool) -> String {
        match needed {
            true => format!("({})", self.code),
            false => self.code,
        }
    }

    /// As an operand with at least the precedence `level`.
    fn within(self, level: Level) -> String {
        let needed = self.level < level;
        self.parenthesised(needed)
    }

    /// As an operand of a comparison, where only arithmetic needs no parentheses.
    fn compared(self) -> String {
        let needed = self.level < Level::Sum;
        self.parenthesised(needed)
    }

    /// As the left operand: without parentheses if the precedence is well known.
    fn left_of(self, op: BinaryOp) -> String {
        let known = match op {
            BinaryOp::Add | BinaryOp::Sub => self.level >= Level::Sum,
            BinaryOp::Shl | BinaryOp::Shr => self.level >= Level::Unary,
            _ => self.level >= Level::Unary || self.op == Some(op),
        };
        self.parenthesised(!known)
    }

    /// As the right operand.
    fn right_of(self, op: BinaryOp) -> String {
        let known = match op {
            BinaryOp::Add | BinaryOp::Sub => self.level >= Level::Product,
            _ => self.level >= Level::Unary,
        };
        self.parenthesised(!known)
    }
}
