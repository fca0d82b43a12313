//! Completion schemes: how a NIC reports sent frames.
//!
//! | scheme | completion is reported by | module |
//! | --- | --- | --- |
//! | done bit | a bit of the descriptors that request a report | `report` |
//! | owner bit | a bit of every descriptor; only marked ones are checked | `report` |
//! | head register | the NIC's head, read from a register | `position` |
//! | head write-back | the NIC's head, written to memory | `position` |
//!
//! Each returns how many of the outstanding descriptors are done, counted from the oldest.

mod position;
mod report;

use core::sync::atomic::Ordering::Acquire;

pub(crate) use report::overtaken;

use crate::register::RegOffset;
use crate::reports::Reports;
use crate::ring::NicRing;
use crate::{Bus, NmIdx, SyncError, TxFormat};

/// A completion scheme: how a NIC reports sent frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Completion {
    /// The NIC sets a bit in descriptors that request a report.
    DoneBit,
    /// The NIC clears the owner bit of each descriptor.
    OwnerBit,
    /// A register has the NIC's position.
    HeadRegister,
    /// The NIC writes its position to memory.
    HeadWriteback,
}

impl Completion {
    /// Its name in specs.
    pub const fn name(self) -> &'static str {
        match self {
            Completion::DoneBit => "done_bit",
            Completion::OwnerBit => "owner_bit",
            Completion::HeadRegister => "head_register",
            Completion::HeadWriteback => "head_writeback",
        }
    }
}

/// Descriptors handed over and not known to be done.
#[derive(Clone, Copy)]
pub(crate) struct Outstanding {
    /// The slot of the oldest one.
    pub(crate) oldest: NmIdx,
    /// How many.
    pub(crate) count: u32,
}

/// Descriptors that are done.
#[derive(Clone, Copy)]
pub(crate) struct Done {
    /// How many, from the oldest one on.
    pub(crate) count: u32,
    /// How many of those with a report say that their frame could not be sent.
    pub(crate) failed: u32,
}

/// A queue's completion scheme.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scheme {
    pub(crate) completion: Completion,
    pub(crate) head: Option<RegOffset>,
}

impl Scheme {
    /// Returns which of the outstanding descriptors are done, and removes their report marks.
    ///
    /// # Errors
    /// The device reports a head that is not the position of an outstanding descriptor.
    #[inline(always)]
    pub(crate) fn done<F: TxFormat, B: Bus>(
        self,
        ring: &NicRing<B>,
        reports: &mut Reports,
        outstanding: Outstanding,
    ) -> Result<Done, SyncError> {
        let sent = |count| Done { count, failed: 0 };
        match self.completion {
            Completion::DoneBit | Completion::OwnerBit => {
                Ok(report::done::<F, B>(ring, reports, outstanding))
            }
            Completion::HeadRegister => {
                reports.clear();
                let read = self.head.map_or(u32::MAX, |at| ring.bus().read32(at));
                position::done(&ring.geometry, read, outstanding).map(sent)
            }
            Completion::HeadWriteback => {
                reports.clear();
                let word = ring.head_writeback();
                let read = word.map_or(u32::MAX, |word| word.load(Acquire) as u32);
                position::done(&ring.geometry, read, outstanding).map(sent)
            }
        }
    }
}
