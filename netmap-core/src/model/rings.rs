//! Rings and their descriptors.

use super::{Computed, FieldName};

/// Registers of a ring.
#[derive(Debug)]
pub struct RingModel {
    /// Queues.
    pub queues: u32,
    /// Lower half of the base address.
    pub base_low: &'static str,
    /// Upper half of the base address.
    pub base_high: &'static str,
    /// Length in bytes; empty if a mark in the last descriptor tells.
    pub bytes: &'static str,
    /// The device's position; empty if the device keeps it to itself.
    pub head: &'static str,
    /// The driver's position; empty if each descriptor says whose it is.
    pub tail: &'static str,
    /// How the device learns of descriptors handed over.
    pub doorbell: DoorbellModel,
    /// Fields that must be one for the ring to run.
    pub enable: &'static [FieldName],
    /// Fewest, most and granularity of descriptors.
    pub slots: (u32, u32, u32),
    /// Alignment of the base, in bytes.
    pub align: u32,
    /// Bits of the addresses that the device can reach.
    pub address_bits: u32,
}

/// How the device learns of descriptors handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorbellModel {
    /// The tail register is written.
    Tail,
    /// Ones are written to all of `fields` of a register.
    Kick {
        /// The register.
        register: &'static str,
        /// The fields.
        fields: &'static [&'static str],
        /// Variants that lose a kick which comes while the transmitter is about to end a burst.
        lost_while_busy: &'static [&'static str],
    },
    /// It looks by itself.
    Unneeded,
}

/// How the device tells that descriptors are done.
#[derive(Debug)]
pub enum CompletionModel {
    /// It sets a bit of the descriptor.
    DoneBit {
        /// What it writes.
        writes: DescriptorModel,
        /// The bit.
        field: &'static str,
    },
    /// It clears the bit by which the descriptor was handed over.
    OwnerBit {
        /// What it writes.
        writes: DescriptorModel,
        /// The bit.
        field: &'static str,
    },
    /// By the head register.
    HeadRegister,
    /// It writes its head to memory while `enable` is one, and leaves the descriptors alone then.
    HeadWriteback {
        /// Lower half of the word's address; the two lowest bits do not belong to it.
        low: &'static str,
        /// Upper half.
        high: &'static str,
        /// Field of `low` that makes it so.
        enable: &'static str,
    },
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
    /// Bytes in the buffer.
    Length,
    /// Bytes of the whole frame, over all its descriptors.
    FrameLength,
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
    /// Fields that are one on the first descriptor of a frame only.
    pub first: &'static [&'static str],
    /// Fields that are one on the last descriptor of a frame only; if there are none, a frame is one descriptor.
    pub last: &'static [&'static str],
    /// Fields that mark the last descriptor of the ring.
    pub end_of_ring: &'static [&'static str],
    /// Fields that ask for a report; if there are none, every descriptor is reported.
    pub report: &'static [&'static str],
    /// Ways to tell what is done, of which registers and descriptors pick one.
    pub completions: &'static [CompletionModel],
    /// Frames shorter than this are padded by the device; 0 if it does not pad.
    pub pads_to: u16,
    /// Shortest frame that the device takes, in bytes without CRC.
    pub shortest: u16,
    /// Most descriptors of a frame.
    pub descriptors: u32,
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
    /// Fields of `reads` that mark the last descriptor of the ring.
    pub end_of_ring: &'static [&'static str],
    /// How the device tells that a descriptor is done, and what it writes back: all fields of its own, whatever they
    /// overwrite.
    pub completion: CompletionModel,
    /// Field written back with the length.
    pub length: &'static str,
    /// Whether that is the length of the whole frame, of no meaning before the last descriptor; else it is that in each
    /// buffer.
    pub length_of_frame: bool,
    /// Fields written back as one on the first descriptor of a frame only.
    pub first: &'static [&'static str],
    /// Fields written back as one on the last descriptor of a frame only.
    pub last: &'static [&'static str],
    /// Further fields written back as one on the last descriptor of a frame without error.
    pub good_set: &'static [&'static str],
    /// Fields written back that tell of errors.
    pub good_clear: &'static [&'static str],
    /// Fields that together make the device strip the CRC; it stays if there are none.
    pub crc_stripped_when: &'static [FieldName],
    /// Fields that together make the device strip VLAN tags; they stay if there are none.
    pub vlan_stripped_when: &'static [FieldName],
    /// Accepts frames to the broadcast address when one.
    pub broadcast: FieldName,
    /// Accepts every frame when one.
    pub promiscuous: FieldName,
    /// Accepts every multicast frame when one; `None` if only a full table does.
    pub all_multicast: Option<FieldName>,
    /// Has to be one for frames to a station address to pass.
    pub stations: Option<FieldName>,
    /// Has to be one for the multicast table to count.
    pub table: Option<FieldName>,
    /// Longest frame accepted by what the registers say, in bytes with CRC; a variant may take less.
    pub longest: Computed,
    /// Bytes of a buffer that the device may fill.
    pub buffer_size: u32,
}

/// Receive side scaling: a Toeplitz hash over addresses and ports picks an entry of a table, which names a queue.
#[derive(Debug)]
pub struct RssModel {
    /// Array of ten 32-bit registers; octet 4n of the key in the lowest byte of element n.
    pub key: &'static str,
    /// The table; entries in order, the first in the lowest bits of each element.
    pub table: &'static str,
    /// Entries.
    pub entries: u32,
    /// Bits of one.
    pub bits: u32,
    /// Bit of one at which the number of its queue starts.
    pub queue_at: u32,
    /// Most queues that it reaches; a power of two.
    pub queues: u32,
    /// Not zero while it works.
    pub enabled_when: Computed,
    /// Kinds of frames and the fields that make them be hashed.
    pub types: &'static [(HashType, FieldName)],
}

/// What is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashType {
    /// Addresses of IPv4.
    Ipv4,
    /// Those and the ports of TCP.
    TcpIpv4,
    /// Those and the ports of UDP.
    UdpIpv4,
    /// Addresses of IPv6.
    Ipv6,
    /// Those and the ports of TCP.
    TcpIpv6,
    /// Those and the ports of UDP.
    UdpIpv6,
}
