//! What may go wrong in a sync.

use core::fmt;

/// Why a sync was refused or stopped short. The ring stays usable: the next legal sync works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyncError {
    /// The ring's `head` lies outside the slots that the client owns.
    HeadOutOfRange {
        /// The client's `head`.
        head: u32,
        /// First slot the client owned.
        hwcur: u32,
        /// First slot past those.
        hwtail: u32,
    },
    /// The ring's `cur` lies outside the slots between `head` and `tail`.
    CurOutOfRange {
        /// The client's `cur`.
        cur: u32,
        /// The client's `head`.
        head: u32,
        /// The ring's `tail`.
        tail: u32,
    },
    /// The positions or the slots given do not belong to this ring.
    NotThisRing {
        /// Slots of the ring.
        slots: u32,
    },
    /// A slot's buffer is none of those a client may use.
    BufferOutOfRange {
        /// The slot.
        slot: u32,
        /// Its buffer index.
        buffer: u32,
    },
    /// A slot's length is not between the shortest and the longest frame, or exceeds its buffer.
    LengthOutOfRange {
        /// The slot.
        slot: u32,
        /// Its length in bytes.
        len: u16,
        /// Shortest length allowed.
        min: u16,
        /// Longest length allowed.
        max: u16,
    },
    /// A frame over several slots is longer than the NIC can send.
    FrameTooLong {
        /// Its first slot.
        slot: u32,
        /// Its length in bytes, as far as it was looked at.
        len: u32,
        /// Longest length allowed.
        max: u32,
    },
    /// A frame has more slots than the NIC, or the ring, takes for one.
    TooManySlots {
        /// Its first slot.
        slot: u32,
        /// Most slots of a frame.
        max: u32,
    },
    /// A frame over several slots changed while it was handed over.
    FrameChanged {
        /// Its first slot.
        slot: u32,
    },
    /// A slot has a flag that a NIC ring does not take.
    FlagNotSupported {
        /// The slot.
        slot: u32,
        /// Its flags.
        flags: u16,
    },
    /// The device tells a position that no descriptor handed over has.
    NicHeadOutOfRange {
        /// What it tells.
        read: u32,
        /// Position of the oldest descriptor that is not known to be done.
        oldest: u32,
        /// Position past the newest.
        tail: u32,
    },
    /// The device reports more bytes than the buffer holds; the frame is dropped.
    ReceivedPastBuffer {
        /// The slot.
        slot: u32,
        /// Bytes the device reports.
        len: u16,
        /// Bytes of a buffer.
        buffer_size: u32,
    },
}

impl fmt::Display for SyncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            SyncError::HeadOutOfRange {
                head,
                hwcur,
                hwtail,
            } => {
                write!(
                    f,
                    "head {head} lies outside the client's slots {hwcur} to {hwtail}"
                )
            }
            SyncError::CurOutOfRange { cur, head, tail } => {
                write!(f, "cur {cur} lies outside head {head} to tail {tail}")
            }
            SyncError::NotThisRing { slots } => write!(
                f,
                "positions or slots do not belong to this ring of {slots} slots"
            ),
            SyncError::BufferOutOfRange { slot, buffer } => {
                write!(f, "slot {slot}: no buffer {buffer} for clients")
            }
            SyncError::LengthOutOfRange {
                slot,
                len,
                min,
                max,
            } => {
                write!(
                    f,
                    "slot {slot}: length {len} is not between {min} and {max}"
                )
            }
            SyncError::FrameTooLong { slot, len, max } => write!(
                f,
                "slot {slot}: a frame of {len} bytes, and the NIC sends {max} at most"
            ),
            SyncError::TooManySlots { slot, max } => {
                write!(f, "slot {slot}: a frame of more than {max} slots")
            }
            SyncError::FrameChanged { slot } => {
                write!(f, "slot {slot}: the frame changed while it was handed over")
            }
            SyncError::NicHeadOutOfRange { read, oldest, tail } => write!(
                f,
                "the device stands at {read}, which is not between {oldest} and {tail}"
            ),
            SyncError::FlagNotSupported { slot, flags } => {
                write!(f, "slot {slot}: flags {flags:#06x} are not supported")
            }
            SyncError::ReceivedPastBuffer {
                slot,
                len,
                buffer_size,
            } => {
                write!(
                    f,
                    "slot {slot}: the device reports {len} bytes in a buffer of {buffer_size}"
                )
            }
        }
    }
}

impl core::error::Error for SyncError {}
