//! What the simulated device needs beyond the facts that the driver uses.

use std::sync::Arc;

use super::expr::{Cond, Num};
use super::identity::Variants;
use super::register::{Field, FieldPlace, Register};
use super::shown::Shown;
use crate::words::words;

/// What the simulated device needs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Model {
    /// Writing one to any of these resets the device.
    pub reset: Vec<FieldPlace>,
    /// Fields that read as zero after a write of one.
    pub self_clearing: Vec<FieldPlace>,
    /// Fields that the device computes.
    pub follows: Vec<Follow>,
    /// Registers that a reset leaves alone.
    pub keeps: Vec<Arc<Register>>,
    /// Fields whose value after a reset differs from `reset` of their registers.
    pub comes_up: Vec<Shown>,
    /// Fields that are one after a read.
    pub set_by_reading: Vec<FieldPlace>,
    /// Registers that ignore writes at times.
    pub locks: Vec<Lock>,
    /// Variants that lose a kick of the doorbell which comes while the transmitter is about to end a burst.
    pub kick_lost_on: Variants,
    /// The transmit rings.
    pub tx: ModelRing,
    /// The receive rings.
    pub rx: ModelRing,
    /// Longest frame received, in bytes with CRC; `None` if every length passes.
    pub rx_longest: Option<Num>,
    /// Bytes by which a frame with a VLAN tag may be longer than that; `None` if a tag counts as any other bytes.
    pub rx_tag: Option<Num>,
    /// Whether a frame that finds no descriptor is lost.
    pub rx_lossy: bool,
    /// Which frames pass the filter.
    pub accept: Accept,
    /// The MAC address filter.
    pub station: Station,
    /// How counters are dumped to memory.
    pub stats_block: Option<StatsBlock>,
    /// The EEPROM.
    pub eeprom: Option<Eeprom>,
    /// The PHY.
    pub phy: Option<Phy>,
    /// Values that the hardware needs.
    pub require: Vec<Require>,
    /// What takes effect late.
    pub late: Vec<Late>,
    /// What the device shows of its link, by speed and duplex.
    pub links: Vec<LinkShown>,
    /// Devices that a port must not come up on.
    pub refuse: Vec<Refusal>,
    /// Facts without effect in any model, and why: tests need not detect wrong values of these.
    pub unobservable: Vec<Unobservable>,
}

/// Registers and fields that have no effect in any model.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unobservable {
    /// `TIPG`, `RCTL.RDMTS`.
    pub facts: Vec<String>,
    /// Why.
    pub why: String,
}

impl Unobservable {
    /// Whether it lists a register or field; a register includes its fields.
    pub fn covers(&self, what: &str) -> bool {
        self.facts.iter().any(|fact| {
            let rest = what.strip_prefix(fact.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

/// A field that the device computes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Follow {
    /// The field.
    pub field: FieldPlace,
    /// Its value; it fits the field.
    pub is: Num,
}

/// When a ring runs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ModelRing {
    /// Fields that must be one; an index may be the builtin `queue`.
    pub enable: Vec<FieldPlace>,
}

/// Fields that let frames pass.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Accept {
    /// Broadcast frames.
    pub broadcast: FieldPlace,
    /// Every frame.
    pub promiscuous: FieldPlace,
    /// Every multicast frame; `None` if only a full table lets them pass.
    pub all_multicast: Option<FieldPlace>,
    /// Frames to a MAC address of the filter; `None` if they always pass.
    pub stations: Option<FieldPlace>,
    /// Multicast frames that the table names; `None` if they always pass.
    pub table: Option<FieldPlace>,
}

/// The MAC address filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Station {
    /// In two registers.
    Words {
        /// First four octets.
        low: Arc<Register>,
        /// Last two octets.
        high: Arc<Register>,
        /// Whether the entry counts; `None` if it always does.
        valid: Option<Arc<Field>>,
    },
    /// In an array of six registers of 8 bits.
    Octets(Arc<Register>),
}

/// How counters are dumped to memory.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StatsBlock {
    /// Low half of the block's address.
    pub low: Arc<Register>,
    /// High half.
    pub high: Arc<Register>,
    /// The field of `low` that starts a dump, at whose end it is zero again.
    pub start: Arc<Field>,
}

/// The EEPROM, as its command register shows it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Eeprom {
    /// The command register.
    pub command: Arc<Register>,
    /// Written as one to start.
    pub start: Arc<Field>,
    /// Reads as one when done.
    pub done: Arc<Field>,
    /// Which word.
    pub address: Arc<Field>,
    /// What it holds.
    pub data: Arc<Field>,
    /// Words that are not zero, by address, in the spec's order.
    pub words: Vec<(u32, u16)>,
}

/// The PHY, as its command register shows it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Phy {
    /// How its registers are accessed.
    pub access: PhyAccess,
    /// The PHY register that is zero while the others are those of IEEE 802.3, if they are not always.
    pub page: Option<u8>,
    /// Registers that are not zero, in the spec's order.
    pub registers: Vec<(u32, u16)>,
}

/// How registers of the PHY are accessed.
#[derive(Clone, Debug, PartialEq)]
pub enum PhyAccess {
    /// Through a command register.
    Command {
        /// The register.
        command: Arc<Register>,
        /// Which PHY register.
        register: Arc<Field>,
        /// What it holds.
        data: Arc<Field>,
        /// How an access starts and ends.
        way: PhyCommand,
    },
    /// Each is a register of the NIC.
    Mapped(Vec<(u8, Arc<Register>)>),
}

/// How an access through a command register starts and ends.
#[derive(Clone, Debug, PartialEq)]
pub enum PhyCommand {
    /// By an operation, and a field that reports the end.
    Operation {
        /// 1 writes, 2 reads.
        op: Arc<Field>,
        /// Reads as one when done.
        ready: Arc<Field>,
    },
    /// By a flag that turns over at the end: written as one to write, as zero to read.
    Flag(Arc<Field>),
}

/// Registers that ignore writes at times.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Lock {
    /// They take writes while this holds.
    pub unless: Cond,
    /// The registers.
    pub registers: Vec<Arc<Register>>,
    /// Section of the datasheet.
    pub section: String,
}

/// A value that the hardware needs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Require {
    /// The field and its value.
    pub value: Shown,
    /// When.
    pub at: Moment,
    /// The variants that need it.
    pub only_on: Variants,
    /// Section of the datasheet.
    pub section: String,
}

words! {
    /// When the hardware needs a value.
    pub enum Moment {
        /// When a ring is enabled.
        Ring = "ring",
        /// When the device is reset.
        Reset = "reset",
        /// When the register is written.
        Write = "write",
    }
}

words! {
    /// What takes effect late.
    pub enum After {
        /// A write that sets the field.
        Write = "write",
        /// A write that clears it.
        Clear = "clear",
        /// A reset of the device.
        Reset = "reset",
    }
}

/// A field that shows its new value only after some reads.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Late {
    /// The field.
    pub field: FieldPlace,
    /// What takes effect late.
    pub after: After,
    /// Registers that the driver must not access before that.
    pub before: Vec<Arc<Register>>,
    /// Section of the datasheet.
    pub section: String,
}

/// What the device shows of a link.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LinkShown {
    /// Megabits a second.
    pub mbps: u32,
    /// Whether both sides may send at once.
    pub full_duplex: bool,
    /// Fields that say so.
    pub shows: Vec<Shown>,
    /// Where there is such a link.
    pub only_on: Variants,
}

/// A device that a port must not come up on.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Refusal {
    /// How it looks.
    pub shows: Vec<Shown>,
    /// On which variants.
    pub only_on: Variants,
    /// Section of the datasheet.
    pub section: String,
}
