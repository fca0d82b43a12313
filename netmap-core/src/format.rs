//! Descriptor formats: sixteen bytes in two words, encoded and decoded by masks and shifts on whole words.

use crate::DmaAddr;

/// A transmit descriptor.
///
/// All bit constants are of the *control* word, which is stored last.
pub trait TxFormat: 'static {
    /// Shortest frame that the NIC sends, in bytes without CRC.
    const MIN_LEN: u16;
    /// Most bytes of one descriptor.
    const MAX_LEN: u16;
    /// Longest frame that any variant of the NIC sends, over all its descriptors, in bytes without CRC.
    const FRAME_MAX: u32;
    /// Most descriptors of a frame; 1 if a frame has to fit one.
    const SLOTS_MAX: u32;
    /// The control word, 0 or 1.
    const CONTROL: usize;
    /// Bits that request a completion report; 0 if the NIC always reports.
    const REPORT: u64;
    /// Bits that report completion of a descriptor with a report request.
    const DONE_MASK: u64;
    /// The value of these bits on completion.
    const DONE: u64;
    /// Bits of a completed descriptor, any of which reports that its frame could not be sent.
    const FAILED: u64 = 0;
    /// Owner bits, set while the NIC owns the descriptor; 0 if only the doorbell hands descriptors over.
    const OWNER: u64;
    /// Mark of the last descriptor of the ring; 0 if a register has the ring's length.
    const END_OF_RING: u64;
    /// Bits that are set on the first descriptor of a frame only.
    const FIRST: u64;
    /// Bits that are set on the last descriptor of a frame only.
    const LAST: u64;
    /// What each byte of a frame in one descriptor adds to the descriptor's words: more than one bit if several fields
    /// have the length.
    const PER_BYTE: [u64; 2];

    /// A descriptor for `len` bytes (at most [`MAX_LEN`](Self::MAX_LEN)) at `buffer`, part of a frame of `frame` bytes,
    /// with owner bits and none of the other bits above.
    fn part(buffer: DmaAddr, len: u32, frame: u32) -> [u64; 2];

    /// A descriptor for a whole frame, without a report request.
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
/// All bit constants are of the *status* word, which the NIC writes last and which a refill stores last.
pub trait RxFormat: 'static {
    /// The status word, 0 or 1.
    const STATUS_WORD: usize;
    /// Bits that report completion.
    const DONE_MASK: u64;
    /// The value of these bits on completion.
    const DONE: u64;
    /// Owner bits, set while the NIC owns the descriptor; 0 if only the doorbell hands descriptors over.
    const OWNER: u64;
    /// Mark of the last descriptor of the ring; 0 if a register has the ring's length.
    const END_OF_RING: u64;
    /// Bits that are set on the first descriptor of a frame only; 0 if the NIC does not mark it.
    const FIRST: u64;
    /// Bits that are all set on the last descriptor of a frame.
    const LAST: u64;
    /// Bits that report whether a frame in one descriptor is whole and without error.
    const GOOD_MASK: u64;
    /// The value of these bits for a good frame.
    const GOOD: u64;
    /// Bytes of every part except the last, if the last descriptor reports the length of the whole frame; 0 if each
    /// descriptor reports its own bytes.
    const PART: u32;

    /// A refilled descriptor with `buffer`, with owner bits.
    fn arm(buffer: DmaAddr) -> [u64; 2];

    /// Bytes in the buffer, from the status word, as the NIC counts them: including the CRC if it is [kept](Crc::Kept).
    fn len(status: u64) -> u16;
}

/// What a NIC does with the CRC of the frames that it receives. Clients see frames without one either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Crc {
    /// The NIC strips the CRC: neither buffers nor lengths include it.
    Stripped,
    /// The NIC writes the CRC to the buffers and counts it, so the queue subtracts it from lengths.
    Kept,
}

impl Crc {
    /// CRC bytes that the lengths of frames include.
    pub const fn bytes(self) -> u16 {
        match self {
            Crc::Stripped => 0,
            Crc::Kept => 4,
        }
    }
}
