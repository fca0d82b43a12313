//! What goes into a sync and comes out of it.

use crate::{NmIdx, SyncError};

/// The three positions of a ring that a sync uses: `nr_hwcur`, `nr_hwtail` and a snapshot of `head`.
///
/// A sync takes and returns them by value, because in a kernel the kring belongs to netmap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Positions {
    /// First slot of the client that is not yet handed over to the NIC.
    pub hwcur: NmIdx,
    /// First slot that the client does not own. The NIC owns the slots from here to `hwcur`: on tx it sends them, on rx
    /// it receives into them.
    pub hwtail: NmIdx,
    /// The client's `head`: the client has released all slots before it.
    pub head: NmIdx,
}

impl Positions {
    /// The same with no slot released: `head` is back at `hwcur`.
    #[inline(always)]
    pub(crate) const fn withdrawn(self) -> Positions {
        Positions {
            head: self.hwcur,
            ..self
        }
    }
}

/// The result of a sync: the new positions, and the error if it stopped early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Positions after the sync; unchanged if the sync was refused.
    pub at: Positions,
    /// The client's or the device's error, if any.
    pub fault: Option<SyncError>,
}

impl Outcome {
    /// A batch that was refused whole.
    #[inline(always)]
    pub(crate) const fn refused(at: Positions, fault: SyncError) -> Outcome {
        Outcome {
            at: at.withdrawn(),
            fault: Some(fault),
        }
    }
}
