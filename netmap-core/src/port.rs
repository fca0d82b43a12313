//! What a target's rings and ports offer: data on one side, control on the other.

use crate::{Fault, Link, SyncError};

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

/// Control of a port: one lock, never on a sync path.
pub trait Port {
    /// Why control may fail.
    type Error: From<Fault>;

    /// Brings the device up with the rings as the clients see them.
    ///
    /// # Errors
    /// The device did not do what its spec promises.
    fn start(&mut self) -> Result<(), Self::Error>;
    /// Takes the device down; rings stay as they are.
    ///
    /// # Errors
    /// The device did not do what its spec promises.
    fn stop(&mut self) -> Result<(), Self::Error>;
    /// Resets the device without the clients noticing.
    ///
    /// # Errors
    /// The device did not come up again; rings stay paused.
    fn reset(&mut self, which: Reset) -> Result<(), Self::Error>;
    /// The state of the link now.
    ///
    /// # Errors
    /// The device could not be asked.
    fn link(&mut self) -> Result<Link, Self::Error>;
    /// Totals of the NIC's counters, in the order of [`crate::Nic::STATISTICS`].
    fn statistics(&mut self) -> &[u64];
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
