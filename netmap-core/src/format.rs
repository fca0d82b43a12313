//! What a NIC says of its descriptors: sixteen bytes, two words, encoded and decoded by masks and shifts on whole words.

use crate::DmaAddr;

/// A transmit descriptor.
///
/// All bit constants are of the *control* word, which is stored last.
pub trait TxFormat: 'static {
    /// Shortest frame the NIC takes, in bytes without CRC.
    const MIN_LEN: u16;
    /// Most bytes that one descriptor can stand for.
    const MAX_LEN: u16;
    /// Longest frame that any variant of the NIC takes, over all its descriptors, in bytes without CRC.
    const FRAME_MAX: u32;
    /// Most descriptors of a frame; 1 if a frame has to fit one.
    const SLOTS_MAX: u32;
    /// The control word, 0 or 1.
    const CONTROL: usize;
    /// Bits that ask the NIC to report completion; 0 if it always does.
    const REPORT: u64;
    /// Bits that tell whether the NIC is done with a descriptor that it was to report.
    const DONE_MASK: u64;
    /// What those bits are when it is.
    const DONE: u64;
    /// Bits by which a descriptor is the NIC's; 0 where the doorbell alone hands it over.
    const OWNER: u64;
    /// Mark of the last descriptor of the ring; 0 if the NIC counts.
    const END_OF_RING: u64;
    /// Bits that are set on the first descriptor of a frame only.
    const FIRST: u64;
    /// Bits that are set on the last descriptor of a frame only.
    const LAST: u64;
    /// What each byte of a frame in one descriptor adds to the words of that: more than one bit where the length stands
    /// in several fields.
    const PER_BYTE: [u64; 2];

    /// A descriptor for `len` bytes, [`MAX_LEN`](Self::MAX_LEN) at most, at `buffer`, part of a frame of `frame` bytes,
    /// with owner bits and none of the other constants.
    fn part(buffer: DmaAddr, len: u32, frame: u32) -> [u64; 2];

    /// A descriptor for a whole frame, without report.
    #[inline(always)]
    fn encode(buffer: DmaAddr, len: u32) -> [u64; 2] {
        let [first, second] = Self::part(buffer, len, len);
        let ends = Self::FIRST | Self::LAST;
        match Self::CONTROL {
            0 => [first | ends, second],
            _ => [first, second | ends],
        }
    }
}

/// A receive descriptor.
///
/// All bit constants are of the *status* word, which the NIC writes last and which is stored last when a buffer is
/// offered.
pub trait RxFormat: 'static {
    /// The status word, 0 or 1.
    const STATUS_WORD: usize;
    /// Bits that tell whether the NIC is done with a descriptor.
    const DONE_MASK: u64;
    /// What those bits are when it is.
    const DONE: u64;
    /// Bits by which an offered descriptor is the NIC's; 0 where the doorbell alone hands it over.
    const OWNER: u64;
    /// Mark of the last descriptor of the ring; 0 if the NIC counts.
    const END_OF_RING: u64;
    /// Bits that are set on the first descriptor of a frame only; 0 if the NIC does not tell.
    const FIRST: u64;
    /// Bits that are all set on the last descriptor of a frame.
    const LAST: u64;
    /// Bits that tell whether a frame in one descriptor is whole and without error.
    const GOOD_MASK: u64;
    /// What those bits are for a good frame.
    const GOOD: u64;
    /// Bytes of every part but the last, where the length reported with the last one is that of the whole frame; 0 where
    /// each descriptor reports its own bytes.
    const PART: u32;

    /// A descriptor that offers `buffer` to the NIC, with owner bits.
    fn arm(buffer: DmaAddr) -> [u64; 2];

    /// Bytes in the buffer, from the status word, as the NIC counts them: with the CRC where it is [kept](Crc::Kept).
    fn len(status: u64) -> u16;
}

/// What a NIC does with the CRC of the frames that it receives. Clients see frames without one either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Crc {
    /// It strips it: neither buffers nor lengths have it.
    Stripped,
    /// It writes it to the buffers and counts it, so that it is taken off lengths.
    Kept,
}

impl Crc {
    /// Bytes of it that the lengths of frames include.
    pub const fn bytes(self) -> u16 {
        match self {
            Crc::Stripped => 0,
            Crc::Kept => 4,
        }
    }
}
