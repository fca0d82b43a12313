//! Sequences: a tree of typed steps.

use std::sync::Arc;

use super::builtin::Needs;
use super::expr::{Cond, Num, Value};
use super::register::{Field, Place, Register};
use crate::diagnostic::Line;
use crate::diagnostic::NodeId;
use crate::words::words;

/// A sequence.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sequence {
    /// Its signature, for callers.
    pub signature: Arc<Signature>,
    /// Section of the datasheet.
    pub section: String,
    /// One sentence.
    pub doc: Option<String>,
    /// Steps, in order.
    pub steps: Vec<Step>,
}

/// The signature of a sequence, for callers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Signature {
    /// Name in the spec: `tx.enable`.
    pub name: String,
    /// `tx_enable`
    pub snake: String,
    /// Whether the port calls it; otherwise it is a sub-sequence.
    pub is_port: bool,
    /// Arguments of its own.
    pub args: Vec<Argument>,
    /// What it returns.
    pub returns: Option<Returns>,
    /// The values that it takes beyond its arguments, sub-sequences included.
    pub needs: Needs,
    /// Whether it can fail: it has a poll that fails, a `verify` or a `fail`, or runs a sequence that can.
    pub can_fail: bool,
    /// Whether it may sleep.
    pub may_sleep: bool,
    /// Whether it does sleep, itself or in a sequence it runs; implies `may_sleep`.
    pub sleeps: bool,
}

/// An argument of a sub-sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its largest value.
    pub max: u32,
}

words! {
    /// What a sequence returns.
    pub enum Returns {
        /// 8 bits
        U8 = "u8",
        /// 16 bits
        U16 = "u16",
        /// 32 bits
        U32 = "u32",
        /// A MAC address.
        Mac = "mac",
    }
}

/// A step. Two steps are equal if they do the same, wherever they are.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Step {
    /// Why, one sentence without a full stop.
    pub why: Option<String>,
    /// Section of the datasheet, where it is not the sequence's.
    pub section: Option<String>,
    /// What it does.
    pub action: Action,
    /// The line that it begins on.
    pub line: Line,
    /// Its position in the spec.
    pub(crate) node: NodeId,
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            why,
            section,
            action,
            line: _,
            node: _,
        } = self;
        (why, section, action) == (&other.why, &other.section, &other.action)
    }
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Write a whole register.
    Write {
        /// Where.
        place: Place,
        /// What.
        value: Written,
    },
    /// Read a register, change these fields, write it; `set` and `clear` become this.
    Modify {
        /// Where.
        place: Place,
        /// What changes.
        fields: Vec<Assign>,
    },
    /// Write every element of an array.
    WriteEach {
        /// The array.
        register: Arc<Register>,
        /// The value; the local `i` is the element.
        value: Num,
    },
    /// Bind a name.
    Let {
        /// The name.
        name: String,
        /// To what.
        value: Binding,
    },
    /// Read until a condition holds, for a bounded time.
    Poll {
        /// The condition.
        until: Cond,
        /// Pause between two reads.
        every: Duration,
        /// When to give up.
        within: Duration,
        /// What then.
        on_timeout: OnTimeout,
    },
    /// Wait without giving up the processor, at most 50 us.
    Delay(Duration),
    /// Wait; other threads run.
    Sleep(Duration),
    /// Read a register so that writes before it have arrived.
    Flush(Place),
    /// Make memory written so far visible to the device.
    Publish,
    /// Choose.
    If {
        /// The condition.
        cond: Cond,
        /// Steps if it holds.
        then: Vec<Step>,
        /// Steps if it does not.
        otherwise: Vec<Step>,
    },
    /// Repeat for each number from `first` to below `end`.
    For {
        /// The local that counts.
        name: String,
        /// First value.
        first: Num,
        /// Upper bound, excluded.
        end: Num,
        /// Steps.
        body: Vec<Step>,
    },
    /// Run a sub-sequence.
    Run {
        /// Which.
        callee: Arc<Signature>,
        /// Its arguments, in the order of `callee.args`.
        args: Vec<Passed>,
        /// The name that what it returns is bound to.
        bind: Option<String>,
    },
    /// Enter, do something, leave even if that failed.
    Guard {
        /// Steps before.
        enter: Vec<Step>,
        /// Steps.
        body: Vec<Step>,
        /// Steps after, on errors of `body` too.
        leave: Vec<Step>,
    },
    /// Fail unless a condition holds.
    Verify {
        /// The condition.
        cond: Cond,
        /// The error message otherwise.
        otherwise: String,
    },
    /// Fail.
    Fail(String),
    /// Return a number; the last step of a sequence.
    Return(Num),
    /// Return a MAC address; the last step of a sequence.
    ReturnMac(Box<[Num; 6]>),
}

impl Action {
    /// The lists of steps inside, in order.
    pub fn bodies(&self) -> impl Iterator<Item = &[Step]> {
        let (a, b, c): (&[Step], &[Step], &[Step]) = match self {
            Self::If {
                then, otherwise, ..
            } => (then, otherwise, &[]),
            Self::For { body, .. } => (body, &[], &[]),
            Self::Guard { enter, body, leave } => (enter, body, leave),
            _ => (&[], &[], &[]),
        };
        [a, b, c].into_iter()
    }

    pub(crate) fn bodies_mut(&mut self) -> impl Iterator<Item = &mut [Step]> {
        let (a, b, c): (&mut [Step], &mut [Step], &mut [Step]) = match self {
            Self::If {
                then, otherwise, ..
            } => (then, otherwise, &mut []),
            Self::For { body, .. } => (body, &mut [], &mut []),
            Self::Guard { enter, body, leave } => (enter, body, leave),
            _ => (&mut [], &mut [], &mut []),
        };
        [a, b, c].into_iter()
    }
}

/// What is written to a whole register.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// A number.
    Number(Num),
    /// These fields; the others are zero.
    Fields(Vec<Assign>),
}

/// A field and its new value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Assign {
    /// The field.
    pub field: Arc<Field>,
    /// The value: a condition for a field of one bit, otherwise a number that fits.
    pub value: Value,
}

/// An argument passed to a sub-sequence.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Passed {
    /// The argument's name.
    pub name: String,
    /// Its value, no more than the argument's largest.
    pub value: Num,
}

/// What a `let` binds.
#[derive(Clone, Debug, PartialEq)]
pub enum Binding {
    /// A number or a condition.
    Value(Value),
    /// A register, whose fields later steps may use.
    Register(Place),
}

/// A length of time.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Duration {
    /// How many units: a literal or a constant of the spec.
    pub count: Num,
    /// Of what.
    pub unit: Unit,
}

impl Duration {
    /// Longest value in microseconds.
    pub fn max_us(&self) -> u64 {
        u64::from(self.count.range.max) * u64::from(self.unit.us())
    }

    /// Shortest value in microseconds.
    pub fn min_us(&self) -> u64 {
        u64::from(self.count.range.min) * u64::from(self.unit.us())
    }
}

words! {
    /// A unit of time.
    pub enum Unit {
        /// Microsecond.
        Us = "us",
        /// Millisecond.
        Ms = "ms",
        /// Second.
        S = "s",
    }
}

impl Unit {
    /// Microseconds in it.
    pub fn us(self) -> u32 {
        match self {
            Self::Us => 1,
            Self::Ms => 1_000,
            Self::S => 1_000_000,
        }
    }
}

words! {
    /// What happens when a poll gives up.
    pub enum OnTimeout {
        /// The sequence fails.
        Fail = "fail",
        /// The sequence continues.
        Continue = "continue",
    }
}
