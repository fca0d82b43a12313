//! Rings and their descriptors.

use super::{Computed, FieldName};

/// Registers of a ring.
#[derive(Debug)]
pub struct RingModel {
    /// Lower half of the base address.
    pub base_low: &'static str,
    /// Upper half of the base address; empty if the address has at most 32 bits.
    pub base_high: &'static str,
    /// Length in bytes; empty if the last descriptor has an end mark, or all rings have one length.
    pub bytes: &'static str,
    /// The device's position; empty if no register has it.
    pub head: &'static str,
    /// The driver's position; empty if each descriptor has an owner bit.
    pub tail: &'static str,
    /// How the device is notified of new descriptors.
    pub doorbell: DoorbellModel,
    /// Fields that must be one for the ring to run.
    pub enable: &'static [FieldName],
}

/// How a driver announces new descriptors to the device.
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
        /// Variants that lose a kick that arrives while the transmitter finishes a burst.
        lost_while_busy: &'static [&'static str],
    },
    /// The device polls the ring.
    Unneeded,
}

/// How the device reports completed descriptors.
#[derive(Debug)]
pub enum CompletionModel {
    /// It sets a bit of the descriptor.
    DoneBit {
        /// What it writes.
        writes: DescriptorModel,
        /// The bit.
        field: &'static str,
    },
    /// It clears the owner bit.
    OwnerBit {
        /// What it writes.
        writes: DescriptorModel,
        /// The bit.
        field: &'static str,
    },
    /// By the head register.
    HeadRegister,
    /// While `enable` is one, it writes its head to memory and does not change descriptors.
    HeadWriteback {
        /// Lower half of the word's address, except the two lowest bits.
        low: &'static str,
        /// Upper half.
        high: &'static str,
        /// Field of `low` that enables it.
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

/// A value of a slot in a descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotValue {
    /// The buffer's address.
    Address,
    /// Bytes in the buffer.
    Length,
    /// Bytes of the whole frame, over all its descriptors.
    FrameLength,
    /// A fixed number that the device requires.
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
    /// Fields that are set on the first descriptor of a frame only.
    pub first: &'static [&'static str],
    /// Fields that are set on the last descriptor of a frame only; if there are none, a frame has one descriptor.
    pub last: &'static [&'static str],
    /// Fields that mark the last descriptor of the ring.
    pub end_of_ring: &'static [&'static str],
    /// Fields that request a report; if there are none, every descriptor is reported.
    pub report: &'static [&'static str],
    /// Completion schemes; registers and descriptors select one.
    pub completions: &'static [CompletionModel],
    /// Fields written back as one if the frame could not be sent.
    pub failed: &'static [&'static str],
    /// Frames shorter than this are padded by the device; 0 if it does not pad.
    pub pads_to: u16,
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
    /// How the device reports completion, and what it writes back: all fields that it owns, whatever they overwrite.
    pub completion: CompletionModel,
    /// Field written back with the length.
    pub length: &'static str,
    /// Whether that is the length of the whole frame, valid in the last descriptor only; otherwise the length in each
    /// buffer.
    pub length_of_frame: bool,
    /// Fields written back as one on the first descriptor of a frame only.
    pub first: &'static [&'static str],
    /// Fields written back as one on the last descriptor of a frame only.
    pub last: &'static [&'static str],
    /// Further fields written back as one on the last descriptor of a frame without error.
    pub good_set: &'static [&'static str],
    /// Fields written back that report errors.
    pub good_clear: &'static [&'static str],
    /// Fields that together make the device strip the CRC; it stays if there are none.
    pub crc_stripped_when: &'static [FieldName],
    /// Fields that together make the device strip VLAN tags; they stay if there are none.
    pub vlan_stripped_when: &'static [FieldName],
    /// Enables reception of broadcasts.
    pub broadcast: FieldName,
    /// Enables reception of every frame.
    pub promiscuous: FieldName,
    /// Enables reception of every multicast frame; `None` if only a full table does.
    pub all_multicast: Option<FieldName>,
    /// Has to be set to receive frames to a MAC address of the NIC.
    pub stations: Option<FieldName>,
    /// Has to be set to use the multicast table.
    pub table: Option<FieldName>,
    /// Longest frame accepted with the current registers, in bytes with CRC; a variant may accept less.
    pub longest: Computed,
    /// Bytes by which a frame with a VLAN tag may be longer than that.
    pub tag: Computed,
    /// Bytes of a buffer that the device may fill.
    pub buffer_size: u32,
    /// Whether a frame that finds no descriptor is lost; otherwise it waits.
    pub lossy: bool,
}

impl RxModel {
    /// The largest length that a descriptor can report.
    pub fn longest_reported(&self) -> u64 {
        let (CompletionModel::DoneBit { writes, .. } | CompletionModel::OwnerBit { writes, .. }) =
            &self.completion
        else {
            return 0;
        };
        let mut fields = writes.fields.iter();
        let length = fields.find(|field| field.name == self.length);
        length.map_or(0, |length| u64::MAX >> (64 - length.width))
    }
}

/// Receive-side scaling: a Toeplitz hash over addresses and ports selects an entry of a table, which names a queue.
#[derive(Debug)]
pub struct RssModel {
    /// Array of ten 32-bit registers; octet 4n of the key in the lowest byte of element n.
    pub key: &'static str,
    /// The table; entries in order, the first in the lowest bits of each element.
    pub table: &'static str,
    /// Bits of an entry.
    pub bits: u32,
    /// Bit of an entry at which the queue number starts.
    pub queue_at: u32,
    /// Not zero while receive-side scaling is enabled.
    pub enabled_when: Computed,
    /// Kinds of frames, with the fields that enable their hash.
    pub types: &'static [(HashType, FieldName)],
}

/// The hashed fields of a frame.
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
