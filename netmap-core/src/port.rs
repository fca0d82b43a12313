//! The operations of rings and ports that all targets share.

use crate::SyncError;

/// A ring that can be synced: the project's `txsync` and `rxsync`.
///
/// Implementations own their queue and are `Send`. They share only a gate with control.
pub trait SyncRing {
    /// Hands over the slots that the client's `head` has released, and returns the slots that the NIC has finished.
    ///
    /// # Errors
    /// An error of the client or the device. [`SyncError`] defines the positions, and the next valid sync works.
    fn sync(&mut self) -> Result<Progress, SyncError>;
}

/// The result of a sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Slots were exchanged with the NIC.
    Synced {
        /// Slots handed over to the NIC.
        handed: u32,
        /// Slots returned to the client.
        returned: u32,
    },
    /// Control has closed the ring's gate: nothing moved, try again.
    Paused,
}

/// What to reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// The whole device.
    Device,
    /// The link. It is renegotiated and down for that time. Rings do not change.
    Link,
    /// One transmit ring.
    Tx(u32),
    /// One receive ring.
    Rx(u32),
}
