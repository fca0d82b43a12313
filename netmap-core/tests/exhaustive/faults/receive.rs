//! Receive with a device that reports arbitrary values.

use std::sync::atomic::Ordering::Relaxed;

use netmap_core::abi::NS_MOREFRAG;
use netmap_core::{
    ClientRing, Completion, Crc, Doorbell, Kring, NmIdx, Positions, RxFormat, RxQueue, RxState,
    SyncError,
};

use super::widen;
use crate::nic::{
    BAD, BUFFER, DONE, FIRST, Format, INDEX, Kind, LAST, MOST, OWN, Owned, Reporting, Ring,
    TestBus, TestDma, pool,
};
use crate::search::{Model, explore};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    queue: RxState,
    hwcur: u8,
    hwtail: u8,
    head: u8,
    words: [u32; MOST * 2],
}

#[derive(Debug, Clone, Copy)]
enum Action {
    Release,
    Sync {
        idle: u32,
    },
    /// From now on the device keeps CRCs, or strips them.
    Reset(Crc),
    /// A descriptor gets a status.
    Status(u8, u32),
}

struct FaultyDevice<F: Format> {
    slots: u8,
    memory: TestDma,
    ring: Ring,
    queue: RxQueue<F, TestBus>,
    overlong: u64,
    faults: u64,
}

impl<F: Format> FaultyDevice<F> {
    fn new(kind: Kind, slots: u8) -> Self {
        let memory = TestDma::new(slots.into());
        let bus = TestBus::default();
        FaultyDevice {
            slots,
            queue: RxQueue::new(bus, kind.doorbell, memory.clone(), slots.into()).unwrap(),
            memory,
            ring: Ring::new(slots.into()),
            overlong: 0,
            faults: 0,
        }
    }

    fn distance(&self, from: u8, to: u8) -> u8 {
        (to + self.slots - from) % self.slots
    }

    fn load(&mut self, at: &State) -> Positions {
        let words = &at.words[..self.slots as usize * 2];
        for (word, &value) in self.memory.0.iter().zip(words) {
            word.store(widen(value), Relaxed);
        }
        for slot in &self.ring.slots {
            slot.set_len_flags(u16::MAX, u16::MAX);
        }
        self.queue.resume(at.queue);
        Positions {
            hwcur: NmIdx(at.hwcur.into()),
            hwtail: NmIdx(at.hwtail.into()),
            head: NmIdx(at.head.into()),
        }
    }

    fn save(&mut self, at: &mut State, positions: Positions) {
        let words = &mut at.words[..self.slots as usize * 2];
        for (word, value) in self.memory.0.iter().zip(words) {
            *value = word.load(Relaxed) as u32;
        }
        at.queue = self.queue.state();
        at.hwcur = positions.hwcur.0 as u8;
        at.hwtail = positions.hwtail.0 as u8;
    }

    fn is_done(&self, at: &State, slot: u8) -> bool {
        let nic = self.queue.geometry().to_nic(NmIdx(slot.into())).0 as usize;
        widen(at.words[nic * 2 + F::STATUS_WORD]) & <F as RxFormat>::DONE_MASK
            == <F as RxFormat>::DONE
    }

    /// Returned slots are whole frames that fit their buffers, from descriptors that were done; no other slot changed.
    fn check_shown(&self, before: &State, at: &State) {
        let count = self.distance(before.hwtail, at.hwtail);
        let mut within = false;
        for by in 0..self.slots {
            let slot = (before.hwtail + by) % self.slots;
            let (len, flags) = self.ring.slots[slot as usize].len_flags();
            if by >= count {
                let outside = by >= self.slots - self.distance(before.hwcur, before.hwtail);
                assert!(!outside || (len, flags) == (u16::MAX, u16::MAX), "touched");
                continue;
            }
            assert!(self.is_done(before, slot), "returned but not done");
            assert!(u64::from(len) <= BUFFER && flags & !NS_MOREFRAG == 0);
            assert!(len > 0 || flags == 0, "an empty part of a frame");
            within = flags & NS_MOREFRAG != 0;
        }
        assert!(!within, "a partial frame is returned");
    }

    fn sync(&mut self, at: &mut State) {
        let before = at.clone();
        let counted = self.queue.counters();
        let positions = self.load(at);
        let mut kring = Kring::new(&self.ring, positions);
        kring.restarted(positions);
        let header = &self.ring.header;
        header.head.store(at.head.into(), Relaxed);
        header.cur.store(at.head.into(), Relaxed);
        let (queue, pool) = (&mut self.queue, pool(self.slots.into()));
        let result = kring.sync(&pool, |client, at| queue.sync(client, at));
        assert_eq!(header.head.load(Relaxed), at.head.into(), "the client's");
        let positions = kring.positions();
        self.save(at, positions);
        assert_eq!(at.hwcur, at.head);
        self.check_shown(&before, at);
        let counters = self.queue.counters();
        let overlong = counters.overlong - counted.overlong;
        match result {
            Ok(_) => assert_eq!(overlong, 0),
            Err(SyncError::ReceivedPastBuffer { .. }) => assert!(overlong > 0),
            Err(other) => panic!("{other}"),
        }
        let second = (before.hwtail + 1) % self.slots;
        let overtaken = at.hwtail == before.hwtail
            && before.queue.idle_syncs == 63
            && at.queue.armed > 1
            && !self.is_done(at, before.hwtail)
            && self.is_done(at, second);
        assert_eq!(counters.faults, counted.faults + u64::from(overtaken));
        self.overlong += overlong;
        self.faults += u64::from(overtaken);
    }

    fn reset(&mut self, at: &mut State, crc: Crc) {
        let positions = self.load(at);
        let before = at.clone();
        let pool = pool(self.slots.into());
        let client = ClientRing {
            slots: &self.ring.slots,
            pool: &pool,
        };
        let positions = self.queue.settle(&client, positions);
        at.hwtail = positions.hwtail.0 as u8;
        self.check_shown(&before, at);
        self.queue.prepare(crc);
        let client = ClientRing {
            slots: &self.ring.slots,
            pool: &pool,
        };
        let outcome = self.queue.restart(&client, positions);
        assert_eq!((outcome.at, outcome.fault), (positions, None));
        self.save(at, positions);
    }
}

impl<F: Format> Model for FaultyDevice<F> {
    type State = State;
    type Action = Action;

    fn start(&mut self) -> State {
        let mut at = State {
            queue: self.queue.state(),
            hwcur: 0,
            hwtail: 0,
            head: 0,
            words: [0; MOST * 2],
        };
        self.reset(&mut at, Crc::Kept);
        at
    }

    fn actions(&self, at: &State, all: &mut Vec<Action>) {
        if at.head != at.hwtail {
            all.push(Action::Release);
        }
        all.extend([0, 63].map(|idle| Action::Sync { idle }));
        all.push(Action::Reset(Crc::Kept));
        // The largest ring has enough states without a change of the CRC mode.
        if self.slots < 4 {
            all.push(Action::Reset(Crc::Stripped));
        }
        let done = match <F as RxFormat>::OWNER {
            0 => DONE,
            _ => 0,
        };
        // Not done; ends of frames that fit, are too long and too short; an error; a beginning; a middle; all ones.
        let statuses = [
            OWN,
            done | FIRST | LAST | 100,
            done | FIRST | LAST | 3000,
            done | LAST | 2,
            done | FIRST | LAST | BAD | 100,
            done | FIRST | 100,
            done | 3000,
            u64::from(u32::MAX),
        ];
        let all_descriptors = (0..self.slots)
            .flat_map(|nic| statuses.map(|status| Action::Status(nic, status as u32)));
        all.extend(all_descriptors);
    }

    fn step(&mut self, at: &State, action: Action) -> State {
        let mut at = at.clone();
        match action {
            Action::Release => at.head = (at.head + 1) % self.slots,
            Action::Sync { idle } => {
                at.queue.idle_syncs = idle;
                self.sync(&mut at);
            }
            Action::Reset(crc) => self.reset(&mut at, crc),
            Action::Status(nic, status) => {
                at.words[usize::from(nic) * 2 + F::STATUS_WORD] = status;
            }
        }
        at.queue.idle_syncs = 0;
        // A descriptor that was not handed over is rewritten.
        for by in at.queue.armed as u8..self.slots {
            let slot = NmIdx(u32::from((at.hwtail + by) % self.slots));
            let nic = self.queue.geometry().to_nic(slot).0 as usize;
            at.words[nic * 2 + F::STATUS_WORD] = 0;
        }
        for nic in 0..usize::from(self.slots) {
            at.words[nic * 2 + 1 - F::STATUS_WORD] = 0;
        }
        at
    }

    fn check(&mut self, at: &State) {
        assert!(self.distance(at.hwcur, at.head) <= self.distance(at.hwcur, at.hwtail));
        let owned = self.slots - self.distance(at.hwcur, at.hwtail);
        assert_eq!(at.queue.armed + 1, u32::from(owned));
    }
}

fn survive<F: Format>(kind: Kind) {
    for slots in 2..=4 {
        let mut model = FaultyDevice::<F>::new(kind, slots);
        let name = format!("rx, faults, {}, {slots} slots", kind.name);
        let extent = explore(&name, &mut model);
        let FaultyDevice {
            overlong, faults, ..
        } = model;
        println!("{name}: {overlong} frames past their buffers, {faults} out of order");
        assert!(extent.edges > 6 * extent.states && extent.states > 10 << slots);
        assert!(overlong > 0 && (faults > 0 || slots == 2));
    }
}

const DONE_BIT: Kind = Kind {
    name: "done bit",
    doorbell: INDEX,
    completion: Completion::DoneBit,
    sparse: false,
};

#[test]
fn no_status_of_a_done_bit_ring_returns_a_partial_or_overlong_frame() {
    survive::<Reporting>(DONE_BIT);
}

#[test]
fn no_status_of_an_owner_bit_ring_returns_a_partial_or_overlong_frame() {
    survive::<Owned>(Kind {
        name: "owner bit",
        doorbell: Doorbell::Unneeded,
        completion: Completion::OwnerBit,
        ..DONE_BIT
    });
}
