//! Interrupts, link, filters, statistics and order rules.

use std::sync::Arc;

use super::expr::Cond;
use super::identity::Variants;
use super::messages::Messages;
use super::register::{Access, Field, FieldPlace, Register};
use super::shown::Shown;
use crate::diagnostic::Line;
use crate::words::words;

/// How the NIC interrupts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Interrupts {
    /// Section of the datasheet.
    pub section: String,
    /// Modes it has, best last.
    pub modes: Vec<InterruptMode>,
    /// The register that says why.
    pub cause: Arc<Register>,
    /// How a cause is acknowledged.
    pub acknowledge: Acknowledge,
    /// Which causes interrupt.
    pub mask: Mask,
    /// What the fields of the cause register mean.
    pub causes: Vec<Cause>,
    /// How interrupts are spread out.
    pub throttle: Option<Throttle>,
    /// MSI-X; `None` if the NIC has none.
    pub messages: Option<Messages>,
}

impl Interrupts {
    /// The bits of the cause register for a kind of event: `tx`, `rx` or `link`.
    pub fn mask(&self, name: &str) -> u64 {
        let causes = self.causes.iter().filter(|cause| cause.name == name);
        let fields = causes.flat_map(|cause| &cause.fields);
        fields.fold(0, |mask, field| mask | field.mask())
    }
}

/// The registers that choose which causes interrupt.
#[derive(Clone, Debug, PartialEq)]
pub enum Mask {
    /// One register holds the mask.
    Whole(Arc<Register>),
    /// Two registers change it.
    Pair {
        /// Writing ones enables.
        set: Arc<Register>,
        /// Writing ones disables.
        clear: Arc<Register>,
    },
}

impl Mask {
    /// The register whose ones enable.
    pub fn set(&self) -> &Arc<Register> {
        let (Self::Whole(set) | Self::Pair { set, .. }) = self;
        set
    }

    /// The register that disables; of a whole mask, the same register.
    pub fn clear(&self) -> &Arc<Register> {
        let (Self::Whole(clear) | Self::Pair { clear, .. }) = self;
        clear
    }

    /// Every register with its key in the spec.
    pub(crate) fn keys(&self) -> Vec<(&'static str, &Arc<Register>)> {
        match self {
            Self::Whole(mask) => vec![("mask", mask)],
            Self::Pair { set, clear } => vec![("mask_set", set), ("mask_clear", clear)],
        }
    }
}

words! {
    /// A way to interrupt.
    pub enum InterruptMode {
        /// A shared wire.
        Intx = "intx",
        /// One message.
        Msi = "msi",
        /// A table of messages.
        Msix = "msix",
    }
}

words! {
    /// How a cause is acknowledged.
    pub enum Acknowledge {
        /// By reading it.
        Read = "read",
        /// By writing back what was read.
        Write = "write",
    }
}

/// A kind of event.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Cause {
    /// `tx`, `rx` or `link`.
    pub name: String,
    /// Fields of the cause register.
    pub fields: Vec<Arc<Field>>,
}

/// A register that spreads interrupts out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Throttle {
    /// The register; an array is indexed by vector.
    pub register: Arc<Register>,
    /// The field with the interval, if it is not the whole register.
    pub field: Option<Arc<Field>>,
    /// Nanoseconds in one unit.
    pub unit_ns: u32,
}

/// How the state of the link is read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Link {
    /// Section of the datasheet.
    pub section: String,
    /// Whether the device is there; false if every register reads all ones.
    pub present: Cond,
    /// Whether there is a link.
    pub up: Cond,
    /// What a device shows without a link; nothing if there always is one.
    pub down: Vec<Shown>,
    /// Speeds; the first whose condition holds.
    pub speeds: Vec<Speed>,
    /// Whether both sides may send at once.
    pub full_duplex: Cond,
}

impl Link {
    /// Every condition that a read of the link tests.
    pub fn conditions(&self) -> impl Iterator<Item = &Cond> {
        let speeds = self.speeds.iter().map(|speed| &speed.when);
        [&self.present, &self.up, &self.full_duplex]
            .into_iter()
            .chain(speeds)
    }
}

/// A speed of the link.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Speed {
    /// When it is this one.
    pub when: Cond,
    /// Megabits a second.
    pub mbps: u32,
}

/// Address filters.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Filters {
    /// Section of the datasheet.
    pub section: String,
    /// The multicast hash table, if there is one.
    pub multicast: Option<Multicast>,
    /// Whether the filter takes writes only from a device that was started.
    pub after_start: bool,
}

/// The multicast hash table.
#[derive(Clone, Debug, PartialEq)]
pub struct Multicast {
    /// Its registers.
    pub table: Arc<Register>,
    /// What picks a bit of it: bit `hash & 31` of element `hash >> 5`.
    pub hash: Hash,
    /// Variants on which the octets of the whole table are reversed.
    pub reversed_on: Variants,
}

/// The hash that selects a bit of the multicast table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// Bits of the address; bit 0 is the lowest of the first octet on the wire.
    AddressBits {
        /// Lowest bit.
        low: u32,
        /// Number of bits.
        width: u32,
    },
    /// Bits of the address's CRC.
    Crc32 {
        /// Lowest bit.
        low: u32,
        /// Number of bits.
        width: u32,
    },
}

/// A counter.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Counter {
    /// Name in the spec: `rx_good_frames`.
    pub name: String,
    /// What people call it.
    pub doc: Option<String>,
    /// Where it is read.
    pub source: Source,
    /// Another register that counts instead of `source` while a field is set; both are summed.
    pub also: Option<Also>,
    /// The variants that have it: those that have its registers.
    pub variants: Variants,
    /// What every device model can count.
    pub counts: Option<Counts>,
}

/// A register that counts instead of another one while a field is set.
#[derive(Clone, Debug, PartialEq)]
pub struct Also {
    /// The register.
    pub register: Arc<Register>,
    /// The field, of whichever queue the event concerns.
    pub when: FieldPlace,
}

impl Counter {
    /// The access of the register that clears it, if it is in registers.
    pub fn access(&self) -> Option<Access> {
        match &self.source {
            Source::One(register) | Source::Pair { high: register, .. } => Some(register.access),
            Source::Block { .. } => None,
        }
    }
}

/// Where a counter is read. The elements of an array are summed.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// One register.
    One(Arc<Register>),
    /// Two halves; the low one is read first.
    Pair {
        /// Low half.
        low: Arc<Register>,
        /// High half.
        high: Arc<Register>,
    },
    /// In the block that `statistics.dump` makes the NIC write, lowest byte first.
    Block {
        /// Bytes from the start of the block, a multiple of `bytes`.
        offset: u32,
        /// Bytes of the counter: 1, 2, 4 or 8.
        bytes: u32,
    },
}

words! {
    /// What a counter counts.
    pub enum Counts {
        /// Frames received without error.
        RxFrames = "rx_frames",
        /// Bytes of those, with CRC.
        RxBytes = "rx_bytes",
        /// Frames sent.
        TxFrames = "tx_frames",
        /// Bytes of those, with CRC.
        TxBytes = "tx_bytes",
        /// Broadcast frames received.
        RxBroadcast = "rx_broadcast",
        /// Multicast frames received.
        RxMulticast = "rx_multicast",
        /// Frames lost because no descriptor was free.
        RxMissed = "rx_missed",
        /// Frames received with a wrong CRC.
        RxCrcErrors = "rx_crc_errors",
        /// Frames received that were longer than the NIC takes, or not of the length they should have had.
        RxLengthErrors = "rx_length_errors",
        /// Frames lost because they came faster than they could be stored.
        RxOverruns = "rx_overruns",
    }
}

impl Counts {
    /// Whether the frames that it counts are lost.
    pub fn loses(self) -> bool {
        match self {
            Counts::RxMissed
            | Counts::RxCrcErrors
            | Counts::RxLengthErrors
            | Counts::RxOverruns => true,
            Counts::RxFrames
            | Counts::RxBytes
            | Counts::TxFrames
            | Counts::TxBytes
            | Counts::RxBroadcast
            | Counts::RxMulticast => false,
        }
    }
}

/// What has to happen before something else does. Registers that come first are not written again afterwards.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OrderRule {
    /// What happens first.
    pub first: Vec<OrderEvent>,
    /// What happens then.
    pub then: OrderEvent,
    /// Section of the datasheet.
    pub section: String,
    /// The line that it begins on.
    pub line: Line,
}

impl PartialEq for OrderRule {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            first,
            then,
            section,
            line: _,
        } = self;
        (first, then, section) == (&other.first, &other.then, &other.section)
    }
}

/// What an order rule puts in order.
#[derive(Clone, Debug, PartialEq)]
pub enum OrderEvent {
    /// The register is written.
    Written(Arc<Register>),
    /// The field becomes one.
    Set(FieldPlace),
}

impl OrderEvent {
    /// `REG` or `REG.FIELD`, whichever element of an array it is of.
    pub fn name(&self) -> String {
        match self {
            Self::Written(register) => register.name.clone(),
            Self::Set(field) => field.name(),
        }
    }

    /// The register concerned.
    pub fn register(&self) -> &Arc<Register> {
        match self {
            Self::Written(register) => register,
            Self::Set(field) => &field.place.register,
        }
    }

    /// The field, if it is not the whole register.
    pub fn field(&self) -> Option<&Arc<Field>> {
        match self {
            Self::Written(_) => None,
            Self::Set(field) => Some(&field.field),
        }
    }
}
