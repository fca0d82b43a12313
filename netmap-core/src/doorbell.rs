//! Doorbells: how a NIC is notified of new descriptors.

use crate::register::RegOffset;
use crate::{Bus, NicIdx};

/// How the NIC is notified of new descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doorbell {
    /// The index past the last descriptor is written to a 32-bit register.
    Index(RegOffset),
    /// A value is written to an 8-bit register, as a kick.
    Kick {
        /// The register.
        at: RegOffset,
        /// The value.
        value: u8,
        /// Whether the NIC can lose a kick while it finishes other frames. If so, the kick is repeated when some frames
        /// were sent and others may wait: by a sync that finds this, and after a transmit interrupt.
        again: bool,
    },
    /// The NIC polls the ring.
    Unneeded,
}

impl Doorbell {
    /// Announces the tail, after all earlier stores.
    #[inline(always)]
    pub(crate) fn announce<B: Bus>(self, bus: &B, tail: NicIdx) {
        bus.publish();
        match self {
            Doorbell::Index(at) => bus.write32(at, tail.0),
            Doorbell::Kick { at, value, .. } => bus.write8(at, value),
            Doorbell::Unneeded => {}
        }
    }

    /// Repeats a kick that may have been lost; does nothing on NICs that lose none.
    #[inline(always)]
    pub fn kick_again<B: Bus>(self, bus: &B) {
        if let Doorbell::Kick {
            at,
            value,
            again: true,
        } = self
        {
            bus.publish();
            bus.write8(at, value);
        }
    }
}
