//! Typed expressions: a [`Num`] is 32 bits wide, a [`Cond`] is true or false.
//!
//! Every number carries its range, and `compile` refuses an expression that may leave 32 bits, divide by zero or shift
//! too far. So nothing made from one of these can overflow.

use std::sync::Arc;

use super::identity::{Choice, Constant, Variants};
use super::register::{EnumValue, Field, FieldPlace, Place, Register};
use super::ring::Scheme;

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
    /// A value that the port passes in.
    Builtin(Builtin),
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
    /// `swap16(x)`: the bytes of the low half exchanged; `x` has 16 bits.
    Swap16(Box<Num>),
    /// `swap32(x)`: the four bytes reversed.
    Swap32(Box<Num>),
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

/// Operations on two numbers, none of which can overflow where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `<<`
    Shl,
    /// `>>`
    Shr,
    /// `&`
    And,
    /// `^`
    Xor,
    /// `|`
    Or,
}

impl BinaryOp {
    /// The sign in specs, in C and in Rust.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Mul => "*",
            Self::Div => "/",
            Self::Rem => "%",
            Self::Add => "+",
            Self::Sub => "-",
            Self::Shl => "<<",
            Self::Shr => ">>",
            Self::And => "&",
            Self::Xor => "^",
            Self::Or => "|",
        }
    }
}

/// A value that the port passes to a sequence.
#[derive(Clone, Debug, PartialEq)]
pub enum Builtin {
    /// `ring.base.low`: low half of the ring's DMA address.
    RingBaseLow,
    /// `ring.base.high`: high half of the ring's DMA address.
    RingBaseHigh,
    /// `ring.bytes`: length of the ring.
    RingBytes,
    /// `ring.slots`: number of descriptors.
    RingSlots,
    /// `queue`: the queue being set up.
    Queue,
    /// `queues`: queues in use.
    Queues,
    /// `messages`: MSI-X messages that tell of queues.
    Messages,
    /// `message`: the one of them that came.
    Message,
    /// `mac[i]`: an octet of the station address.
    Mac(Box<Num>),
    /// `multicast[i]`: a word of the multicast hash table.
    Multicast(Box<Num>),
    /// `rss.key[i]`: octets of the hash key.
    RssKey(Box<Num>),
    /// `rss.table[i]`: entries of the table that names queues.
    RssTable(Box<Num>),
    /// `stats.address.low`: low half of the DMA address of the block for counters.
    StatsLow,
    /// `stats.address.high`: its high half.
    StatsHigh,
    /// `frame.max`: largest frame without CRC.
    FrameMax,
    /// `buffer.size`: bytes of one buffer.
    BufferSize,
    /// `headwb.address.low`: low half of the DMA address of the word that takes the head.
    HeadwbLow,
    /// `headwb.address.high`: its high half.
    HeadwbHigh,
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
    /// `promiscuous`: every frame is to be received.
    Promiscuous,
    /// `all_multicast`: every multicast frame is to be received.
    AllMulticast,
    /// `renegotiate`: the link is to be negotiated even if it is up as it should be.
    Renegotiate,
    /// `completion == scheme`: how the queue being set up learns of sent descriptors; never the only scheme there is.
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

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Relation {
    /// The sign in specs, in C and in Rust.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
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

/// What a sequence takes beyond its own arguments, sub-sequences included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Needs {
    /// One of `ring.*`.
    pub ring: bool,
    /// `headwb.address.*` or `completion`
    pub headwb: bool,
    /// `queue`
    pub queue: bool,
    /// `queues`
    pub queues: bool,
    /// `messages`
    pub messages: bool,
    /// `message`
    pub message: bool,
    /// `mac[i]`
    pub mac: bool,
    /// `promiscuous` or `all_multicast`
    pub promiscuous: bool,
    /// `multicast[i]`
    pub multicast: bool,
    /// `frame.max`
    pub frame_max: bool,
    /// `buffer.size`
    pub buffer_size: bool,
    /// `rss.key[i]` or `rss.table[i]`
    pub rss: bool,
    /// `stats.address.*`
    pub stats: bool,
    /// `renegotiate`
    pub renegotiate: bool,
    /// An option.
    pub options: bool,
    /// The variant, by a test or by a constant that varies.
    pub variant: bool,
}

impl Needs {
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            ring: self.ring | other.ring,
            headwb: self.headwb | other.headwb,
            queue: self.queue | other.queue,
            queues: self.queues | other.queues,
            messages: self.messages | other.messages,
            message: self.message | other.message,
            mac: self.mac | other.mac,
            promiscuous: self.promiscuous | other.promiscuous,
            multicast: self.multicast | other.multicast,
            frame_max: self.frame_max | other.frame_max,
            buffer_size: self.buffer_size | other.buffer_size,
            rss: self.rss | other.rss,
            stats: self.stats | other.stats,
            renegotiate: self.renegotiate | other.renegotiate,
            options: self.options | other.options,
            variant: self.variant | other.variant,
        }
    }
}
