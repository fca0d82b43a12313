//! A transmit queue's state as a value, for searches over all states.

use super::TxQueue;
use crate::{Bus, Geometry, NmIdx, TxFormat};

/// What decides what a transmit queue of up to 64 slots does next, beside its descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TxState {
    /// The client's slot at which the NIC's index 0 stands.
    pub hwofs: NmIdx,
    /// Descriptors that were asked to report, one bit each by the NIC's index.
    pub reports: u64,
    /// Descriptors whose frame goes on in the next one.
    pub parts: u64,
    /// How many of those there are.
    pub parts_left: u32,
    /// Syncs in a row that found frames outstanding and none sent.
    pub stalled: u32,
}

impl<F: TxFormat, B: Bus> TxQueue<F, B> {
    /// The queue's state.
    pub fn state(&self) -> TxState {
        TxState {
            hwofs: self.ring.geometry.hwofs(),
            reports: self.marked.reports.word(),
            parts: self.marked.parts.word(),
            parts_left: self.marked.parts_left,
            stalled: self.stalled,
        }
    }

    /// Puts the queue into a state; counters go on. Descriptors are the caller's.
    pub fn resume(&mut self, state: TxState) {
        self.ring.geometry = Geometry::restarted_at(self.ring.slots(), state.hwofs);
        self.marked.reports.set_word(state.reports);
        self.marked.parts.set_word(state.parts);
        self.marked.parts_left = state.parts_left;
        self.stalled = state.stalled;
    }
}
