//! What a target's rings and ports offer: data on one side, control on the other.

use crate::SyncError;

/// A ring that can be synced: the project's `txsync` and `rxsync`.
///
/// Implementations own their queue and are `Send`; they share nothing with control but a gate.
pub trait SyncRing {
    /// Hands over what the client's `head` has released and takes back what the NIC has finished.
    ///
    /// # Errors
    /// What the client or the device did wrong; positions as [`SyncError`] says, and the next legal sync works.
    fn sync(&mut self) -> Result<Progress, SyncError>;
}

/// How a sync went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Both directions of the ring were looked at.
    Synced {
        /// Slots the NIC's side took over.
        handed: u32,
        /// Slots the client got back.
        returned: u32,
    },
    /// Control holds the ring's gate: nothing moved, try again.
    Paused,
}

/// What to reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// The whole device.
    Device,
    /// The link: it is negotiated again, and down until that is done. Rings stay as they are.
    Link,
    /// One transmit ring.
    Tx(u32),
    /// One receive ring.
    Rx(u32),
}
