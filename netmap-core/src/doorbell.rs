//! Doorbells: how a NIC is notified of new descriptors.

use crate::register::{Raw, RegOffset};
use crate::{Bus, NicIdx};

/// How the NIC is notified of new descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doorbell {
    /// The index past the last descriptor is written to a register.
    Index {
        /// The register.
        at: RegOffset,
        /// Its width, which is enough for the indexes of the ring.
        width: DoorbellWidth,
    },
    /// A value is written to a register, as a kick.
    Kick {
        /// The register.
        at: RegOffset,
        /// Its width.
        width: DoorbellWidth,
        /// The value, which fits the width.
        value: u32,
        /// Whether the NIC can lose a kick while it finishes other frames. If so, the kick is repeated when some frames
        /// were sent and others may wait: by a sync that finds this, and after a transmit interrupt.
        again: bool,
    },
    /// The NIC polls the ring.
    Unneeded,
}

/// The width of a doorbell register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorbellWidth {
    /// 8 bits.
    Bits8,
    /// 16 bits.
    Bits16,
    /// 32 bits.
    Bits32,
}

/// An integer that a doorbell register may hold.
pub trait DoorbellRaw: Raw {
    /// Its width.
    const WIDTH: DoorbellWidth;
}

impl DoorbellRaw for u8 {
    const WIDTH: DoorbellWidth = DoorbellWidth::Bits8;
}

impl DoorbellRaw for u16 {
    const WIDTH: DoorbellWidth = DoorbellWidth::Bits16;
}

impl DoorbellRaw for u32 {
    const WIDTH: DoorbellWidth = DoorbellWidth::Bits32;
}

impl DoorbellWidth {
    /// The largest value of a register of this width.
    pub const fn max(self) -> u32 {
        match self {
            DoorbellWidth::Bits8 => u8::MAX as u32,
            DoorbellWidth::Bits16 => u16::MAX as u32,
            DoorbellWidth::Bits32 => u32::MAX,
        }
    }

    #[inline(always)]
    fn write<B: Bus>(self, bus: &B, at: RegOffset, value: u32) {
        match self {
            DoorbellWidth::Bits8 => bus.write8(at, value as u8),
            DoorbellWidth::Bits16 => bus.write16(at, value as u16),
            DoorbellWidth::Bits32 => bus.write32(at, value),
        }
    }
}

impl Doorbell {
    /// An index in a register of 32 bits.
    pub const fn index(at: RegOffset) -> Doorbell {
        Doorbell::Index {
            at,
            width: DoorbellWidth::Bits32,
        }
    }

    /// Announces the tail, after all earlier stores.
    #[inline(always)]
    pub(crate) fn announce<B: Bus>(self, bus: &B, tail: NicIdx) {
        bus.publish();
        match self {
            Doorbell::Index { at, width } => width.write(bus, at, tail.0),
            Doorbell::Kick {
                at, width, value, ..
            } => width.write(bus, at, value),
            Doorbell::Unneeded => {}
        }
    }

    /// Repeats a kick that may have been lost; does nothing on NICs that lose none.
    #[inline(always)]
    pub fn kick_again<B: Bus>(self, bus: &B) {
        if let Doorbell::Kick {
            at,
            width,
            value,
            again: true,
        } = self
        {
            bus.publish();
            width.write(bus, at, value);
        }
    }
}
