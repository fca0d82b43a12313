//! A transmit queue's state as a value, for exhaustive searches.

use super::TxQueue;
use crate::reports::Reports;
use crate::{Bus, Geometry, NicIdx, NmIdx, TxFormat};

/// The state of a transmit queue of up to 64 slots, besides its descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TxState {
    /// The client's slot for the NIC's index 0.
    pub hwofs: NmIdx,
    /// Descriptors with a report mark, one bit each by the NIC's index.
    pub reports: u64,
    /// The oldest marked descriptor; 0 if there is none.
    pub oldest_report: NicIdx,
    /// Descriptors whose frame continues in the next one.
    pub parts: u64,
    /// The number of these.
    pub parts_left: u32,
    /// Syncs in a row that found frames outstanding and none sent.
    pub stalled: u32,
}

impl<F: TxFormat, B: Bus> TxQueue<F, B> {
    /// The queue's state.
    pub fn state(&self) -> TxState {
        TxState {
            hwofs: self.ring.geometry.hwofs(),
            reports: self
                .marked
                .reports
                .iter()
                .fold(0, |bits, at| bits | 1 << at.0),
            oldest_report: self.marked.reports.oldest().unwrap_or(NicIdx(0)),
            parts: self.marked.parts.word(),
            parts_left: self.marked.parts_left,
            stalled: self.stalled,
        }
    }

    /// Restores a state; counters are not changed. The caller restores the descriptors.
    pub fn resume(&mut self, state: TxState) {
        self.ring.geometry = Geometry::restarted_at(self.ring.slots(), state.hwofs);
        self.marked.reports = Reports::NONE;
        let slots = self.ring.slots();
        let from_oldest = (0..slots).map(|by| (state.oldest_report.0 + by) % slots);
        for at in from_oldest.filter(|at| state.reports >> at & 1 != 0) {
            self.marked.reports.push(NicIdx(at));
        }
        self.marked.parts.set_word(state.parts);
        self.marked.parts_left = state.parts_left;
        self.stalled = state.stalled;
    }
}
