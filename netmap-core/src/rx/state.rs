//! A receive queue's state as a value, for exhaustive searches.

use super::RxQueue;
use crate::{Bus, Crc, Geometry, NicIdx, NmIdx, RxFormat};

/// The state of a receive queue, besides its descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RxState {
    /// The client's slot for the NIC's index 0.
    pub hwofs: NmIdx,
    /// What the NIC does with the CRC of the frames in the ring.
    pub crc: Crc,
    /// Slots from `hwtail` on that the NIC owns.
    pub armed: u32,
    /// The tail announced last.
    pub rung: NicIdx,
    /// Syncs in a row that found nothing.
    pub idle_syncs: u32,
    /// The beginning of the current frame was dropped, so the rest is dropped, too.
    pub dropping: bool,
}

impl<F: RxFormat, B: Bus> RxQueue<F, B> {
    /// The queue's state.
    pub fn state(&self) -> RxState {
        RxState {
            hwofs: self.ring.geometry.hwofs(),
            crc: self.crc,
            armed: self.armed,
            rung: self.rung,
            idle_syncs: self.idle_syncs,
            dropping: self.slow.dropping,
        }
    }

    /// Restores a state; counters are not changed. The caller restores the descriptors.
    pub fn resume(&mut self, state: RxState) {
        self.ring.geometry = Geometry::restarted_at(self.ring.slots(), state.hwofs);
        self.crc = state.crc;
        self.armed = state.armed;
        self.rung = state.rung;
        self.idle_syncs = state.idle_syncs;
        self.slow.dropping = state.dropping;
    }
}
