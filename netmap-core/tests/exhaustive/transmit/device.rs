//! The device: it takes descriptors in order, sends their frames, and reports them later.

use netmap_core::{Completion, Doorbell};

use super::Action;
use super::state::State;
use super::world::World;
use crate::nic::{DONE, END, FIRST, FRAME_SHIFT, Format, LAST, LEN, MOST, OWN, REPORT, buffer_of};

/// The state of the device; indexes are the NIC's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Device {
    /// The next descriptor to take.
    pub taken: u8,
    /// The next one to report.
    pub reported: u8,
    /// The last announced index.
    pub tail: u8,
    /// Descriptors taken and not reported with a report request, one bit each.
    pub asked: u8,
    pub attention: Attention,
}

/// Whether a device with kicks checks for descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attention {
    /// The device waits for a kick.
    Asleep,
    Awake,
    /// The device found no descriptor and is about to sleep. A kick that arrives now may be lost.
    Leaving,
}

impl Device {
    /// After a reset.
    pub fn new(doorbell: Doorbell) -> Device {
        Device {
            taken: 0,
            reported: 0,
            tail: 0,
            asked: 0,
            attention: match doorbell {
                Doorbell::Kick { .. } => Attention::Asleep,
                _ => Attention::Awake,
            },
        }
    }

    /// The doorbell was rung.
    pub fn kick(&mut self, doorbell: Doorbell) {
        let lost = matches!(doorbell, Doorbell::Kick { again: true, .. });
        if self.attention != Attention::Leaving || !lost {
            self.attention = Attention::Awake;
        }
    }
}

impl<F: Format> World<F> {
    /// Whether the device may take a descriptor.
    fn is_handed(&self, at: &State, nic: u8) -> bool {
        match self.kind.doorbell {
            Doorbell::Index { .. } => nic != at.device.tail,
            _ => at.control::<F>(nic) & OWN != 0,
        }
    }

    pub fn device_actions(&self, at: &State) -> Vec<Action> {
        let device = &at.device;
        let mut all = Vec::new();
        let handed = self.is_handed(at, device.taken);
        let kicked = matches!(self.kind.doorbell, Doorbell::Kick { .. });
        match device.attention {
            Attention::Awake if handed => all.push(Action::Take),
            Attention::Awake if kicked => all.push(Action::Look),
            Attention::Leaving => all.push(Action::Sleep),
            _ => {}
        }
        if device.reported != device.taken {
            all.push(Action::Finish);
        }
        all
    }

    /// The device fetches the next descriptor that the queue handed over, and sends it.
    pub fn take(&self, at: &mut State) {
        let nic = at.device.taken;
        let slot = at.next;
        assert!(at.is_outstanding(slot, self.slots), "was not handed over");
        let hwofs = at.queue.hwofs.0 as usize;
        assert_eq!((hwofs + nic as usize) % self.slots, slot as usize);

        let control = at.control::<F>(nic);
        let buffer =
            u64::from(at.words[nic as usize * 2 + 1 - <F as netmap_core::TxFormat>::CONTROL]);
        assert_eq!(buffer, buffer_of(slot as usize), "another slot's buffer");
        assert_eq!(control & LEN, at.len_of(slot, self.slots), "another length");
        let first = !at.is_part(at.before(slot, self.slots)) || slot == at.oldest(self.slots);
        assert_eq!(control & FIRST != 0, first, "a frame begins elsewhere");
        assert_eq!(
            control & LAST == 0,
            at.is_part(slot),
            "a frame ends elsewhere"
        );
        assert_eq!(control & DONE, 0, "done before it was taken");
        if <F as netmap_core::TxFormat>::OWNER != 0 {
            assert_ne!(control & OWN, 0);
            assert_eq!(control & END != 0, nic as usize + 1 == self.slots);
        }
        if first {
            self.check_whole(at, nic, control >> FRAME_SHIFT & 0xfff);
        }

        if control & LAST != 0 {
            at.sent |= 1 << slot;
        }
        if control & REPORT != 0 {
            at.device.asked |= 1 << nic;
        }
        at.next = at.after(slot, self.slots);
        at.device.taken = at.after(nic, self.slots);
    }

    /// If the device owns a frame's first descriptor, it owns the whole frame.
    fn check_whole(&self, at: &State, nic: u8, reported: u64) {
        let (mut slot, mut nic) = (at.next, nic);
        let mut bytes = 0;
        loop {
            assert!(self.is_handed(at, nic), "a frame without its end");
            bytes += at.len_of(slot, self.slots);
            if !at.is_part(slot) {
                break;
            }
            slot = at.after(slot, self.slots);
            nic = at.after(nic, self.slots);
        }
        assert_eq!(reported, bytes, "the size of the whole frame");
    }

    /// The device reports the oldest descriptor that it took.
    pub fn finish(&self, at: &mut State) {
        let nic = at.device.reported;
        let asked = at.device.asked >> nic & 1 != 0;
        at.device.asked &= !(1 << nic);
        at.device.reported = at.after(nic, self.slots);
        let words = nic as usize * 2;
        match self.kind.completion {
            // The whole descriptor is written.
            Completion::DoneBit if asked => {
                at.words[words] = u32::MAX;
                at.words[words + 1] = DONE as u32;
            }
            Completion::OwnerBit => at.words[words] &= !(OWN as u32),
            Completion::HeadWriteback if asked || !self.kind.sparse => {
                at.words[MOST * 2] = u32::from(at.device.reported);
            }
            _ => {}
        }
    }
}
