//! One slot and one descriptor: which slots may be sent, and how a descriptor is stored.

use core::sync::atomic::Ordering::Relaxed;

use crate::abi::NS_INDIRECT;
use crate::run::Descriptor;
use crate::{Pool, SyncError, TxFormat};

/// Lengths allowed by both the NIC and the buffer size.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    pub(super) min: u16,
    pub(super) max: u16,
    /// Bytes of the longest frame over all its slots.
    pub(super) frame_max: u32,
}

impl Limit {
    /// The limits for frames of at most `frame_max` bytes in buffers of `pool`.
    #[inline(always)]
    pub(super) fn of<F: TxFormat, P: Pool>(pool: P, frame_max: u32) -> Limit {
        Limit {
            min: F::MIN_LEN,
            max: u32::from(F::MAX_LEN).min(frame_max).min(pool.buffer_size()) as u16,
            frame_max,
        }
    }

    /// The same for a part of a frame, which may be short.
    pub(super) fn of_part(self) -> Limit {
        Limit { min: 1, ..self }
    }

    #[inline(always)]
    pub(super) fn check(self, slot: u32, len: u16) -> Result<(), SyncError> {
        let Limit { min, max, .. } = self;
        match len < min || len > max {
            true => Err(SyncError::LengthOutOfRange {
                slot,
                len,
                min,
                max,
            }),
            false => Ok(()),
        }
    }
}

/// Refuses indirect data, which only switches support.
pub(super) fn refuse_indirect(slot: u32, flags: u16) -> Result<(), SyncError> {
    match flags & NS_INDIRECT {
        0 => Ok(()),
        _ => Err(SyncError::FlagNotSupported { slot, flags }),
    }
}

/// Stores a descriptor, its control word last.
#[inline(always)]
pub(super) fn store<F: TxFormat>(descriptor: &Descriptor, words: [u64; 2]) {
    descriptor[1 - F::CONTROL].store(words[1 - F::CONTROL], Relaxed);
    descriptor[F::CONTROL].store(words[F::CONTROL], Relaxed);
}
