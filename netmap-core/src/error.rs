//! Errors of a sync.

use core::fmt;

/// Why a sync was refused or stopped early. Except after `DeviceGone` and `PortClosed`, the next valid sync works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyncError {
    /// The device is gone. Every sync returns this until control has started the device again.
    DeviceGone,
    /// The port was closed. Its rings do not move again.
    PortClosed,
    /// The ring's `head` is outside the slots that the client owns.
    HeadOutOfRange {
        /// The client's `head`.
        head: u32,
        /// First slot that the client owned.
        hwcur: u32,
        /// First slot past the client's.
        hwtail: u32,
    },
    /// The ring's `cur` is not between `head` and `tail`.
    CurOutOfRange {
        /// The client's `cur`.
        cur: u32,
        /// The client's `head`.
        head: u32,
        /// The ring's `tail`.
        tail: u32,
    },
    /// The given positions or slots do not belong to this ring.
    NotThisRing {
        /// Slots of the ring.
        slots: u32,
    },
    /// A slot's buffer index is out of range.
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
        /// Shortest allowed length.
        min: u16,
        /// Longest allowed length.
        max: u16,
    },
    /// A frame over several slots is longer than the NIC can send.
    FrameTooLong {
        /// Its first slot.
        slot: u32,
        /// Its length in bytes, as far as it was measured.
        len: u32,
        /// Longest allowed length.
        max: u32,
    },
    /// A frame has more slots than the NIC or the ring allows.
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
    /// A slot has a flag that a NIC ring does not support.
    FlagNotSupported {
        /// The slot.
        slot: u32,
        /// Its flags.
        flags: u16,
    },
    /// The device reports a head that is not the position of an outstanding descriptor.
    NicHeadOutOfRange {
        /// The reported head.
        read: u32,
        /// Position of the oldest descriptor that is not known to be done.
        oldest: u32,
        /// Position past the newest descriptor.
        tail: u32,
    },
    /// The device reports more bytes than the buffer holds; the frame is dropped.
    ReceivedPastBuffer {
        /// The slot.
        slot: u32,
        /// Reported bytes.
        len: u16,
        /// Bytes of a buffer.
        buffer_size: u32,
    },
}

impl fmt::Display for SyncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            SyncError::DeviceGone => f.write_str("the device is gone"),
            SyncError::PortClosed => f.write_str("the port was closed"),
            SyncError::HeadOutOfRange {
                head,
                hwcur,
                hwtail,
            } => {
                write!(
                    f,
                    "head {head} is outside the client's slots {hwcur} to {hwtail}"
                )
            }
            SyncError::CurOutOfRange { cur, head, tail } => {
                write!(f, "cur {cur} is not between head {head} and tail {tail}")
            }
            SyncError::NotThisRing { slots } => write!(
                f,
                "positions or slots do not belong to this ring of {slots} slots"
            ),
            SyncError::BufferOutOfRange { slot, buffer } => {
                write!(f, "slot {slot}: buffer index {buffer} is out of range")
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
                "slot {slot}: a frame of {len} bytes is longer than the NIC's limit of {max}"
            ),
            SyncError::TooManySlots { slot, max } => {
                write!(f, "slot {slot}: the frame has more than {max} slots")
            }
            SyncError::FrameChanged { slot } => {
                write!(f, "slot {slot}: the frame changed while it was handed over")
            }
            SyncError::NicHeadOutOfRange { read, oldest, tail } => write!(
                f,
                "the device reports head {read}, which is not between {oldest} and {tail}"
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
