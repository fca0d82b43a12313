//! The lowered model of a NIC: what templates consume.
//!
//! Only [`compile`](crate::compile()) builds these types, so holding a [`Nic`] proves that every rule passed. Names are
//! resolved to the thing they name, numbers to numbers and conditions to conditions, and lists keep the order of the
//! spec. An `Option` is a fact that a NIC may lack, never something to look up later.

pub(crate) mod builtin;
mod descriptor;
mod expr;
mod facts;
mod identity;
mod limited;
mod limits;
mod messages;
mod model;
mod modified;
mod register;
mod ring;
mod rss;
mod scheme;
mod sequence;
mod shown;
pub mod visit;

use crate::identifiers;
use std::sync::Arc;

pub use crate::diagnostic::Line;
pub use builtin::{Builtin, Flag, Function, Need, Needs};
pub use descriptor::{Descriptor, DescriptorField, Owner, Word, quadword};
pub use expr::{BinaryOp, Cond, Num, NumKind, Range, Relation, Value};
pub use facts::{
    Acknowledge, Also, Cause, Counter, Counts, Filters, Hash, InterruptMode, Interrupts, Link,
    Mask, Multicast, OrderEvent, OrderRule, Source, Speed, Throttle,
};
pub use identity::{Choice, Constant, PciId, QemuLack, QemuModel, Space, Variant, Variants};
pub(crate) use limited::Limited;
pub use limits::{Limit, Narrower};
pub use messages::{MessageCauses, Messages};
pub use model::{
    Accept, After, Eeprom, Follow, Late, LinkShown, Lock, Model, ModelRing, Moment, Phy, PhyAccess,
    PhyCommand, Refusal, Require, Station, StatsBlock, Unobservable,
};
pub use register::{Access, EnumValue, Field, FieldPlace, Piece, Place, Register, Used};
pub use ring::{
    Buffer, Completion, Crc, Doorbell, FrameLimits, Good, Pattern, Restart, RingLimits,
    RingRegisters, Rx, Setting, SettingValue, Stripped, Tx, TxCompletion, Vlan,
};
pub use rss::{Rss, RssTable, RssType};
pub use scheme::Scheme;
pub use sequence::{
    Action, Argument, Assign, Binding, Duration, OnTimeout, Passed, Returns, Sequence, Signature,
    Step, Unit, Written,
};

pub use shown::{Showing, Shown};

/// A NIC that passed every rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Nic {
    pub(crate) is_toy: bool,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) datasheet: String,
    pub(crate) variants: Vec<Arc<Variant>>,
    pub(crate) spaces: Vec<Arc<Space>>,
    pub(crate) constants: Vec<Arc<Constant>>,
    pub(crate) options: Vec<Arc<Choice>>,
    pub(crate) registers: Vec<Arc<Register>>,
    pub(crate) descriptors: Vec<Arc<Descriptor>>,
    pub(crate) tx: Tx,
    pub(crate) rx: Rx,
    pub(crate) interrupts: Interrupts,
    pub(crate) link: Link,
    pub(crate) filters: Filters,
    pub(crate) rss: Option<Rss>,
    pub(crate) statistics: Vec<Counter>,
    pub(crate) order: Vec<OrderRule>,
    pub(crate) sequences: Vec<Sequence>,
    pub(crate) model: Model,
}

impl Nic {
    /// The spec's name, which is its file's stem.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether no one makes it: its spec is kept with the tests.
    pub fn is_toy(&self) -> bool {
        self.is_toy
    }

    /// Name of the generated module: `nic_` and the name; a name that starts with a letter is its own module.
    pub fn module(&self) -> String {
        identifiers::module(&self.name)
    }

    /// What people call it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The document that every section number refers to.
    pub fn datasheet(&self) -> &str {
        &self.datasheet
    }

    /// The parts this spec covers; the first is the default.
    pub fn variants(&self) -> &[Arc<Variant>] {
        &self.variants
    }

    /// Where registers live; the first is the default of every register.
    pub fn spaces(&self) -> &[Arc<Space>] {
        &self.spaces
    }

    /// Named numbers.
    pub fn constants(&self) -> &[Arc<Constant>] {
        &self.constants
    }

    /// The options that a user may set.
    pub fn options(&self) -> &[Arc<Choice>] {
        &self.options
    }

    /// Every register, in the spec's order.
    pub fn registers(&self) -> &[Arc<Register>] {
        &self.registers
    }

    /// The register of that mnemonic.
    pub fn register(&self, name: &str) -> Option<&Arc<Register>> {
        self.registers.iter().find(|register| register.name == name)
    }

    /// Descriptor formats, in the spec's order.
    pub fn descriptors(&self) -> &[Arc<Descriptor>] {
        &self.descriptors
    }

    /// The transmit ring protocol.
    pub fn tx(&self) -> &Tx {
        &self.tx
    }

    /// The receive ring protocol.
    pub fn rx(&self) -> &Rx {
        &self.rx
    }

    /// The larger of the two directions' queue counts.
    pub fn queues(&self) -> u32 {
        self.tx.queues.max(self.rx.queues)
    }

    /// How the NIC interrupts.
    pub fn interrupts(&self) -> &Interrupts {
        &self.interrupts
    }

    /// How the state of the link is read.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// Address filters.
    pub fn filters(&self) -> &Filters {
        &self.filters
    }

    /// How received frames are spread over queues, if the NIC does.
    pub fn rss(&self) -> Option<&Rss> {
        self.rss.as_ref()
    }

    /// Counters, in the spec's order.
    pub fn statistics(&self) -> &[Counter] {
        &self.statistics
    }

    /// Bytes of the block that `statistics.dump` fills, a multiple of 8; 0 if no counter is in one.
    pub fn statistics_block(&self) -> u32 {
        let ends = self.statistics.iter().map(|counter| match counter.source {
            Source::Block { offset, bytes } => offset + bytes,
            Source::One(_) | Source::Pair { .. } => 0,
        });
        ends.max().unwrap_or(0).next_multiple_of(8)
    }

    /// Order rules of the hardware.
    pub fn order(&self) -> &[OrderRule] {
        &self.order
    }

    /// Every sequence, in the spec's order.
    pub fn sequences(&self) -> &[Sequence] {
        &self.sequences
    }

    /// The sequence of that name. Those that a port calls (see [`crate::lifecycle::PORT`]) and that are not optional
    /// always exist.
    pub fn sequence(&self, name: &str) -> Option<&Sequence> {
        self.sequences
            .iter()
            .find(|sequence| sequence.signature.name == name)
    }

    /// What the simulated device needs beyond the facts above.
    pub fn model(&self) -> &Model {
        &self.model
    }
}
