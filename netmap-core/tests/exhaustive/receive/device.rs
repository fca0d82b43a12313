//! The device: it fills buffers in order and reports them later.

use netmap_core::{Doorbell, RxFormat};

use super::Action;
use super::state::State;
use super::world::World;
use crate::nic::{BAD, DONE, END, FIRST, Format, LAST, OWN, buffer_of};

/// The state of the device; indexes are the NIC's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Device {
    /// The next descriptor to take.
    pub taken: u8,
    /// Descriptors taken and not reported.
    pub late: u8,
    /// The last announced index.
    pub tail: u8,
    /// The frame continues in the next descriptor.
    pub within: bool,
    /// The CRC of frames is not stripped.
    pub keeps_crc: bool,
}

/// The part of a frame in a descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The frame continues in the next one.
    More {
        first: bool,
    },
    End {
        first: bool,
    },
    /// The end of a frame with an error.
    BadEnd {
        first: bool,
    },
    /// The end of a frame with only half of the CRC.
    HalfCrc,
}

impl Part {
    pub fn is_end(self) -> bool {
        !matches!(self, Part::More { .. })
    }
}

/// Bytes of a CRC that is kept.
pub const CRC: u32 = 4;
/// Bytes of every part of a frame except the last.
pub const PART: u32 = 100;

impl<F: Format> World<F> {
    pub fn device_actions(&self, at: &State) -> Vec<Action> {
        let device = &at.device;
        let mut all = Vec::new();
        if self.may_take(at) {
            let first = !device.within;
            all.push(Action::Take(Part::End { first }));
            all.push(Action::Take(Part::BadEnd { first }));
            all.push(Action::Take(Part::More { first }));
            if !first && device.keeps_crc {
                all.push(Action::Take(Part::HalfCrc));
            }
        }
        if device.late > 0 {
            all.push(Action::Finish);
        }
        all
    }

    /// Whether the device may fill a descriptor.
    pub fn may_take(&self, at: &State) -> bool {
        match self.kind.doorbell {
            Doorbell::Index { .. } => at.device.taken != at.device.tail,
            _ => {
                let control = self.control(at, at.device.taken);
                control & OWN != 0 && usize::from(at.device.late) < self.slots
            }
        }
    }

    pub fn control(&self, at: &State, nic: u8) -> u64 {
        u64::from(at.words[nic as usize * 2 + F::STATUS_WORD])
    }

    pub fn take(&self, at: &mut State, part: Part) {
        let nic = at.device.taken;
        let hwofs = at.queue.hwofs.0 as u8;
        let slot = at.after(hwofs, nic, self.slots);
        let ahead = at.waiting + at.device.late;
        assert_eq!(slot, at.after(at.hwtail, ahead, self.slots), "not in order");
        assert!(
            ahead + 1 < at.owned(self.slots),
            "the client's slot or the free one is overwritten"
        );
        let control = self.control(at, nic);
        let buffer = u64::from(at.words[nic as usize * 2 + 1 - F::STATUS_WORD]);
        assert_eq!(buffer, buffer_of(slot as usize), "another slot's buffer");
        assert_eq!(control & DONE, 0, "done before it was taken");
        if <F as RxFormat>::OWNER != 0 {
            assert_eq!(control & END != 0, nic as usize + 1 == self.slots);
        }
        at.parts[slot as usize] = Some(part);
        at.device.within = !part.is_end();
        at.device.taken = at.after(nic, 1, self.slots);
        at.device.late += 1;
    }

    /// The next descriptor to report, and its written-back words.
    pub fn report(&self, at: &State) -> (u8, [u32; 2]) {
        let nic = (at.device.taken + self.slots as u8 - at.device.late) % self.slots as u8;
        let slot = at.after(at.hwtail, at.waiting, self.slots);
        let Some(part) = at.parts[slot as usize] else {
            panic!("nothing was taken");
        };
        let crc = if at.device.keeps_crc { CRC } else { 0 };
        let len = match part {
            Part::More { .. } => PART,
            Part::End { .. } | Part::BadEnd { .. } => at.len_of(slot, self.slots) + crc,
            Part::HalfCrc => CRC / 2,
        };
        let before = self.parts_before(at, slot) * PART;
        let len = if F::PART == 0 || !part.is_end() {
            len
        } else {
            len + before
        };
        let mut status = u64::from(len);
        let first = match part {
            Part::More { first } | Part::End { first } | Part::BadEnd { first } => first,
            Part::HalfCrc => false,
        };
        status |= if first { <F as RxFormat>::FIRST } else { 0 };
        status |= if part.is_end() { LAST } else { 0 };
        status |= if matches!(part, Part::BadEnd { .. }) {
            BAD
        } else {
            0
        };
        let mut words = [u32::MAX; 2];
        if <F as RxFormat>::OWNER != 0 {
            words[1 - F::STATUS_WORD] = at.words[nic as usize * 2 + 1 - F::STATUS_WORD];
            status |= self.control(at, nic) & END;
        } else {
            status |= DONE;
        }
        words[F::STATUS_WORD] = status as u32;
        (nic, words)
    }

    /// Parts before `slot` of the frame that ends in `slot`.
    pub fn parts_before(&self, at: &State, slot: u8) -> u32 {
        let mut count = 0;
        let mut slot = slot;
        // A frame that fills the ring was already dropped.
        while count < self.slots as u32 && slot != at.hwtail {
            slot = at.before(slot, self.slots);
            if at.parts[slot as usize].is_none_or(Part::is_end) {
                break;
            }
            count += 1;
        }
        count
    }

    pub fn finish(&self, at: &mut State) {
        let (nic, words) = self.report(at);
        at.words[nic as usize * 2..][..2].copy_from_slice(&words);
        self.has_reported(at);
    }

    pub fn has_reported(&self, at: &mut State) {
        at.device.late -= 1;
        at.waiting += 1;
    }
}

/// Not every NIC reports first marks.
const _: () = assert!(<crate::nic::Reporting as RxFormat>::FIRST == 0 && FIRST != 0);
