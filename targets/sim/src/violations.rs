//! Violations of the hardware's rules by a driver.

use std::fmt;

use netmap_core::Direction;
use thiserror::Error;

/// One ring of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingName {
    /// The direction of its frames.
    pub direction: Direction,
    /// Its queue.
    pub queue: u32,
}

impl fmt::Display for RingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ring {}", self.direction.name(), self.queue)
    }
}

/// A violation of a hardware rule. The device continues as silicon might: it ignores invalid accesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each message shows what its fields are")]
pub enum Violation {
    /// There is no register at this offset.
    #[error("no register of {bytes} bytes at {offset:#07x}")]
    NoRegister {
        /// Where, in bytes.
        offset: u32,
        bytes: u32,
    },
    /// The access covers a part of a register, or more than one.
    #[error("an access of {bytes} bytes at {offset:#07x} does not cover exactly {register}")]
    PartOfRegister {
        register: &'static str,
        /// Where, in bytes.
        offset: u32,
        bytes: u32,
    },
    /// A write-only register was read.
    #[error("read of {register}, which is write-only")]
    ReadOfWriteOnly { register: &'static str },
    /// A read-only register was written.
    #[error("write of {value:#x} to {register}[{element}], which is read-only")]
    WriteOfReadOnly {
        register: &'static str,
        element: u32,
        value: u64,
    },
    /// A reserved bit of a register was set.
    #[error("reserved bits {bits:#x} of {register} were set")]
    ReservedBits { register: &'static str, bits: u64 },
    /// An access to the PHY was started before the previous one was complete.
    #[error("{register} was written before the previous PHY access was complete")]
    PhyBusy { register: &'static str },
    /// A reserved bit of a PHY register was set.
    #[error("reserved bits {bits:#x} of PHY register {register} were set")]
    PhyReserved { register: u8, bits: u16 },
    /// A ring was enabled at an address beyond the device's address width.
    #[error("{ring} was enabled at {base:#x}, which exceeds the device's {bits} address bits")]
    RingBeyond {
        ring: RingName,
        base: u64,
        bits: u32,
    },
    /// A ring was enabled at a misaligned address.
    #[error("{ring} was enabled at {base:#x}, which is not a multiple of {align}")]
    RingBase {
        ring: RingName,
        base: u64,
        align: u32,
    },
    /// A ring was enabled with an invalid length.
    #[error("{ring} was enabled with an invalid length of {bytes} bytes")]
    RingLength { ring: RingName, bytes: u64 },
    /// No descriptor within the longest possible ring has the end mark.
    #[error("{ring} has no descriptor with the end mark")]
    NoEndOfRing { ring: RingName },
    /// A head or tail is outside the ring.
    #[error("{register} of {ring} = {value} is outside a ring of {slots}")]
    RingPosition {
        ring: RingName,
        register: &'static str,
        value: u64,
        slots: u32,
    },
    /// The setup of a running ring was written.
    #[error("{register} was written while {ring} was running")]
    RingChanged {
        ring: RingName,
        register: &'static str,
    },
    /// A doorbell announced descriptors without a barrier after they were written.
    #[error("no barrier before the doorbell of {ring} at {tail}")]
    Unpublished { ring: RingName, tail: u32 },
    /// A received descriptor was handed over again without a barrier after its completion was read, so its frame may have
    /// been read too early.
    #[error("no barrier between the completion of descriptor {index} of {ring} and its next use")]
    Unobserved { ring: RingName, index: u32 },
    /// An order rule was broken.
    #[error("{then} was written before {first} (section {section})")]
    Order {
        first: &'static str,
        then: &'static str,
        section: &'static str,
    },
    /// A locked register was written, which has no effect.
    #[error("{register} was written while it was locked (section {section})")]
    Locked {
        register: &'static str,
        section: &'static str,
    },
    /// The driver made the device send a message that the system has not allocated.
    #[error("message {message} is out of range: the system allocated {count}")]
    NoMessage { message: u32, count: u32 },
    /// A cause register was read although messages clear its bits.
    #[error("{register} was read although messages clear its bits (section {section})")]
    CauseRead {
        register: &'static str,
        section: &'static str,
    },
    /// The counter block was to be dumped outside attached memory.
    #[error("counter dump of {bytes} bytes to {address:#x} is outside attached memory")]
    BlockOutside { address: u64, bytes: u32 },
    /// A ring ran without a value that the hardware needs.
    #[error("{ring} ran with {register}.{field} = {found} instead of {is} (section {section})")]
    Required {
        ring: RingName,
        register: &'static str,
        field: &'static str,
        found: u64,
        is: u64,
        section: &'static str,
    },
    /// A driver modified bits of a register that it has to preserve.
    #[error("preserved bits {bits:#x} of {register} were modified")]
    ForeignBits { register: &'static str, bits: u64 },
    /// A register was accessed before a field showed the value that the driver has to wait for.
    #[error("{register} was accessed before {field} showed its new value (section {section})")]
    TooEarly {
        register: &'static str,
        field: &'static str,
        section: &'static str,
    },
    /// The device was reset without a value that a reset needs.
    #[error(
        "the device was reset with {register}.{field} = {found} instead of {is} (section {section})"
    )]
    RequiredForReset {
        register: &'static str,
        field: &'static str,
        found: u64,
        is: u64,
        section: &'static str,
    },
    /// A register was written without a value that every write of it needs.
    #[error("{register}.{field} was written as {found} instead of {is} (section {section})")]
    RequiredForWrite {
        register: &'static str,
        field: &'static str,
        found: u64,
        is: u64,
        section: &'static str,
    },
    /// A write acknowledged causes that a read had already acknowledged, and so may lose new ones.
    #[error("{register} was acknowledged twice: by the read and by writing {bits:#x}")]
    AcknowledgedTwice { register: &'static str, bits: u64 },
    /// A ring ran before a register with an invalid power-on value was written.
    #[error("{ring} ran before {register} was written (section {section})")]
    NeverWritten {
        ring: RingName,
        register: &'static str,
        section: &'static str,
    },
    /// An address given to the device is not in attached memory.
    #[error("DMA of {ring} to {bytes} bytes at {address:#x} is outside attached memory")]
    DmaOutside {
        ring: RingName,
        address: u64,
        bytes: u32,
    },
    /// A field of a descriptor has a wrong value.
    #[error("descriptor {index} of {ring} has {field} = {found:#x} instead of {expected:#x}")]
    DescriptorField {
        ring: RingName,
        index: u32,
        field: &'static str,
        found: u64,
        expected: u64,
    },
    /// Reserved bits of a descriptor are set.
    #[error("descriptor {index} of {ring} has reserved bits {bits:#x} of word {word} set")]
    DescriptorBits {
        ring: RingName,
        index: u32,
        word: u32,
        bits: u64,
    },
    /// The first descriptor of a frame lacks the first mark, or another one has it.
    #[error("descriptor {index} of {ring} is {place} of its frame, but has the wrong first mark")]
    FrameMark {
        ring: RingName,
        index: u32,
        place: &'static str,
    },
    /// A frame has more descriptors than the device supports.
    #[error("the frame at descriptor {index} of {ring} has too many descriptors: {count}")]
    FrameDescriptors {
        ring: RingName,
        index: u32,
        count: u32,
    },
    /// A frame was handed over without its last descriptor.
    #[error("the frame at descriptor {index} of {ring} was handed over incomplete")]
    FramePart { ring: RingName, index: u32 },
    /// A frame to be sent is too short or too long for the device.
    #[error("the frame at descriptor {index} of {ring} has an invalid length of {bytes} bytes")]
    FrameLength {
        ring: RingName,
        index: u32,
        bytes: u32,
    },
}

/// Violations in order of occurrence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations {
    list: Vec<Violation>,
    more: u64,
}

impl Violations {
    /// How many are kept; more are only counted.
    const MOST: usize = 256;

    pub(crate) fn push(&mut self, violation: Violation) {
        if self.list.len() < Self::MOST {
            self.list.push(violation);
        } else {
            self.more += 1;
        }
    }

    /// Whether there are no violations.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The first 256 of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.list.iter()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for violation in &self.list {
            writeln!(f, "{violation}")?;
        }
        match self.more {
            0 => Ok(()),
            more => writeln!(f, "and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_violations_are_kept() {
        let mut all = Violations::default();
        for offset in 0..300 {
            all.push(Violation::NoRegister { offset, bytes: 4 });
        }
        assert_eq!(all.iter().count(), 256);
        let text = all.to_string();
        assert!(text.starts_with("no register of 4 bytes at 0x00000\n"));
        assert!(text.ends_with("and 44 more\n"), "{text}");
    }
}
