//! How a NIC learns of new slots.

use crate::register::RegOffset;
use crate::{Bus, NicIdx};

/// How the NIC learns of new slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doorbell {
    /// A 32-bit register takes the index past the last one.
    Index(RegOffset),
    /// An 8-bit register takes a value that says "look".
    Kick {
        /// The register.
        at: RegOffset,
        /// The value.
        value: u8,
        /// Whether a kick is lost while the NIC finishes other frames, so that it is repeated when some were sent and
        /// others may wait: by the sync that finds out, and by the interrupt that tells.
        again: bool,
    },
    /// It looks by itself.
    Unneeded,
}

impl Doorbell {
    /// Announces the tail, after everything stored before.
    #[inline(always)]
    pub(crate) fn announce<B: Bus>(self, bus: &B, tail: NicIdx) {
        bus.publish();
        match self {
            Doorbell::Index(at) => bus.write32(at, tail.0),
            Doorbell::Kick { at, value, .. } => bus.write8(at, value),
            Doorbell::Unneeded => {}
        }
    }

    /// Repeats a kick that may have been lost; does nothing if none ever is.
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
