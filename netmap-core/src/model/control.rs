//! All parts of a device except its rings.

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
    /// Fields of the cause register for sent frames, the first one raised by default.
    pub tx: &'static [&'static str],
    /// Fields for received frames, the first one raised by default.
    pub rx: &'static [&'static str],
    /// Fields for link changes, the first one raised by default.
    pub link: &'static [&'static str],
    /// MSI-X; `None` without it.
    pub messages: Option<MessageModel>,
}

/// MSI-X: which message reports which cause.
#[derive(Debug)]
pub struct MessageModel {
    /// Field that switches the map from bits of the cause to messages; `None` if the map always names messages.
    pub when: Option<FieldName>,
    /// The entry of a receive queue, with the message in its lowest bits.
    pub rx: Computed,
    /// The entry of a transmit queue.
    pub tx: Computed,
    /// The entry of all other causes.
    pub other: Computed,
    /// The valid bit of an entry; the message is below it.
    pub valid: u32,
    /// Register with the due messages.
    pub cause: &'static str,
    /// Its fields with a bit for each queue, and the bit for other causes; `None` if bit `m` is message `m`.
    pub causes: Option<MessageCauses>,
    /// Unmasks messages by the same bits as the cause; further array elements have the next 32 messages.
    pub mask_set: &'static str,
    /// Masks messages.
    pub mask_clear: &'static str,
    /// Bits of the cause that sending a message clears.
    pub auto_clear: &'static str,
    /// The field with bits for the first messages, if later ones are always cleared; empty for the whole register.
    pub auto_field: &'static str,
    /// Whether sending a message also masks these bits.
    pub masks: bool,
    /// Section of the datasheet.
    pub section: &'static str,
}

/// Cause bits that are independent of the message map.
#[derive(Debug)]
pub struct MessageCauses {
    /// A bit for each receive queue.
    pub rx: &'static str,
    /// A bit for each transmit queue.
    pub tx: &'static str,
    /// All others.
    pub other: &'static str,
}

/// The MAC address filter; a reset loads element 0.
#[derive(Debug, Clone, Copy)]
pub enum StationModel {
    /// Arrays of two 32-bit registers for each address.
    Halves {
        /// Octets 0 to 3.
        low: &'static str,
        /// Octets 4 and 5.
        high: &'static str,
        /// Field of `high` that makes the element valid; empty if it always is.
        valid: &'static str,
    },
    /// An array of six registers of 8 bits, one octet each, for the only address.
    Octets(&'static str),
}

/// The multicast table.
#[derive(Debug, Clone, Copy)]
pub struct MulticastModel {
    /// Its registers; the hash selects bit `hash & 31` of element `hash >> 5`.
    pub table: &'static str,
    /// The hash.
    pub hash: MulticastHash,
    /// Variants with the octets of the whole table in reverse order.
    pub reversed_on: &'static [&'static str],
}

/// The EEPROM behind its command register.
#[derive(Debug)]
pub struct EepromModel {
    /// The command register.
    pub command: &'static str,
    /// Field that starts a read.
    pub start: &'static str,
    /// Field that reports the end of a read.
    pub done: &'static str,
    /// Field with the word's number.
    pub address: &'static str,
    /// Field with the data.
    pub data: &'static str,
    /// Words that are not zero, besides address and checksum.
    pub words: &'static [(u16, u16)],
}

/// The PHY.
#[derive(Debug)]
pub struct PhyModel {
    /// How its registers are accessed.
    pub access: PhyAccess,
    /// The PHY register that selects the page; on page 0 the registers are those of IEEE 802.3. `None` if there is only
    /// one page.
    pub page: Option<u8>,
    /// Registers that are not zero.
    pub registers: &'static [(u8, u16)],
}

/// How registers of the PHY are accessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhyAccess {
    /// Through a command register.
    Command {
        /// The register.
        command: &'static str,
        /// Field with the PHY register's number.
        register: &'static str,
        /// Field with the data.
        data: &'static str,
        /// How an access starts and completes.
        way: PhyCommand,
    },
    /// Each is a register of the NIC: its number in the PHY, and the register.
    Mapped(&'static [(u8, &'static str)]),
}

/// How an access through a command register starts and completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhyCommand {
    /// By an operation, and a field that reports the end.
    Operation {
        /// 1 writes, 2 reads.
        op: &'static str,
        /// One at the end.
        ready: &'static str,
    },
    /// By a flag that is written as one to write and as zero to read, and is inverted on completion.
    Flag(&'static str),
}

/// An event that a model counts.
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
    /// A frame arrived with a wrong CRC.
    RxCrcErrors,
    /// A frame was too long for the device, or had a wrong length.
    RxLengthErrors,
    /// A frame arrived faster than it could be stored.
    RxOverruns,
}

/// A counter of an event.
#[derive(Debug, Clone, Copy)]
pub struct CountModel {
    /// What it counts.
    pub event: Event,
    /// Where it is read.
    pub at: CounterPlace,
    /// If another place counts the same event: the field that is one while this place counts.
    pub when: Option<FieldName>,
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
        /// Its offset in bytes.
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
    /// Field of `low` outside the address: writing one starts a dump, and the field clears itself at the end.
    pub start: &'static str,
    /// Bytes of the block, which is aligned to 64.
    pub bytes: u32,
}

/// A value that the hardware needs.
#[derive(Debug, Clone, Copy)]
pub struct Requirement {
    /// The field.
    pub field: FieldName,
    /// The required value.
    pub is: u64,
    /// When the value is needed.
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

/// The event after which a field is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// A write that sets the field.
    Write,
    /// A write that clears it.
    Clear,
    /// A reset of the device.
    Reset,
}

/// A field that shows its new value only after some reads.
#[derive(Debug, Clone, Copy)]
pub struct LateModel {
    /// The field.
    pub field: FieldName,
    /// The event.
    pub after: After,
    /// Registers that a driver must not access before.
    pub before: &'static [&'static str],
    /// Section of the datasheet.
    pub section: &'static str,
}

/// How registers show a link.
#[derive(Debug, Clone, Copy)]
pub struct LinkModel {
    /// Megabits a second.
    pub mbps: u32,
    /// Whether the link is full duplex.
    pub full_duplex: bool,
    /// Fields and what they hold.
    pub shows: &'static [(FieldName, u64)],
    /// Names of the variants that have such a link; empty for all.
    pub only_on: &'static [&'static str],
}

/// A state of the device in which a port must refuse to start.
#[derive(Debug, Clone, Copy)]
pub struct RefusalModel {
    /// Fields and what they hold.
    pub shows: &'static [(FieldName, u64)],
    /// Names of the variants to which it applies; empty for all.
    pub only_on: &'static [&'static str],
    /// Section of the datasheet.
    pub section: &'static str,
}

/// An order rule. For arrays with as many elements as the register of `then`, the rule applies to the same element.
#[derive(Debug, Clone, Copy)]
pub struct OrderModel {
    /// Registers written first, or fields set first: a register and its field, which is empty for the whole register.
    pub first: &'static [(&'static str, &'static str)],
    /// The register written or field set after them, in the same form.
    pub then: (&'static str, &'static str),
    /// Section of the datasheet.
    pub section: &'static str,
}

/// Registers that ignore writes while locked.
#[derive(Debug, Clone, Copy)]
pub struct LockModel {
    /// The registers accept writes while this is not zero.
    pub unless: Computed,
    /// The registers.
    pub registers: &'static [&'static str],
    /// Section of the datasheet.
    pub section: &'static str,
}
