//! Everything of a device that is not its rings.

use super::{Computed, FieldName};
use crate::MulticastHash;

/// Registers of interrupts.
#[derive(Debug)]
pub struct InterruptModel {
    /// The cause register.
    pub cause: &'static str,
    /// Whether reading the cause register clears it.
    pub clears_on_read: bool,
    /// Sets bits of the mask.
    pub mask_set: &'static str,
    /// Clears bits of the mask.
    pub mask_clear: &'static str,
    /// Fields of the cause register that frames sent raise, the usual one first.
    pub tx: &'static [&'static str],
    /// Fields that frames received raise, the usual one first.
    pub rx: &'static [&'static str],
    /// Fields that the link raises, the usual one first.
    pub link: &'static [&'static str],
    /// How MSI-X messages are told; `None` without MSI-X.
    pub messages: Option<MessageModel>,
}

/// MSI-X: which message tells of what.
#[derive(Debug)]
pub struct MessageModel {
    /// Messages of the table.
    pub count: u32,
    /// Field that makes the map name messages, where it names bits of the cause before; `None` if it does nothing else.
    pub when: Option<FieldName>,
    /// The entry of a receive queue: the message in its lowest bits.
    pub rx: Computed,
    /// The entry of a transmit queue.
    pub tx: Computed,
    /// The entry of all other causes.
    pub other: Computed,
    /// The bit of an entry that tells that it holds; the message stands below it.
    pub valid: u32,
    /// Register in which it stands that a message is due.
    pub cause: &'static str,
    /// Its fields with a bit for each queue, and the bit of other causes; `None` if bit `m` is message `m`.
    pub causes: Option<MessageCauses>,
    /// Lets messages be sent, bit by bit as in the cause; an array goes on with the next 32 messages.
    pub mask_set: &'static str,
    /// Keeps them from being sent.
    pub mask_clear: &'static str,
    /// What a message that is sent clears in the cause.
    pub auto_clear: &'static str,
    /// The field of it for the first messages, if the others are cleared anyway; empty for the whole register.
    pub auto_field: &'static str,
    /// Whether it masks that, too.
    pub masks: bool,
    /// Section of the datasheet.
    pub section: &'static str,
}

/// Fields of causes that stand for themselves, whatever message tells of them.
#[derive(Debug)]
pub struct MessageCauses {
    /// A bit for each receive queue.
    pub rx: &'static str,
    /// A bit for each transmit queue.
    pub tx: &'static str,
    /// All others.
    pub other: &'static str,
}

/// The station addresses; those of element 0 are loaded by a reset.
#[derive(Debug, Clone, Copy)]
pub enum StationModel {
    /// Arrays of two 32-bit registers for each address.
    Halves {
        /// Octets 0 to 3.
        low: &'static str,
        /// Octets 4 and 5.
        high: &'static str,
        /// Field of `high` that tells whether the element counts; empty if it always does.
        valid: &'static str,
    },
    /// An array of six registers of 8 bits, one octet each, for the only address.
    Octets(&'static str),
}

/// The multicast table.
#[derive(Debug, Clone, Copy)]
pub struct MulticastModel {
    /// Its registers; bit `hash & 31` of element `hash >> 5` counts.
    pub table: &'static str,
    /// What picks a bit.
    pub hash: MulticastHash,
    /// Variants on which the octets of the whole table stand the other way round.
    pub reversed_on: &'static [&'static str],
}

/// The EEPROM behind its command register.
#[derive(Debug)]
pub struct EepromModel {
    /// The command register.
    pub command: &'static str,
    /// Field that starts a read.
    pub start: &'static str,
    /// Field that tells the end of a read.
    pub done: &'static str,
    /// Field with the word's number.
    pub address: &'static str,
    /// Field with what was read.
    pub data: &'static str,
    /// Words that are not zero, besides address and checksum.
    pub words: &'static [(u16, u16)],
}

/// The PHY behind its command register.
#[derive(Debug)]
pub struct PhyModel {
    /// The command register.
    pub command: &'static str,
    /// Field with the PHY register's number.
    pub register: &'static str,
    /// Field with the data.
    pub data: &'static str,
    /// How an access is started and ends.
    pub access: PhyAccess,
    /// The PHY register that is zero while the others are those of IEEE 802.3; `None` if they always are.
    pub page: Option<u8>,
    /// Registers that are not zero.
    pub registers: &'static [(u8, u16)],
}

/// How an access to the PHY is started and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhyAccess {
    /// By an operation, and a field that tells the end.
    Operation {
        /// 1 writes, 2 reads.
        op: &'static str,
        /// One at the end.
        ready: &'static str,
    },
    /// By a flag that turns over at the end: written as one to write, as zero to read.
    Flag(&'static str),
}

/// What a model can count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A frame passed the filter and was received without error.
    RxFrames,
    /// Its bytes with CRC.
    RxBytes,
    /// A frame was sent.
    TxFrames,
    /// Its bytes with CRC.
    TxBytes,
    /// A broadcast frame was received.
    RxBroadcast,
    /// A multicast frame was received.
    RxMulticast,
    /// A frame found no descriptor.
    RxMissed,
    /// A frame came with a wrong CRC.
    RxCrcErrors,
    /// A frame was of a length that the device does not take, or not of the length it should have had.
    RxLengthErrors,
    /// A frame came faster than it could be stored.
    RxOverruns,
}

/// A counter tied to an event.
#[derive(Debug, Clone, Copy)]
pub struct CountModel {
    /// What it counts.
    pub event: Event,
    /// Where it is read.
    pub at: CounterPlace,
}

/// Where a counter is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CounterPlace {
    /// In registers.
    Registers {
        /// The register, or its lower half.
        low: &'static str,
        /// The upper half; empty if there is none.
        high: &'static str,
    },
    /// In the block that the device dumps, little-endian.
    Block {
        /// Its place, in bytes.
        offset: u32,
        /// Its size.
        bytes: u8,
    },
}

/// Counters dumped to memory.
#[derive(Debug, Clone, Copy)]
pub struct BlockModel {
    /// Lower half of the block's address.
    pub low: &'static str,
    /// Upper half.
    pub high: &'static str,
    /// Field of `low`, and no part of the address: written as one it starts a dump, at whose end it clears itself.
    pub start: &'static str,
    /// Bytes of the block, which is aligned to 64.
    pub bytes: u32,
}

/// A value the hardware needs.
#[derive(Debug, Clone, Copy)]
pub struct Requirement {
    /// The field.
    pub field: FieldName,
    /// What it has to be.
    pub is: u64,
    /// When.
    pub at: Moment,
    /// Names of the variants that need it; empty if all do.
    pub only_on: &'static [&'static str],
    /// Section of the datasheet.
    pub section: &'static str,
}

/// When the hardware needs a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// When a ring runs.
    Ring,
    /// When the device is reset.
    Reset,
    /// When the register is written.
    Write,
}

/// What takes effect late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// A write that sets the field.
    Write,
    /// A write that clears it.
    Clear,
    /// A reset of the device.
    Reset,
}

/// A field that shows only after some reads what it is now.
#[derive(Debug, Clone, Copy)]
pub struct LateModel {
    /// The field.
    pub field: FieldName,
    /// What takes effect late.
    pub after: After,
    /// Registers that a driver does not touch before.
    pub before: &'static [&'static str],
    /// Section of the datasheet.
    pub section: &'static str,
}

/// What the device shows of a link.
#[derive(Debug, Clone, Copy)]
pub struct LinkModel {
    /// Megabits a second.
    pub mbps: u32,
    /// Whether both sides may send at once.
    pub full_duplex: bool,
    /// Fields and what they hold.
    pub shows: &'static [(FieldName, u64)],
}

/// How a device looks that a port must not come up on.
#[derive(Debug, Clone, Copy)]
pub struct RefusalModel {
    /// Fields and what they hold.
    pub shows: &'static [(FieldName, u64)],
    /// Names of the variants it is about; empty for all.
    pub only_on: &'static [&'static str],
    /// Section of the datasheet.
    pub section: &'static str,
}

/// An order rule. Of arrays with as many elements as the register of `then`, the rule is about the same element.
#[derive(Debug, Clone, Copy)]
pub struct OrderModel {
    /// Registers written first, or fields set first: a register and its field, which is empty for the whole register.
    pub first: &'static [(&'static str, &'static str)],
    /// What is written or set after them, likewise.
    pub then: (&'static str, &'static str),
    /// Section of the datasheet.
    pub section: &'static str,
}

/// Registers that ignore writes at times.
#[derive(Debug, Clone, Copy)]
pub struct LockModel {
    /// They take writes while this is not zero.
    pub unless: Computed,
    /// The registers.
    pub registers: &'static [&'static str],
    /// Section of the datasheet.
    pub section: &'static str,
}
