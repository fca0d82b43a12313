//! One slot and one descriptor: which slots may be sent, and how a descriptor is stored.

use core::sync::atomic::Ordering::Relaxed;

use crate::abi::NS_INDIRECT;
use crate::run::Descriptor;
use crate::{FrameLimits, Pool, SyncError, TxFormat};

/// Limits of the frames that a queue sends, over all their slots.
#[derive(Clone, Copy)]
pub(super) struct SentLimits {
    /// Bytes of the shortest frame.
    shortest: u16,
    /// Bytes of the longest frame.
    longest: u32,
    /// Most slots of a frame.
    slots: u32,
}

impl SentLimits {
    /// The narrower ones of those of the NIC and of a variant.
    pub(super) fn of<F: TxFormat>(variant: FrameLimits) -> SentLimits {
        let shortest = u16::try_from(variant.shortest).unwrap_or(u16::MAX);
        SentLimits {
            shortest: shortest.max(F::MIN_LEN),
            longest: variant.sent.min(F::FRAME_MAX),
            slots: variant.slots.min(F::SLOTS_MAX),
        }
    }
}

/// Lengths allowed by both the NIC and the buffer size.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    pub(super) min: u16,
    pub(super) max: u16,
    /// Bytes of the longest frame over all its slots.
    pub(super) frame_max: u32,
    /// Most slots of a frame.
    pub(super) frame_slots: u32,
}

impl Limit {
    /// The limits of a queue with buffers of `pool`.
    #[inline(always)]
    pub(super) fn of<F: TxFormat, P: Pool>(pool: P, limits: SentLimits) -> Limit {
        let most = u32::from(F::MAX_LEN).min(limits.longest);
        Limit {
            min: limits.shortest,
            max: most.min(pool.buffer_size()) as u16,
            frame_max: limits.longest,
            frame_slots: limits.slots,
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
