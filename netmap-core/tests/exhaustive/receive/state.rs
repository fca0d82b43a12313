//! A state of client, queue and device.

use netmap_core::RxState;

use super::Action;
use super::device::{Device, Part};
use crate::nic::MOST;

/// Lengths begin here.
const SHORTEST: u32 = 60;

/// The complete state; slots are the client's indexes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    pub queue: RxState,
    pub running: bool,
    pub hwcur: u8,
    pub hwtail: u8,
    pub head: u8,
    pub tail: u8,
    /// Parity of the laps that `hwtail` made.
    pub lap: bool,
    /// Length and flags of slots.
    pub slots: [u32; MOST],
    /// Descriptors.
    pub words: [u32; MOST * 2],
    pub device: Device,
    /// Descriptors reported and not imported.
    pub waiting: u8,
    /// The parts that the device put into the slots from `hwtail` on.
    pub parts: [Option<Part>; MOST],
    /// The frame of the next imported slot was dropped.
    pub dropping: bool,
}

impl State {
    pub fn after(&self, at: u8, by: u8, slots: usize) -> u8 {
        (at + by) % slots as u8
    }

    pub fn before(&self, at: u8, slots: usize) -> u8 {
        (at + slots as u8 - 1) % slots as u8
    }

    pub fn distance(from: u8, to: u8, slots: usize) -> u8 {
        (to + slots as u8 - from) % slots as u8
    }

    /// Slots that the queue owns, from `hwtail` on.
    pub fn owned(&self, slots: usize) -> u8 {
        slots as u8 - State::distance(self.hwcur, self.hwtail, slots)
    }

    /// Slots released since the last sync.
    pub fn released(&self, slots: usize) -> u8 {
        State::distance(self.hwcur, self.head, slots)
    }

    /// Slots that the client may read.
    pub fn room(&self, slots: usize) -> u8 {
        State::distance(self.head, self.tail, slots)
    }

    /// Bytes of a frame's last part in a slot, without CRC.
    pub fn len_of(&self, slot: u8, slots: usize) -> u32 {
        let lap = self.lap == (slot >= self.hwtail);
        SHORTEST + u32::from(slot) + if lap { slots as u32 } else { 0 }
    }

    pub fn withdraw(&mut self) {
        self.head = self.hwcur;
    }

    /// Positions that a client must not write.
    pub fn strays(&self, slots: usize) -> Vec<Action> {
        let all = slots as u8;
        let (head, tail) = (self.head, self.hwtail);
        let mut strays = vec![(all, head), (head, all), (u8::MAX, u8::MAX)];
        let shown = State::distance(self.hwcur, tail, slots);
        for stray in [self.before(self.hwcur, slots), self.after(tail, 1, slots)] {
            if State::distance(self.hwcur, stray, slots) > shown {
                strays.push((stray, stray));
            }
        }
        let before = self.before(head, slots);
        if State::distance(head, before, slots) > State::distance(head, tail, slots) {
            strays.push((head, before));
        }
        let strays = strays.into_iter();
        strays
            .map(|(head, cur)| Action::Stray { head, cur })
            .collect()
    }
}
