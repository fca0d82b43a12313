//! A NIC described from the device's side, as tables: what simulated devices and register dumps read.
//!
//! Fields are named by register and field mnemonics of the datasheet; whoever builds a device resolves them once. A
//! model is of one variant: the tables hold what that variant has, and nothing of the others.

use crate::PciId;
use crate::register::Piece;

/// The whole device.
#[derive(Debug)]
pub struct Model {
    /// Name of the spec.
    pub name: &'static str,
    /// Name of the variant that is modelled.
    pub variant: &'static str,
    /// PCI id of that variant.
    pub pci: PciId,
    /// Bytes of the register space.
    pub size: u32,
    /// Every register of the variant in that space, by offset.
    pub registers: &'static [RegisterModel],
    /// Fields that reset the device when a one is written.
    pub reset: &'static [FieldName],
    /// Fields that read as zero after a write of one.
    pub self_clearing: &'static [FieldName],
    /// Registers that a reset leaves alone.
    pub keeps: &'static [&'static str],
    /// Fields that the device computes.
    pub follows: &'static [Follow],
    /// The transmit rings.
    pub tx: TxModel,
    /// The receive rings.
    pub rx: RxModel,
    /// Interrupts.
    pub interrupts: InterruptModel,
    /// Fields by which a driver sees that the link is up; zero without a partner.
    pub link_up: &'static [FieldName],
    /// The address filter.
    pub station: StationModel,
    /// The multicast table's register and hash.
    pub multicast: (&'static str, crate::MulticastHash),
    /// The EEPROM behind its command register.
    pub eeprom: Option<EepromModel>,
    /// The PHY behind its command register.
    pub phy: Option<PhyModel>,
    /// Counters tied to what the model counts.
    pub counts: &'static [CountModel],
    /// Values the hardware needs when a ring is enabled.
    pub require: &'static [Requirement],
    /// Order rules of the hardware.
    pub order: &'static [OrderModel],
}

/// What the hardware does on reads and writes of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Holds what was written.
    ReadWrite,
    /// Writes are ignored.
    ReadOnly,
    /// Reads mean nothing.
    WriteOnly,
    /// Reading clears.
    ReadClear,
    /// Writing a one clears that bit.
    WriteOneClear,
    /// Writing a one sets that bit.
    WriteOneSet,
}

/// One register or array of registers.
#[derive(Debug)]
pub struct RegisterModel {
    /// Mnemonic.
    pub name: &'static str,
    /// Title in the datasheet.
    pub title: &'static str,
    /// Section of the datasheet.
    pub section: &'static str,
    /// Bits: 8, 16, 32 or 64.
    pub width: u8,
    /// What reads and writes do.
    pub access: Access,
    /// Value after reset, of every element.
    pub reset: u64,
    /// Whether that value is wrong, so that a driver has to write the register before a ring runs.
    pub must_write: bool,
    /// Where the elements lie; one piece of one element for a single register.
    pub pieces: &'static [Piece],
    /// Named fields, by position.
    pub fields: &'static [FieldModel],
}

/// One field of a register.
#[derive(Debug)]
pub struct FieldModel {
    /// Mnemonic.
    pub name: &'static str,
    /// Lowest bit.
    pub low: u8,
    /// Number of bits.
    pub width: u8,
    /// Named values.
    pub values: &'static [(&'static str, u64)],
    /// What it says, in one sentence; may be empty.
    pub doc: &'static str,
}

/// A field by name. An empty `field` means the whole register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldName {
    /// The register's mnemonic.
    pub register: &'static str,
    /// Which element of an array.
    pub element: Element,
    /// The field's mnemonic.
    pub field: &'static str,
}

/// Which element of an array of registers is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// This one; 0 for a register that is no array.
    Fixed(u32),
    /// That of the queue concerned (in [`Model::follows`]: that of the element read).
    Queue,
}

/// Reads fields of a device under simulation.
pub trait Fields {
    /// The value of a field of element `index`; the whole register when `field` is empty.
    fn get(&self, register: &str, index: u32, field: &str) -> u64;
}

/// A field that the device computes from others.
#[derive(Debug, Clone, Copy)]
pub struct Follow {
    /// The field.
    pub field: FieldName,
    /// Its value in element `index`, which is 0 unless the field is [`Element::Queue`].
    pub is: fn(fields: &dyn Fields, index: u32) -> u64,
}

/// Registers of a ring.
#[derive(Debug)]
pub struct RingModel {
    /// Queues.
    pub queues: u32,
    /// Lower half of the base address.
    pub base_low: &'static str,
    /// Upper half of the base address.
    pub base_high: &'static str,
    /// Length in bytes.
    pub bytes: &'static str,
    /// The device's position.
    pub head: &'static str,
    /// The driver's position.
    pub tail: &'static str,
    /// Fields that must be one for the ring to run.
    pub enable: &'static [FieldName],
    /// Fewest, most and granularity of descriptors.
    pub slots: (u32, u32, u32),
    /// Alignment of the base, in bytes.
    pub align: u32,
    /// Bits of the addresses that the device can reach.
    pub address_bits: u32,
}

/// One format of a descriptor, by bit position over the whole descriptor.
#[derive(Debug)]
pub struct DescriptorModel {
    /// Name in the spec.
    pub name: &'static str,
    /// Bytes.
    pub size: u8,
    /// Fields of both sides.
    pub fields: &'static [DescriptorField],
}

/// One field of a descriptor.
#[derive(Debug)]
pub struct DescriptorField {
    /// Mnemonic.
    pub name: &'static str,
    /// Lowest bit, counted over the whole descriptor.
    pub low: u8,
    /// Number of bits.
    pub width: u8,
    /// Who writes it.
    pub by: Owner,
}

/// Who writes a field of a descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The driver writes it, the device reads it.
    Host,
    /// The device writes it back.
    Nic,
}

/// How a value of a slot stands in a descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotValue {
    /// The buffer's address.
    Address,
    /// The frame's length in bytes.
    Length,
    /// A fixed number that the device insists on.
    Fixed(u64),
}

/// The transmit side.
#[derive(Debug)]
pub struct TxModel {
    /// Registers of the rings.
    pub ring: RingModel,
    /// What the device reads.
    pub reads: DescriptorModel,
    /// What each field of it means; any other bit is zero in a descriptor that was handed over.
    pub meaning: &'static [(&'static str, SlotValue)],
    /// Fields that ask for a report.
    pub report: &'static [&'static str],
    /// What the device writes back.
    pub writes: DescriptorModel,
    /// Field of `writes` that says done.
    pub done: &'static str,
    /// Frames shorter than this are padded by the device; 0 if it does not pad.
    pub pads_to: u16,
    /// Shortest frame that the device takes, in bytes without CRC.
    pub shortest: u16,
    /// Longest frame that the device takes, in bytes without CRC.
    pub longest: u16,
}

/// The receive side.
#[derive(Debug)]
pub struct RxModel {
    /// Registers of the rings.
    pub ring: RingModel,
    /// What the device reads.
    pub reads: DescriptorModel,
    /// What each field of it means; any other bit is zero in a descriptor that was handed over.
    pub meaning: &'static [(&'static str, SlotValue)],
    /// What the device writes back: all fields of its own, whatever they overwrite.
    pub writes: DescriptorModel,
    /// Field of `writes` that says done.
    pub done: &'static str,
    /// Field of `writes` with the length.
    pub length: &'static str,
    /// Fields of `writes` that are one on a whole frame.
    pub good_set: &'static [&'static str],
    /// Fields of `writes` that tell of errors.
    pub good_clear: &'static [&'static str],
    /// Fields that together make the device strip the CRC.
    pub crc_stripped_when: &'static [FieldName],
    /// Accepts frames to the broadcast address when one.
    pub broadcast: FieldName,
    /// Accepts every frame when one.
    pub promiscuous: FieldName,
    /// Accepts every multicast frame when one.
    pub all_multicast: FieldName,
    /// Bytes of a buffer that the device may fill.
    pub buffer_size: u32,
}

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
}

/// The address filter: every valid element counts; element 0 is loaded from the EEPROM by a reset.
#[derive(Debug, Clone, Copy)]
pub struct StationModel {
    /// Octets 0 to 3.
    pub low: &'static str,
    /// Octets 4 and 5.
    pub high: &'static str,
    /// Field of `high` that tells whether the element counts.
    pub valid: &'static str,
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
    /// Field with the operation: 1 writes, 2 reads.
    pub op: &'static str,
    /// Field that tells the end.
    pub ready: &'static str,
    /// Registers that are not zero.
    pub registers: &'static [(u8, u16)],
}

/// What a model can count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A frame passed the filter and was received.
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
}

/// A counter tied to an event.
#[derive(Debug, Clone, Copy)]
pub struct CountModel {
    /// What it counts.
    pub event: Event,
    /// The register, or its lower half.
    pub low: &'static str,
    /// The upper half; empty if there is none.
    pub high: &'static str,
}

/// A value the hardware needs when a ring is enabled.
#[derive(Debug, Clone, Copy)]
pub struct Requirement {
    /// The field.
    pub field: FieldName,
    /// What it has to be.
    pub is: u64,
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
