//! Typed expressions: a [`Num`] is 32 bits wide, a [`Cond`] is true or false.
//!
//! Every number carries its range, and `compile` refuses an expression that may leave 32 bits, divide by zero or shift
//! too far. So nothing made from one of these can overflow.

use std::sync::Arc;

use super::builtin::{Builtin, Flag, Function};
use super::identity::{Choice, Constant, Variants};
use super::register::{EnumValue, Field, FieldPlace, Place, Register};
use super::scheme::Scheme;
use crate::words::words;

/// Smallest and largest value, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Range {
    /// Smallest value.
    pub min: u32,
    /// Largest value.
    pub max: u32,
}

impl Range {
    /// Every 32-bit number.
    pub const FULL: Self = Self {
        min: 0,
        max: u32::MAX,
    };

    /// From 0 to `max`.
    pub fn up_to(max: u32) -> Self {
        Self { min: 0, max }
    }

    /// One value.
    pub fn exactly(value: u32) -> Self {
        Self {
            min: value,
            max: value,
        }
    }
}

/// A number.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Num {
    /// What it is.
    pub kind: NumKind,
    /// The values it may take.
    pub range: Range,
}

impl Num {
    /// Its value, if it is known without the hardware.
    pub fn constant(&self) -> Option<u32> {
        (self.range.min == self.range.max).then_some(self.range.min)
    }
}

/// Kinds of numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum NumKind {
    /// A number as written.
    Literal {
        /// The number.
        value: u32,
        /// Whether the spec wrote it in hexadecimal.
        hex: bool,
    },
    /// A named value of a field.
    Named {
        /// The register of the field.
        register: Arc<Register>,
        /// The field.
        field: Arc<Field>,
        /// The value.
        value: Arc<EnumValue>,
    },
    /// A constant of the spec.
    Constant(Arc<Constant>),
    /// An option that is not a switch.
    Choice(Arc<Choice>),
    /// A number that the port passes in.
    Builtin {
        /// Which.
        builtin: Builtin,
        /// Which element of one that has several.
        index: Option<Box<Num>>,
    },
    /// A name bound by `let`, `for`, an argument or `write_each`.
    Local(String),
    /// A field of several bits in a register bound by `let`.
    LocalField {
        /// The bound name.
        local: String,
        /// The register it was read from.
        register: Arc<Register>,
        /// The field.
        field: Arc<Field>,
    },
    /// A whole register bound by `let`.
    LocalRegister {
        /// The bound name.
        local: String,
        /// The register it was read from.
        register: Arc<Register>,
    },
    /// A register, read now.
    Register(Place),
    /// A field of several bits, read now.
    Field(FieldPlace),
    /// 1 if true, else 0.
    FromCond(Box<Cond>),
    /// `~x`: every bit inverted.
    Invert(Box<Num>),
    /// `swap16(x)`
    Call {
        /// The function.
        function: Function,
        /// What it is given, which has no more bits than it takes.
        argument: Box<Num>,
    },
    /// Two operands.
    Binary {
        /// The operation.
        op: BinaryOp,
        /// Left operand.
        left: Box<Num>,
        /// Right operand.
        right: Box<Num>,
    },
}

words! {
    /// Operations on two numbers. Lowering has proved that they do not overflow. Specs, C and Rust have the same signs.
    pub enum BinaryOp {
        /// `*`
        Mul = "*",
        /// `/`
        Div = "/",
        /// `%`
        Rem = "%",
        /// `+`
        Add = "+",
        /// `-`
        Sub = "-",
        /// `<<`
        Shl = "<<",
        /// `>>`
        Shr = ">>",
        /// `&`
        And = "&",
        /// `^`
        Xor = "^",
        /// `|`
        Or = "|",
    }
}

impl BinaryOp {
    /// The result for two numbers of at most 32 bits, of which lowering has proved that it has at most 32 bits, too.
    pub fn of(self, left: u64, right: u64) -> u64 {
        match self {
            Self::Mul => left * right,
            Self::Div => left / right,
            Self::Rem => left % right,
            Self::Add => left + right,
            Self::Sub => left - right,
            Self::Shl => left << right,
            Self::Shr => left >> right,
            Self::And => left & right,
            Self::Xor => left ^ right,
            Self::Or => left | right,
        }
    }
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Cond {
    /// Always or never.
    Literal(bool),
    /// A field of one bit, read now.
    Bit(FieldPlace),
    /// A field of one bit in a register bound by `let`.
    LocalBit {
        /// The bound name.
        local: String,
        /// The register it was read from.
        register: Arc<Register>,
        /// The field.
        field: Arc<Field>,
    },
    /// A condition bound by `let`.
    Local(String),
    /// An option that is a switch.
    Choice(Arc<Choice>),
    /// A condition that the port passes in.
    Given(Flag),
    /// `completion == scheme`: the completion scheme of the queue; never the only scheme of the NIC.
    Completion(Scheme),
    /// The part is one of these variants; never all of them and never none.
    Variant(Variants),
    /// `not x`
    Not(Box<Cond>),
    /// `x and y`
    And(Box<Cond>, Box<Cond>),
    /// `x or y`
    Or(Box<Cond>, Box<Cond>),
    /// Two numbers compared.
    Compare {
        /// How.
        relation: Relation,
        /// Left operand.
        left: Num,
        /// Right operand.
        right: Num,
    },
}

words! {
    /// Comparisons, with the signs of specs, C and Rust.
    pub enum Relation {
        /// `==`
        Equal = "==",
        /// `!=`
        NotEqual = "!=",
        /// `<`
        Less = "<",
        /// `<=`
        LessOrEqual = "<=",
        /// `>`
        Greater = ">",
        /// `>=`
        GreaterOrEqual = ">=",
    }
}

impl Relation {
    /// The relation of the right number to the left one.
    pub(crate) fn turned(self) -> Self {
        match self {
            Self::Equal | Self::NotEqual => self,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }

    /// Whether it holds between two numbers.
    pub fn holds(self, left: u64, right: u64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// A number or a condition: what a field takes and what `let` binds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Num(Num),
    /// A condition.
    Cond(Cond),
}
