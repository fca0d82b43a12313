//! What a NIC says of its descriptors: sixteen bytes, two words, encoded and decoded by masks and shifts on whole words.

use crate::DmaAddr;

/// A transmit descriptor.
pub trait TxFormat: 'static {
    /// Shortest frame the NIC takes, in bytes without CRC.
    const MIN_LEN: u16;
    /// Longest frame the NIC takes in one descriptor, in bytes without CRC.
    const MAX_LEN: u16;
    /// Bits of the second word that ask the NIC to report completion.
    const REPORT: u64;
    /// Bits of the second word that the NIC sets on completion.
    const DONE: u64;

    /// A descriptor for a whole frame of `len` bytes at `buffer`, without report.
    fn encode(buffer: DmaAddr, len: u16) -> [u64; 2];
}

/// A receive descriptor.
pub trait RxFormat: 'static {
    /// Word the NIC sets last, 0 or 1.
    const STATUS_WORD: usize;
    /// Bits of that word that the NIC sets when the descriptor is done.
    const DONE: u64;
    /// Bits of that word that tell whether the frame is whole and without error.
    const GOOD_MASK: u64;
    /// What those bits are for a good frame.
    const GOOD: u64;
    /// Bits of that word that are all set on the last descriptor of a frame.
    const END: u64 = Self::GOOD;
    /// Bytes of CRC that the reported length includes.
    const CRC_BYTES: u16;

    /// A descriptor that offers `buffer` to the NIC.
    fn arm(buffer: DmaAddr) -> [u64; 2];

    /// Bytes received, from the status word, as the NIC counts them.
    fn len(status: u64) -> u16;
}
