//! The ring protocols.

use std::sync::Arc;

use super::descriptor::{Descriptor, DescriptorField};
use super::register::{FieldPlace, Register};

/// How frames are sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tx {
    /// Section of the datasheet.
    pub section: String,
    /// Number of queues.
    pub queues: u32,
    /// What a ring may look like.
    pub ring: RingLimits,
    /// What a frame may look like.
    pub frame: FrameLimits,
    /// Registers of a queue; arrays are indexed by queue.
    pub registers: RingRegisters,
    /// How new descriptors are announced.
    pub doorbell: Doorbell,
    /// How sent descriptors are learnt of.
    pub completion: Completion,
    /// What the driver writes to send a slot.
    pub encode: Pattern,
    /// Fields that ask for a completion report, set to one on some descriptors.
    pub report: Vec<Arc<DescriptorField>>,
}

/// How frames are received.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rx {
    /// Section of the datasheet.
    pub section: String,
    /// Number of queues.
    pub queues: u32,
    /// What a ring may look like.
    pub ring: RingLimits,
    /// What the NIC writes into a buffer.
    pub buffer: Buffer,
    /// Registers of a queue; arrays are indexed by queue.
    pub registers: RingRegisters,
    /// How free descriptors are announced.
    pub doorbell: Doorbell,
    /// How received descriptors are learnt of.
    pub completion: Completion,
    /// What the driver writes to hand over a buffer.
    pub arm: Pattern,
    /// The field of the completion format with the frame's length.
    pub length: Arc<DescriptorField>,
    /// What a whole frame without error looks like.
    pub good: Good,
    /// Whether the CRC reaches the buffer.
    pub crc: Crc,
    /// Whether VLAN tags reach the buffer.
    pub vlan: Vlan,
}

impl Rx {
    /// Whether completing a descriptor overwrites the buffer's address, so that it must be written again.
    pub fn overwrites_address(&self) -> bool {
        let address = self
            .arm
            .set
            .iter()
            .find(|setting| setting.value == SettingValue::Address);
        let overlaps = |field: &DescriptorField, host: &DescriptorField| {
            field.low < host.low + host.width && host.low < field.low + field.width
        };
        address.is_some_and(|address| {
            let format = &self.completion.format;
            format
                .fields
                .iter()
                .any(|f| f.by == super::Owner::Nic && overlaps(f, &address.field))
        })
    }
}

/// What a ring may look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RingLimits {
    /// Fewest descriptors.
    pub min: u32,
    /// Most descriptors.
    pub max: u32,
    /// The number of descriptors is a multiple of this.
    pub multiple: u32,
    /// Alignment of the ring in bytes.
    pub align: u32,
    /// Bits of the DMA addresses that the NIC uses.
    pub address_bits: u32,
}

/// What a frame to send may look like, in bytes without CRC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameLimits {
    /// Shortest that the NIC takes.
    pub min: u32,
    /// Longest that the NIC takes.
    pub max: u32,
    /// Length to which the NIC pads short frames; 0 if it does not.
    pub pads_to: u32,
}

/// What the NIC writes into a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Buffer {
    /// Most bytes.
    pub size: u32,
}

/// The registers of a queue.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RingRegisters {
    /// Low half of the ring's address.
    pub base_low: Arc<Register>,
    /// High half of the ring's address.
    pub base_high: Arc<Register>,
    /// Length of the ring in bytes.
    pub bytes: Arc<Register>,
    /// The NIC's position.
    pub head: Arc<Register>,
    /// The driver's position.
    pub tail: Arc<Register>,
}

/// How the driver's position is announced.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Doorbell {
    /// The register to write; an array is indexed by queue.
    pub register: Arc<Register>,
    /// What to write.
    pub kind: DoorbellKind,
}

/// What a doorbell takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorbellKind {
    /// The index of the descriptor after the last one handed over.
    Index,
}

/// How completed descriptors are learnt of.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Completion {
    /// The scheme of the core.
    pub scheme: Scheme,
    /// The format that the NIC writes back.
    pub format: Arc<Descriptor>,
    /// The field that tells.
    pub field: Arc<DescriptorField>,
}

/// Completion schemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// The NIC sets a bit in the descriptor.
    DoneBit,
}

/// A descriptor as the driver writes it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Pattern {
    /// Its format.
    pub format: Arc<Descriptor>,
    /// Fields in the spec's order; all others are zero.
    pub set: Vec<Setting>,
}

impl Pattern {
    /// The bits of a quadword that are the same in every descriptor.
    pub fn constant_bits(&self, word: u32) -> u64 {
        self.set
            .iter()
            .filter(|setting| setting.field.word() == word)
            .fold(0, |bits, setting| match setting.value {
                SettingValue::Number(value) => bits | value << setting.field.shift(),
                SettingValue::Address | SettingValue::Length => bits,
            })
    }

    /// The field that takes the buffer's address.
    pub fn address(&self) -> Option<&Arc<DescriptorField>> {
        self.set
            .iter()
            .find(|setting| setting.value == SettingValue::Address)
            .map(|setting| &setting.field)
    }

    /// The fields that take the slot's length.
    pub fn lengths(&self) -> impl Iterator<Item = &Arc<DescriptorField>> {
        self.set
            .iter()
            .filter(|setting| setting.value == SettingValue::Length)
            .map(|setting| &setting.field)
    }
}

/// A field of a descriptor and what the driver writes there.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Setting {
    /// The field.
    pub field: Arc<DescriptorField>,
    /// The value.
    pub value: SettingValue,
}

/// What the driver writes to a field of a descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// The same number in every descriptor.
    Number(u64),
    /// `slot.address`: the DMA address of the slot's buffer.
    Address,
    /// `slot.length`: the bytes in the slot.
    Length,
}

/// What a whole frame without error looks like.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Good {
    /// Fields that are one.
    pub set: Vec<Arc<DescriptorField>>,
    /// Fields that are zero.
    pub clear: Vec<Arc<DescriptorField>>,
}

/// What happens to the CRC of a received frame.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Crc {
    /// The bits that together make the NIC strip it.
    pub stripped_when: Vec<FieldPlace>,
    /// Whether the sequences set them, so that lengths do not include it.
    pub stripped: bool,
}

/// What happens to the VLAN tag of a received frame.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Vlan {
    /// The bits that together make the NIC strip it; the sequences leave one of them zero. None: it never does.
    pub stripped_when: Vec<FieldPlace>,
}
