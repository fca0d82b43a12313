//! A state of client, queue and device.

use netmap_core::{Policy, SyncError, TxFormat, TxState};

use super::Action;
use super::device::Device;
use crate::nic::MOST;

/// Lengths begin here.
const SHORTEST: u32 = 60;

/// The complete state; slots are the client's indexes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    pub queue: TxState,
    pub running: bool,
    pub hwcur: u8,
    pub hwtail: u8,
    pub head: u8,
    pub tail: u8,
    /// Parity of the laps that the client's head made.
    pub lap: bool,
    /// Length and flags of slots.
    pub slots: [u32; MOST],
    /// Descriptors, and the written-back head.
    pub words: [u32; MOST * 2 + 1],
    pub device: Device,
    /// Slots whose frame continues in the next one, one bit each, as the client filled them.
    pub more: u8,
    /// Last slots of frames sent since the last reset.
    pub sent: u8,
    /// The next slot to send.
    pub next: u8,
}

/// How a device is started again.
#[derive(Debug, Clone, Copy)]
pub enum Restart {
    Plain(Policy),
    /// The client meanwhile changed where frames end, in slots that it does not own.
    FlagsScribbled,
    /// The client meanwhile changed the buffer of a slot that it does not own: the oldest slot, the next, and so on.
    BufferScribbled(u8),
}

impl State {
    pub fn after(&self, at: u8, slots: usize) -> u8 {
        (at + 1) % slots as u8
    }

    pub fn before(&self, at: u8, slots: usize) -> u8 {
        (at + slots as u8 - 1) % slots as u8
    }

    pub fn distance(from: u8, to: u8, slots: usize) -> u8 {
        (to + slots as u8 - from) % slots as u8
    }

    /// The oldest slot not known to be sent.
    pub fn oldest(&self, slots: usize) -> u8 {
        self.after(self.hwtail, slots)
    }

    pub fn outstanding(&self, slots: usize) -> u8 {
        State::distance(self.oldest(slots), self.hwcur, slots)
    }

    pub fn is_outstanding(&self, slot: u8, slots: usize) -> bool {
        State::distance(self.oldest(slots), slot, slots) < self.outstanding(slots)
    }

    /// Slots that the client may fill.
    pub fn room(&self, slots: usize) -> u8 {
        State::distance(self.head, self.tail, slots)
    }

    pub fn is_part(&self, slot: u8) -> bool {
        self.more >> slot & 1 != 0
    }

    /// Length of the frame that the client put into a slot last.
    pub fn len_of(&self, slot: u8, slots: usize) -> u64 {
        let lap = self.lap == (slot < self.head);
        u64::from(SHORTEST) + u64::from(slot) + if lap { slots as u64 } else { 0 }
    }

    /// The control word of a descriptor.
    pub fn control<F: TxFormat>(&self, nic: u8) -> u64 {
        u64::from(self.words[nic as usize * 2 + F::CONTROL])
    }

    /// Frames that end between two slots.
    pub fn frames(&self, from: u8, to: u8, slots: usize) -> u64 {
        let count = State::distance(from, to, slots);
        let ends = (0..count).filter(|by| !self.is_part((from + by) % slots as u8));
        ends.count() as u64
    }

    /// Slots of whole frames that the next sync accepts, or why it refuses all.
    pub fn offer(&self, slots: usize) -> Result<u8, SyncError> {
        let max = (slots as u32 - 2).max(1);
        let (mut accepted, mut size) = (0, 0);
        for by in 0..State::distance(self.hwcur, self.head, slots) {
            size += 1;
            let slot = (self.hwcur + by) % slots as u8;
            let first = (u32::from(slot) + slots as u32 + 1 - size) % slots as u32;
            let more = self.is_part(slot);
            if size > max || (more && size == max) {
                return Err(SyncError::TooManySlots { slot: first, max });
            }
            if !more {
                (accepted, size) = (by + 1, 0);
            }
        }
        Ok(accepted)
    }

    /// After a refusal, the client's slots are returned to it.
    pub fn withdraw(&mut self) {
        if self.head < self.hwcur {
            self.lap = !self.lap;
        }
        self.head = self.hwcur;
    }

    /// Positions that a client must not write.
    pub fn strays(&self, slots: usize) -> Vec<Action> {
        let all = slots as u8;
        let (head, tail) = (self.head, self.hwtail);
        let mut strays = Vec::new();
        let owned = State::distance(self.hwcur, tail, slots);
        for stray in [self.before(self.hwcur, slots), self.after(tail, slots)] {
            if State::distance(self.hwcur, stray, slots) > owned {
                strays.push((stray, stray));
            }
        }
        let before = self.before(head, slots);
        if State::distance(head, before, slots) > State::distance(head, tail, slots) {
            strays.push((head, before));
        }
        strays.extend([(all, head), (head, all), (u8::MAX, u8::MAX)]);
        let strays = strays.into_iter();
        strays
            .map(|(head, cur)| Action::Stray { head, cur })
            .collect()
    }
}
