//! The ring protocols.

use std::sync::Arc;

use super::descriptor::{Descriptor, DescriptorField};
use super::identity::Choice;
use super::register::{Field, FieldPlace, Register};
use super::scheme::Scheme;
use crate::words::words;

/// How frames are sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tx {
    /// Section of the datasheet.
    pub section: String,
    /// Number of queues.
    pub queues: u32,
    /// What restarting one ring requires.
    pub restart: Restart,
    /// What a ring may look like.
    pub ring: RingLimits,
    /// What a frame may look like.
    pub frame: FrameLimits,
    /// Registers of a queue; arrays are indexed by queue.
    pub registers: RingRegisters,
    /// How new descriptors are announced.
    pub doorbell: Doorbell,
    /// How the NIC reports sent descriptors, the default first; there is at least one.
    pub completions: Vec<TxCompletion>,
    /// What the driver writes to send a slot.
    pub encode: Pattern,
    /// Fields that are one on the first descriptor of a frame only.
    pub first: Vec<Arc<DescriptorField>>,
    /// Fields that are one on the last descriptor of a frame only.
    pub last: Vec<Arc<DescriptorField>>,
    /// Fields that are one on the last descriptor of the ring.
    pub end_of_ring: Vec<Arc<DescriptorField>>,
    /// Fields that ask for a completion report, set to one on some descriptors.
    pub report: Vec<Arc<DescriptorField>>,
}

impl Tx {
    /// The descriptor bit that reports completion, if one of the schemes uses one.
    pub fn completion_bit(&self) -> Option<&Completion> {
        self.completions.iter().find_map(|each| match each {
            TxCompletion::Bit(completion) => Some(completion),
            TxCompletion::HeadRegister | TxCompletion::HeadWriteback { .. } => None,
        })
    }

    /// Whether the NIC has that scheme.
    pub fn has(&self, scheme: Scheme) -> bool {
        self.completions.iter().any(|each| each.scheme() == scheme)
    }

    /// Most bytes of a frame in one descriptor.
    pub fn descriptor_max(&self) -> u64 {
        let fields = self.encode.lengths().map(|field| field.max());
        fields.fold(self.frame.max.into(), u64::min)
    }
}

/// How frames are received.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rx {
    /// Section of the datasheet.
    pub section: String,
    /// Number of queues.
    pub queues: u32,
    /// What restarting one ring requires.
    pub restart: Restart,
    /// Longest frame in bytes without CRC.
    pub frame_max: u32,
    /// What a ring may look like.
    pub ring: RingLimits,
    /// What the NIC writes into a buffer.
    pub buffer: Buffer,
    /// Registers of a queue; arrays are indexed by queue.
    pub registers: RingRegisters,
    /// How free descriptors are announced.
    pub doorbell: Doorbell,
    /// How the NIC reports received descriptors.
    pub completion: Completion,
    /// What the driver writes to hand over a buffer.
    pub arm: Pattern,
    /// Fields that are one on the last descriptor of the ring.
    pub end_of_ring: Vec<Arc<DescriptorField>>,
    /// The field of the completion format with a length.
    pub length: Arc<DescriptorField>,
    /// Whether that is the length of the whole frame, on its last descriptor; else that in the buffer, on each.
    pub length_of_frame: bool,
    /// Fields that the NIC sets on the first descriptor of a frame only.
    pub first: Vec<Arc<DescriptorField>>,
    /// Fields that the NIC sets on the last descriptor of a frame only.
    pub last: Vec<Arc<DescriptorField>>,
    /// What a whole frame without error looks like, on its last descriptor.
    pub good: Good,
    /// Whether the CRC reaches the buffer.
    pub crc: Crc,
    /// Whether VLAN tags reach the buffer.
    pub vlan: Vlan,
}

words! {
    /// What restarting one ring requires.
    pub enum Restart {
        /// Its queue is disabled and enabled; the other queues continue.
        Queue = "queue",
        /// The device is reset.
        Device = "device",
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
    /// Most descriptors of one frame.
    pub descriptors: u32,
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
    /// High half of the ring's address; without it, the address has at most 32 bits.
    pub base_high: Option<Arc<Register>>,
    /// Length of the ring in bytes; without it, a mark in the last descriptor ends the ring, or all rings have one length.
    pub bytes: Option<Arc<Register>>,
    /// The NIC's position.
    pub head: Option<Arc<Register>>,
    /// The driver's position.
    pub tail: Option<Arc<Register>>,
}

impl RingRegisters {
    /// Those that exist, with their keys.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &Arc<Register>)> {
        let all = [
            ("base_low", Some(&self.base_low)),
            ("base_high", self.base_high.as_ref()),
            ("bytes", self.bytes.as_ref()),
            ("head", self.head.as_ref()),
            ("tail", self.tail.as_ref()),
        ];
        all.into_iter()
            .filter_map(|(key, register)| Some((key, register?)))
    }
}

/// How new descriptors are announced.
#[derive(Clone, Debug, PartialEq)]
pub enum Doorbell {
    /// A register takes the index of the descriptor after the last one handed over; an array is indexed by queue.
    Index(Arc<Register>),
    /// A register takes a word that says "look"; an array is indexed by queue.
    Kick {
        /// The register.
        register: Arc<Register>,
        /// Its fields that say so; they are one in that word.
        set: Vec<Arc<Field>>,
        /// Its fields that stay one, in that word as well; all others are zero.
        keep: Vec<Arc<Field>>,
        /// Whether a kick can be lost while frames are being finished, so that it is repeated then.
        again: bool,
    },
    /// The NIC finds out by itself.
    Unneeded,
}

impl Doorbell {
    /// The fields that are one in the word of a kick.
    pub fn ones(&self) -> impl Iterator<Item = &Arc<Field>> {
        let (set, keep): (&[_], &[_]) = match self {
            Self::Kick { set, keep, .. } => (set, keep),
            Self::Index(_) | Self::Unneeded => (&[], &[]),
        };
        set.iter().chain(keep)
    }

    /// The word of a kick; otherwise 0.
    pub fn word(&self) -> u64 {
        self.ones().fold(0, |word, field| word | field.mask())
    }

    /// The register that is written.
    pub fn register(&self) -> Option<&Arc<Register>> {
        match self {
            Self::Index(register) | Self::Kick { register, .. } => Some(register),
            Self::Unneeded => None,
        }
    }
}

/// How the NIC reports sent descriptors.
#[derive(Clone, Debug, PartialEq)]
pub enum TxCompletion {
    /// A bit of the descriptor reports it.
    Bit(Completion),
    /// The register with the NIC's position reports it.
    HeadRegister,
    /// The NIC writes its position to memory.
    HeadWriteback {
        /// Takes the low half of the address.
        low: Arc<Register>,
        /// Takes the high half.
        high: Arc<Register>,
        /// The field of `low` that turns it on.
        enable: Arc<Field>,
    },
}

impl TxCompletion {
    /// The scheme of the core.
    pub fn scheme(&self) -> Scheme {
        match self {
            Self::Bit(completion) => completion.scheme,
            Self::HeadRegister => Scheme::HeadRegister,
            Self::HeadWriteback { .. } => Scheme::HeadWriteback,
        }
    }
}

/// A bit of a descriptor that reports its completion.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Completion {
    /// `DoneBit` or `OwnerBit`.
    pub scheme: Scheme,
    /// The format that the NIC writes back.
    pub format: Arc<Descriptor>,
    /// The field that reports it.
    pub field: Arc<DescriptorField>,
    /// Fields that are set if a frame could not be sent.
    pub failed: Vec<Arc<DescriptorField>>,
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
    /// The field that takes the buffer's address.
    pub fn address(&self) -> Option<&Arc<DescriptorField>> {
        self.with(SettingValue::Address).next()
    }

    /// The fields that take the slot's length.
    pub fn lengths(&self) -> impl Iterator<Item = &Arc<DescriptorField>> {
        self.with(SettingValue::Length)
    }

    /// The fields that take a value.
    pub fn with(&self, value: SettingValue) -> impl Iterator<Item = &Arc<DescriptorField>> {
        self.set
            .iter()
            .filter(move |setting| setting.value == value)
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
    /// `frame.length`: the bytes in all slots of the frame.
    FrameLength,
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
    /// When the sequences set them, so that lengths do not include it.
    pub stripped: Stripped,
}

/// When a NIC strips the CRC.
#[derive(Clone, Debug, PartialEq)]
pub enum Stripped {
    /// Buffers and lengths always have it.
    Never,
    /// They never do.
    Always,
    /// It is stripped while this switch is on.
    Choice(Arc<Choice>),
}

/// What happens to the VLAN tag of a received frame.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Vlan {
    /// The bits that together make the NIC strip it; the sequences leave one of them zero. None: it never does.
    pub stripped_when: Vec<FieldPlace>,
}
