//! `tx` and `rx`.

use super::scalar::{Expression, Later, Mnemonics, Name, Section};
use crate::ir::Restart;
use crate::words::words;

words! {
    /// What a received length counts.
    pub(crate) enum LengthOf { Slot = "slot", Frame = "frame" }
}

maps! {
    /// How frames are sent.
    Tx {
        /// The section about it.
        section: Section,
        /// Queues of this direction.
        queues: u32 {
            min: 1, max: 1024,
            find: "how many queues this direction has: see 'Features' or the chapter about queues; 1 is always a good start"
        },
        /// How one ring is restarted: by its own sequences, or by a reset of the device.
        restart: Restart {
            find: "`queue` if one ring can be disabled and enabled by itself, `device` if only a reset helps: see 'Queue Disable' or the description of the enable bits"
        },
        /// Limits of the length and the address of a ring.
        ring: Later<Ring>,
        /// Limits of the length of a frame.
        frame: Later<Frame>,
        /// The registers of a ring, by name.
        registers: Later<RingRegisters>,
        /// How the driver announces new descriptors.
        doorbell: Later<Doorbell> {
            find: "how the NIC is notified of new descriptors, such as `{ kind: index, register: TDT }`: see 'Descriptor Ring' or 'Tail Pointer'"
        },
        /// All completion schemes for sent frames; the first one is the default.
        completion: Later<Vec<Completion>> {
            find: "a list of the ways in which the NIC reports sent frames, such as `[{ scheme: done_bit, format: tx, field: DD }]`: see 'Transmit Descriptor Write Back'"
        },
        /// What the driver writes to a descriptor.
        encode: Later<Encode>,
    }

    /// How frames are received.
    Rx {
        /// The section about it.
        section: Section,
        /// Queues of this direction.
        queues: u32 {
            min: 1, max: 1024,
            find: "how many queues this direction has: see 'Features' or the chapter about queues; 1 is always a good start"
        },
        /// How one ring is restarted: by its own sequences, or by a reset of the device.
        restart: Restart {
            find: "`queue` if one ring can be disabled and enabled by itself, `device` if only a reset helps: see 'Queue Disable' or the description of the enable bits"
        },
        /// Bytes of the longest frame that any variant receives, without CRC.
        frame_max: u32 {
            min: 60, max: 16384,
            find: "longest frame that can be received, without CRC: see 'Jumbo Frames' or 'Long Packets'"
        },
        /// Limits of the length and the address of a ring.
        ring: Later<Ring>,
        /// The buffers that the driver hands over.
        buffer: Later<Buffer>,
        /// The registers of a ring, by name.
        registers: Later<RingRegisters>,
        /// How the driver announces new descriptors.
        doorbell: Later<Doorbell> {
            find: "how the NIC is notified of new descriptors, such as `{ kind: index, register: RDT }`: see 'Descriptor Ring' or 'Tail Pointer'"
        },
        /// How the NIC reports a received frame, `done_bit` or `owner_bit`.
        completion: Later<Completion> {
            find: "how a received frame is announced, such as `{ scheme: done_bit, format: rx, field: DD }`: see 'Receive Descriptor Write Back'"
        },
        /// What the driver writes to hand over a buffer.
        arm: Later<Arm>,
        /// The field with the received length, in the format of `completion`.
        length: Name { of: "completion.format", find: "the field with the received length: see 'Descriptor Format'" },
        /// What `length` counts: the bytes in this buffer, or those of the whole frame, on its last descriptor.
        length_of: Option<LengthOf> { default: "slot" },
        /// Fields that the NIC sets on the first descriptor of a frame only.
        first: Option<Vec<Name>> { of: "completion.format" },
        /// Fields that the NIC sets on the last descriptor of a frame only.
        last: Vec<Name> {
            of: "completion.format",
            find: "the bit that the NIC sets on the last descriptor of a frame, as a list: see 'Descriptor Format'"
        },
        /// Fields of the last descriptor that mark a frame without an error, besides `last`.
        good: Later<Good> {
            find: "bits of a frame without an error, such as `{ set: [], clear: [ERROR] }`: see the status and error fields in 'Descriptor Format'"
        },
        /// How the NIC handles the CRC.
        crc: Later<Crc>,
        /// How the NIC handles a VLAN tag.
        vlan: Later<Vlan>,
    }

    /// Limits of the length and the address of a ring.
    Ring {
        /// Fewest descriptors.
        min: u32 {
            min: 1, max: 8192,
            find: "fewest descriptors of a ring: the smallest value of the register with the ring's length, by the size of a descriptor"
        },
        /// Most descriptors.
        max: u32 {
            min: 1, max: 8192,
            find: "most descriptors of a ring: the largest value of the register with the ring's length, by the size of a descriptor"
        },
        /// The number of descriptors is a multiple of this.
        multiple: u32 {
            min: 1, max: 8192,
            find: "the number of descriptors is a multiple of this: see the granularity of the register with the ring's length"
        },
        /// The address is a multiple of this many bytes.
        align: u32 {
            min: 1, max: 0x1_0000,
            find: "bytes that the ring's address is a multiple of: see the register with the ring's base address"
        },
        /// Bits of a DMA address.
        address_bits: u32 {
            min: 24, max: 64,
            find: "bits of a DMA address: 64, or fewer if the registers with the base address or the descriptors have fewer"
        },
    }

    /// Limits of the length of a frame, in bytes without CRC.
    Frame {
        /// The shortest frame that the driver may hand over.
        min: u32 { max: 16384, find: "shortest frame that may be handed over, without CRC: see 'Transmit Data' or 'Packet Size'" },
        /// The longest frame, over all its descriptors, that any variant sends.
        max: u32 { min: 14, max: 16384, find: "longest frame that can be sent, without CRC: see 'Jumbo Frames' or 'Packet Size'" },
        /// The length to which the NIC pads short frames; 0 if it does not.
        pads_to: u32 {
            max: 16384,
            find: "length to which the NIC pads short frames, without CRC; 0 if it does not: see 'Padding', or the field that turns it on"
        },
        /// Most descriptors of one frame.
        descriptors: u32 {
            min: 1, max: 8191,
            find: "most descriptors that one frame may take: see 'Transmit Descriptors'; 1 is always right and allows no longer ones than a buffer"
        },
    }

    /// The buffers that the driver hands over.
    Buffer {
        /// Bytes that the NIC may write to one buffer.
        size: u32 { min: 64, max: 16384, find: "bytes that the NIC may write to one buffer: see 'Receive Buffer Size'" },
    }

    /// The registers of a ring; arrays are indexed by queue.
    RingRegisters {
        /// The lower half of the ring's address.
        base_low: Name,
        /// The upper half; required if `address_bits` exceeds 32.
        base_high: Option<Name>,
        /// The length in bytes; a ring without it needs `end_of_ring`, or has one length only.
        bytes: Option<Name>,
        /// The index up to which the NIC has completed descriptors.
        head: Option<Name>,
        /// The index after the last descriptor that was handed over.
        tail: Option<Name>,
    }

    /// The driver writes the index after the last descriptor to a register.
    IndexDoorbell {
        /// The register.
        register: Name,
    }

    /// The driver sets some fields of a register, and all others to 0; for rings with an owner bit.
    KickDoorbell {
        /// The register.
        register: Name,
        /// The fields.
        set: Vec<Name> { of: "register", find: "the bits that make the NIC check the ring, as a list: see 'Transmit Priority Polling' or 'Poll Demand'" },
        /// Fields that a kick writes as one because they have to stay so, such as one that turns the ring on.
        keep: Option<Vec<Name>> { of: "register" },
        /// Whether a kick can be lost while the NIC completes other frames, so that the driver repeats it.
        again: Option<bool> { default: "false" },
    }

    /// The NIC polls the ring by itself; for rings with an owner bit.
    NoDoorbell {}

    /// The NIC sets a field of the descriptors that ask for a report.
    DoneBit {
        /// The format that the NIC writes back.
        format: Name,
        /// The field of that format.
        field: Name { of: "format" },
        /// Only for sent frames: fields that the NIC sets, in the same 64 bits, if it could not send the frame.
        failed: Option<Vec<Name>> { of: "format" },
    }

    /// The driver sets a field to give a descriptor to the NIC, and the NIC clears the field to return it.
    OwnerBit {
        /// The format that the NIC writes back.
        format: Name,
        /// The field of that format.
        field: Name { of: "format" },
        /// Only for sent frames: fields that the NIC sets, in the same 64 bits, if it could not send the frame.
        failed: Option<Vec<Name>> { of: "format" },
    }

    /// The driver reads `registers.head`.
    HeadRegister {}

    /// The NIC writes its head to a word in memory.
    HeadWriteback {
        /// The register with the lower half of the word's address.
        low: Name,
        /// The register with the upper half.
        high: Name,
        /// The field of `low` that enables it.
        enable: Name { of: "low", find: "the field that enables the write-back: see 'Transmit Descriptor Write Back' or 'Head Write Back'" },
    }

    /// What the driver writes to a descriptor of a frame.
    Encode {
        /// The format.
        format: Name,
        /// The value of each field that is not zero: a number, `slot.address`, `slot.length` or `frame.length`.
        set: Later<Mnemonics<Expression>> {
            of: "format",
            find: "what the driver writes to every descriptor, such as `{ ADDRESS: slot.address, LENGTH: slot.length }`: see the descriptor's fields in 'Descriptor Format'"
        },
        /// Fields that are one on the first descriptor of a frame only.
        first: Option<Vec<Name>> { of: "format" },
        /// Fields that are one on the last descriptor of a frame only.
        last: Vec<Name> { of: "format", find: "the bit that marks the last descriptor of a frame, as a list: see 'Descriptor Format'" },
        /// Fields that are one on the last descriptor of the ring only.
        end_of_ring: Option<Vec<Name>> { of: "format", find: "the bit of the last descriptor of the ring: see 'Descriptor Format'" },
        /// Fields that ask the NIC to report completion; without them it reports every descriptor.
        report: Option<Vec<Name>> {
            of: "format",
            find: "the bit that asks for a report of completion, as a list: see 'Descriptor Format', and leave the key out if every descriptor is reported"
        },
    }

    /// What the driver writes to hand over a buffer.
    Arm {
        /// The format.
        format: Name,
        /// The value of each field that is not zero: a number, `slot.address` or `buffer.size`.
        set: Later<Mnemonics<Expression>> {
            of: "format",
            find: "what the driver writes to hand over a buffer, such as `{ ADDRESS: slot.address }`: see the descriptor's fields in 'Descriptor Format'"
        },
        /// Fields that are one on the last descriptor of the ring only.
        end_of_ring: Option<Vec<Name>> { of: "format", find: "the bit of the last descriptor of the ring: see 'Descriptor Format'" },
    }

    /// The fields that mark a frame without an error.
    Good {
        /// Fields that are one.
        set: Vec<Name> { of: "completion.format" },
        /// Fields that are zero.
        clear: Vec<Name> { of: "completion.format" },
    }

    /// How the NIC handles the CRC.
    Crc {
        /// Bits that together make the NIC strip the CRC; `[]` if it never does.
        stripped_when: Vec<Name> {
            find: "the bits that make the NIC strip the CRC, as a list; `[]` if it never does: see 'CRC Strip' in the receive control register"
        },
    }

    /// How the NIC handles a VLAN tag.
    Vlan {
        /// Bits that together make the NIC strip the tag; `[]` if it never does.
        stripped_when: Vec<Name> {
            find: "the bits that make the NIC strip the VLAN tag, as a list; `[]` if it never does: see 'VLAN' or '802.1q'"
        },
    }
}

choices! {
    /// How the driver announces new descriptors.
    Doorbell {
        /// How descriptors are announced.
        kind: "index" => Index(IndexDoorbell), "kick" => Kick(KickDoorbell), "none" => None(NoDoorbell),
    }

    /// How the NIC reports completed descriptors.
    Completion {
        /// How the NIC reports it.
        scheme:
            "done_bit" => DoneBit(DoneBit),
            "owner_bit" => OwnerBit(OwnerBit),
            "head_register" => HeadRegister(HeadRegister),
            "head_writeback" => HeadWriteback(HeadWriteback),
    }
}
