//! The results of syncs and the kinds of resets, which all targets share.

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
