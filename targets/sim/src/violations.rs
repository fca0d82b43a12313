//! What a driver did that the hardware forbids.

use std::fmt;

use netmap_core::Direction;
use thiserror::Error;

/// One ring of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingName {
    /// Which way its frames go.
    pub direction: Direction,
    /// Its queue.
    pub queue: u32,
}

impl fmt::Display for RingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.direction {
            Direction::Tx => "tx",
            Direction::Rx => "rx",
        };
        write!(f, "{direction} ring {}", self.queue)
    }
}

/// One thing that the hardware forbids. The device goes on as silicon might: it ignores what makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Violation {
    /// No register is there.
    #[error("no register of {bytes} bytes at {offset:#07x}")]
    NoRegister {
        /// Where, in bytes.
        offset: u32,
        /// Width of the access.
        bytes: u32,
    },
    /// The access covers a part of a register, or more than one.
    #[error("{register} is not accessed whole by {bytes} bytes at {offset:#07x}")]
    PartOfRegister {
        /// The register.
        register: &'static str,
        /// Where, in bytes.
        offset: u32,
        /// Width of the access.
        bytes: u32,
    },
    /// A register that means nothing to readers was read.
    #[error("read of {register}, which is write-only")]
    ReadOfWriteOnly {
        /// The register.
        register: &'static str,
    },
    /// A register that ignores writes was written.
    #[error("write of {value:#x} to {register}[{element}], which is read-only")]
    WriteOfReadOnly {
        /// The register.
        register: &'static str,
        /// Which element of an array.
        element: u32,
        /// What was written.
        value: u64,
    },
    /// A bit became one that is no field of its register.
    #[error("reserved bits {bits:#x} of {register} were set")]
    ReservedBits {
        /// The register.
        register: &'static str,
        /// The bits.
        bits: u64,
    },
    /// An access to the PHY was started before the last one was over.
    #[error("{register} was written before the last access to the PHY was over")]
    PhyBusy {
        /// The command register.
        register: &'static str,
    },
    /// A bit of a PHY register became one that has to be zero.
    #[error("reserved bits {bits:#x} of PHY register {register} were set")]
    PhyReserved {
        /// The PHY register.
        register: u8,
        /// The bits.
        bits: u16,
    },
    /// A ring was enabled at an address that the device does not reach.
    #[error("{ring} was enabled at {base:#x}, and the device has {bits} bits for addresses")]
    RingBeyond {
        /// The ring.
        ring: RingName,
        /// Its address.
        base: u64,
        /// Bits of the longest address.
        bits: u32,
    },
    /// A ring was enabled at an address that its alignment forbids.
    #[error("{ring} was enabled at {base:#x}, which is not a multiple of {align}")]
    RingBase {
        /// The ring.
        ring: RingName,
        /// Its address.
        base: u64,
        /// What it has to be a multiple of.
        align: u32,
    },
    /// A ring was enabled with a length that it may not have.
    #[error("{ring} was enabled with {bytes} bytes")]
    RingLength {
        /// The ring.
        ring: RingName,
        /// Its length.
        bytes: u64,
    },
    /// No descriptor of a ring is marked as its last one, as far as the longest ring reaches.
    #[error("the {ring} has no end")]
    NoEndOfRing {
        /// The ring.
        ring: RingName,
    },
    /// A head or tail that is no descriptor of the ring.
    #[error("{register} of {ring} is {value} of {slots}")]
    RingPosition {
        /// The ring.
        ring: RingName,
        /// The register.
        register: &'static str,
        /// What it holds.
        value: u64,
        /// Descriptors of the ring.
        slots: u32,
    },
    /// A register that a running ring depends on was written.
    #[error("{register} was written while the {ring} ran")]
    RingChanged {
        /// The ring.
        ring: RingName,
        /// The register.
        register: &'static str,
    },
    /// A doorbell announced descriptors that no barrier had published.
    #[error("the doorbell of {ring} was rung at {tail} without a barrier before it")]
    Unpublished {
        /// The ring.
        ring: RingName,
        /// The tail announced.
        tail: u32,
    },
    /// An order rule was broken.
    #[error("{then} was written before {first} (section {section})")]
    Order {
        /// The register that should have been written.
        first: &'static str,
        /// The register that was written too early.
        then: &'static str,
        /// Section of the datasheet.
        section: &'static str,
    },
    /// A register was written that ignored the write.
    #[error("{register} was written while it was locked (section {section})")]
    Locked {
        /// The register.
        register: &'static str,
        /// Section of the datasheet.
        section: &'static str,
    },
    /// A message was to be sent that the system has not given to the device.
    #[error("message {message} was to be sent, and there are {count}")]
    NoMessage {
        /// The message.
        message: u32,
        /// How many there are.
        count: u32,
    },
    /// A cause was read of which a message that is sent clears bits.
    #[error("{register} was read while messages clear bits of it (section {section})")]
    CauseRead {
        /// The register.
        register: &'static str,
        /// Section of the datasheet.
        section: &'static str,
    },
    /// The block of counters was to be dumped to memory that is not attached.
    #[error("{bytes} bytes of counters were to be dumped to {address:#x}, which are not attached")]
    BlockOutside {
        /// The address.
        address: u64,
        /// Bytes of the block.
        bytes: u32,
    },
    /// A ring ran without a value that the hardware needs.
    #[error(
        "{ring} ran with {register}.{field} = {found}, which has to be {is} (section {section})"
    )]
    Required {
        /// The ring.
        ring: RingName,
        /// The register.
        register: &'static str,
        /// The field.
        field: &'static str,
        /// What it held.
        found: u64,
        /// What it has to hold.
        is: u64,
        /// Section of the datasheet.
        section: &'static str,
    },
    /// A driver that changes a register in place changed bits that are none of its business.
    #[error("bits {bits:#x} of {register}, which no driver has to do with, were changed")]
    ForeignBits {
        /// The register.
        register: &'static str,
        /// The bits.
        bits: u64,
    },
    /// A register was touched before a field showed what the driver has to wait for.
    #[error("{register} was touched before {field} showed what it is (section {section})")]
    TooEarly {
        /// The register.
        register: &'static str,
        /// The field.
        field: &'static str,
        /// Section of the datasheet.
        section: &'static str,
    },
    /// The device was reset without a value that it needs for that.
    #[error(
        "it was reset with {register}.{field} = {found}, which has to be {is} (section {section})"
    )]
    RequiredForReset {
        /// The register.
        register: &'static str,
        /// The field.
        field: &'static str,
        /// What it held.
        found: u64,
        /// What it has to hold.
        is: u64,
        /// Section of the datasheet.
        section: &'static str,
    },
    /// A register was written without a value that every write of it needs.
    #[error("{register}.{field} was written as {found}, which has to be {is} (section {section})")]
    RequiredForWrite {
        /// The register.
        register: &'static str,
        /// The field.
        field: &'static str,
        /// What was written.
        found: u64,
        /// What has to be.
        is: u64,
        /// Section of the datasheet.
        section: &'static str,
    },
    /// What a read has acknowledged was acknowledged again by a write, and with it whatever happened in between.
    #[error("{register} was read, which acknowledges, and written with {bits:#x} of it again")]
    AcknowledgedTwice {
        /// The register.
        register: &'static str,
        /// The bits.
        bits: u64,
    },
    /// A ring ran without a register having been written whose power-on value is wrong.
    #[error("{ring} ran before {register} was written (section {section})")]
    NeverWritten {
        /// The ring.
        ring: RingName,
        /// The register.
        register: &'static str,
        /// Section of the datasheet.
        section: &'static str,
    },
    /// An address given to the device hits no memory that was attached to it.
    #[error("{ring} was given {bytes} bytes at {address:#x}, which are not attached")]
    DmaOutside {
        /// The ring.
        ring: RingName,
        /// The address.
        address: u64,
        /// Bytes the device wanted to touch.
        bytes: u32,
    },
    /// A field of a descriptor does not hold what the device insists on.
    #[error("descriptor {index} of {ring} has {field} = {found:#x} instead of {expected:#x}")]
    DescriptorField {
        /// The ring.
        ring: RingName,
        /// The descriptor.
        index: u32,
        /// The field.
        field: &'static str,
        /// What it holds.
        found: u64,
        /// What it has to hold.
        expected: u64,
    },
    /// Bits of a descriptor that have to be zero are not.
    #[error("descriptor {index} of {ring} has bits {bits:#x} of word {word} set")]
    DescriptorBits {
        /// The ring.
        ring: RingName,
        /// The descriptor.
        index: u32,
        /// Which of its words.
        word: u32,
        /// The bits.
        bits: u64,
    },
    /// The first descriptor of a frame is not marked as such, or one that is not the first is.
    #[error("descriptor {index} of {ring} is {place} of its frame and not marked so")]
    FrameMark {
        /// The ring.
        ring: RingName,
        /// The descriptor.
        index: u32,
        /// What it is.
        place: &'static str,
    },
    /// A frame has more descriptors than the device takes.
    #[error("the frame at descriptor {index} of {ring} has {count} descriptors")]
    FrameDescriptors {
        /// The ring.
        ring: RingName,
        /// Its first descriptor.
        index: u32,
        /// How many it has.
        count: u32,
    },
    /// The device was let see a frame whose last descriptor was not handed over yet.
    #[error("the frame at descriptor {index} of {ring} was handed over in part")]
    FramePart {
        /// The ring.
        ring: RingName,
        /// Its first descriptor.
        index: u32,
    },
    /// A frame to be sent is shorter or longer than the device takes.
    #[error("descriptor {index} of {ring} has a frame of {bytes} bytes")]
    FrameLength {
        /// The ring.
        ring: RingName,
        /// The descriptor.
        index: u32,
        /// The frame's length.
        bytes: u32,
    },
}

/// Violations, in the order in which they happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations {
    list: Vec<Violation>,
    more: u64,
}

impl Violations {
    /// What is kept; the rest is counted.
    const MOST: usize = 256;

    pub(crate) fn push(&mut self, violation: Violation) {
        if self.list.len() < Self::MOST {
            self.list.push(violation);
        } else {
            self.more += 1;
        }
    }

    /// Whether there was none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The first 256 of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.list.iter()
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
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
    fn a_flood_of_violations_is_counted_and_not_kept() {
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
