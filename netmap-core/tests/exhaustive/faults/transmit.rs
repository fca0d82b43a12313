//! Transmit with a device that reports arbitrary values.

use std::sync::atomic::Ordering::Relaxed;

use netmap_core::abi::NS_MOREFRAG;
use netmap_core::{
    ClientRing, Completion, Kring, NicIdx, NmIdx, Policy, Positions, SyncError, TxFormat, TxQueue,
    TxSetup, TxState,
};

use super::widen;
use crate::nic::{
    DONE, Format, HEAD, INDEX, Kind, MOST, OWN, Owned, Reporting, Ring, TestBus, TestDma, kick,
    pool,
};
use crate::search::{Model, explore};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    queue: TxState,
    hwcur: u8,
    hwtail: u8,
    head: u8,
    slots: [u32; MOST],
    words: [u32; MOST * 2 + 1],
    register: u32,
    /// Slots whose frame continues in the next one, one bit each.
    more: u8,
}

#[derive(Debug, Clone, Copy)]
enum Action {
    Fill {
        more: bool,
    },
    Sync {
        stalled: u32,
    },
    Reset(Policy),
    /// A descriptor reads as done, as owned by the device, or as all ones.
    Done(u8),
    Undone(u8),
    Ones(u8),
    /// The position, in the register and in memory.
    Position(u32),
}

struct FaultyDevice<F: Format> {
    kind: Kind,
    slots: u8,
    bus: TestBus,
    memory: TestDma,
    ring: Ring,
    queue: TxQueue<F, TestBus>,
    faults: u64,
}

impl<F: Format> FaultyDevice<F> {
    fn new(kind: Kind, slots: u8) -> Self {
        let (bus, memory) = (TestBus::default(), TestDma::new(slots.into()));
        let setup = TxSetup {
            doorbell: kind.doorbell,
            completion: kind.completion,
            head: (kind.completion == Completion::HeadRegister).then_some(HEAD),
            frames: netmap_core::FrameLimits::NONE,
        };
        let queue = TxQueue::new(bus.clone(), setup, memory.clone(), slots.into()).unwrap();
        FaultyDevice {
            kind,
            slots,
            bus,
            memory,
            ring: Ring::new(slots.into()),
            queue,
            faults: 0,
        }
    }

    fn distance(&self, from: u8, to: u8) -> u8 {
        (to + self.slots - from) % self.slots
    }

    fn load(&mut self, at: &State) -> Positions {
        let (last, words) = at.words.split_last().expect("the position written back");
        for (word, &value) in self.memory.0.iter().zip(&words[..self.slots as usize * 2]) {
            word.store(widen(value), Relaxed);
        }
        self.memory.0[self.slots as usize * 2].store(widen(*last), Relaxed);
        for (slot, word) in self.ring.slots.iter().zip(at.slots) {
            slot.set_len_flags(word as u16, (word >> 16) as u16);
        }
        self.bus.set_head(at.register);
        self.queue.resume(at.queue);
        Positions {
            hwcur: NmIdx(at.hwcur.into()),
            hwtail: NmIdx(at.hwtail.into()),
            head: NmIdx(at.head.into()),
        }
    }

    fn save(&mut self, at: &mut State, positions: Positions) {
        let slots = self.slots as usize;
        for (word, value) in self.memory.0.iter().zip(&mut at.words[..slots * 2]) {
            *value = word.load(Relaxed) as u32;
        }
        at.words[MOST * 2] = self.memory.0[slots * 2].load(Relaxed) as u32;
        for (slot, word) in self.ring.slots.iter().zip(&mut at.slots) {
            let (len, flags) = slot.len_flags();
            *word = u32::from(len) | u32::from(flags) << 16;
        }
        at.queue = self.queue.state();
        at.hwcur = positions.hwcur.0 as u8;
        at.hwtail = positions.hwtail.0 as u8;
        if self.reports_position() {
            at.queue.reports = 0;
            at.queue.oldest_report = NicIdx(0);
        }
    }

    fn reports_position(&self) -> bool {
        !matches!(
            self.kind.completion,
            Completion::DoneBit | Completion::OwnerBit
        )
    }

    /// The report of the device for `count` descriptors from the oldest on: how many are done, counted over whole
    /// frames; and whether the report is detectably false.
    fn claim(&self, at: &State, reports: u64, oldest: u8, count: u8) -> (u8, bool) {
        let geometry = self.queue.geometry();
        let nic = |by: u8| geometry.to_nic(NmIdx(u32::from((oldest + by) % self.slots)));
        let mut finished = 0;
        let mut faulty = false;
        if self.reports_position() {
            let position = match self.kind.completion {
                Completion::HeadRegister => at.register,
                _ => at.words[MOST * 2],
            };
            match (0..=count).find(|&by| nic(by) == NicIdx(position)) {
                Some(by) => finished = by,
                None => faulty = true,
            }
        } else {
            let marked = (0..count).filter(|&by| reports >> nic(by).0 & 1 != 0);
            let done = marked.map(|by| {
                let word = at.words[nic(by).0 as usize * 2 + F::CONTROL];
                let done = widen(word) & <F as TxFormat>::DONE_MASK == <F as TxFormat>::DONE;
                (by + 1, done)
            });
            let done = Vec::from_iter(done);
            let first = done.iter().take_while(|(_, done)| *done);
            finished = first.last().map_or(0, |&(by, _)| by);
            faulty = finished == 0 && done.iter().any(|&(_, done)| done);
        }
        while finished > 0 && at.more >> ((oldest + finished - 1) % self.slots) & 1 != 0 {
            finished -= 1;
        }
        (finished, faulty)
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
        let mut reports = before.queue.reports;
        let result = kring.sync(&pool, |client, at| queue.sync(client, at));
        let left = header.head.load(Relaxed) as u8;
        let positions = kring.positions();
        self.save(at, positions);
        let counters = self.queue.counters();
        let returned = self.distance(before.hwtail, at.hwtail);
        if counters.refused > counted.refused {
            assert!(matches!(result, Err(SyncError::TooManySlots { .. })));
            assert_eq!((at.hwcur, at.hwtail), (before.hwcur, before.hwtail));
            assert_eq!(left, at.hwcur);
            at.head = at.hwcur;
            return;
        }
        assert_eq!(left, before.head, "the client's");
        let oldest = (before.hwtail + 1) % self.slots;
        let count = self.distance(oldest, at.hwcur);
        // Earlier reports do not apply to descriptors that were just handed over.
        reports |= self.queue.state().reports;
        let mut claimed = at.clone();
        claimed.words[MOST * 2] = before.words[MOST * 2];
        let (done, faulty) = self.claim(&claimed, reports, oldest, count);
        assert_eq!(returned, done, "differs from the report for the oldest");
        let ends = (0..done).filter(|by| at.more >> ((oldest + by) % self.slots) & 1 == 0);
        assert_eq!(counters.sent, counted.sent + ends.count() as u64);
        let counts = faulty && (self.reports_position() || before.queue.stalled == 63) && count > 0;
        assert_eq!(counters.faults, counted.faults + u64::from(counts));
        let names = matches!(result, Err(SyncError::NicHeadOutOfRange { .. }));
        assert_eq!(names, counts && self.reports_position(), "{result:?}");
        assert_eq!(result.is_err(), names);
        self.faults += u64::from(counts);
    }

    fn reset(&mut self, at: &mut State, policy: Policy) {
        let counted = self.queue.counters();
        let positions = self.load(at);
        let positions = self.queue.settle(positions);
        self.queue.prepare();
        let oldest = (positions.hwtail.0 as u8 + 1) % self.slots;
        let outstanding = self.distance(oldest, at.hwcur);
        let ends = (0..outstanding).filter(|by| at.more >> ((oldest + by) % self.slots) & 1 == 0);
        let frames = ends.count() as u64;
        let client = ClientRing {
            slots: &self.ring.slots,
            pool: &pool(self.slots.into()),
        };
        let outcome = self.queue.restart(&client, positions, policy);
        assert_eq!(outcome.fault, None);
        let hwcur = at.hwcur;
        self.save(at, outcome.at);
        let counters = self.queue.counters();
        let (handed, dropped) = match policy {
            Policy::Resend => (frames, 0),
            Policy::Drop => (0, frames),
        };
        assert_eq!(at.hwcur, hwcur);
        assert_eq!(counters.dropped, counted.dropped + dropped);
        assert_eq!(counters.handed, counted.handed + handed);
        at.register = 0;
    }
}

impl<F: Format> Model for FaultyDevice<F> {
    type State = State;
    type Action = Action;

    fn start(&mut self) -> State {
        let mut at = State {
            queue: self.queue.state(),
            hwcur: 0,
            hwtail: self.slots - 1,
            head: 0,
            slots: [u32::MAX; MOST],
            words: [0; MOST * 2 + 1],
            register: 0,
            more: 0,
        };
        self.reset(&mut at, Policy::Resend);
        at
    }

    fn actions(&self, at: &State, all: &mut Vec<Action>) {
        if at.head != at.hwtail {
            all.extend([false, true].map(|more| Action::Fill { more }));
        }
        all.extend([0, 63].map(|stalled| Action::Sync { stalled }));
        all.extend([Policy::Resend, Policy::Drop].map(Action::Reset));
        let slots = self.slots;
        if self.reports_position() {
            let positions = (0..=u32::from(slots)).chain([u32::MAX]);
            all.extend(positions.map(Action::Position));
        } else {
            let faults = [Action::Done, Action::Undone, Action::Ones];
            all.extend((0..slots).flat_map(|nic| faults.map(|fault| fault(nic))));
        }
    }

    fn step(&mut self, at: &State, action: Action) -> State {
        let mut at = at.clone();
        let control = |nic: u8| usize::from(nic) * 2 + <F as TxFormat>::CONTROL;
        let (done, undone) = match <F as TxFormat>::OWNER {
            0 => (DONE as u32, 0),
            _ => (0, OWN as u32),
        };
        match action {
            Action::Fill { more } => {
                let flags = if more { NS_MOREFRAG } else { 0 };
                at.slots[at.head as usize] = 60 | u32::from(flags) << 16;
                at.more = at.more & !(1 << at.head) | u8::from(more) << at.head;
                at.head = (at.head + 1) % self.slots;
            }
            Action::Sync { stalled } => {
                at.queue.stalled = stalled;
                self.sync(&mut at);
            }
            Action::Reset(policy) => self.reset(&mut at, policy),
            Action::Done(nic) => at.words[control(nic)] = done,
            Action::Undone(nic) => at.words[control(nic)] = undone,
            Action::Ones(nic) => at.words[control(nic)] = u32::MAX,
            Action::Position(position) => {
                at.register = position;
                at.words[MOST * 2] = position;
            }
        }
        at.queue.stalled = 0;
        for by in 0..self.distance(at.head, at.hwtail) {
            let slot = (at.head + by) % self.slots;
            at.slots[slot as usize] = u32::MAX;
            at.more &= !(1 << slot);
        }
        // Only owner and done bits are read again.
        for nic in 0..usize::from(self.slots) {
            at.words[nic * 2 + 1 - <F as TxFormat>::CONTROL] = 0;
            let word = &mut at.words[nic * 2 + <F as TxFormat>::CONTROL];
            *word = match widen(*word) & <F as TxFormat>::DONE_MASK == <F as TxFormat>::DONE {
                true => done,
                false => undone,
            };
        }
        at
    }

    fn check(&mut self, at: &State) {
        assert!(self.distance(at.hwcur, at.head) <= self.distance(at.hwcur, at.hwtail));
    }
}

fn survive<F: Format>(kind: Kind) {
    for slots in 2..=5 {
        let mut model = FaultyDevice::<F>::new(kind, slots);
        let name = format!("tx, faults, {}, {slots} slots", kind.name);
        let extent = explore(&name, &mut model);
        println!("{name}: {} faults were counted", model.faults);
        assert!(extent.edges > 6 * extent.states && extent.states > 10 << slots);
        assert!(model.faults > 0 || slots == 2);
    }
}

const DONE_BIT: Kind = Kind {
    name: "done bit",
    doorbell: INDEX,
    completion: Completion::DoneBit,
    sparse: false,
};

#[test]
fn only_the_oldest_done_bit_counts_in_any_order() {
    survive::<Reporting>(DONE_BIT);
}

#[test]
fn only_the_oldest_owner_bit_counts_in_any_order() {
    survive::<Owned>(Kind {
        name: "owner bit",
        doorbell: kick(true),
        completion: Completion::OwnerBit,
        ..DONE_BIT
    });
}

#[test]
fn an_impossible_head_register_is_a_fault() {
    survive::<Reporting>(Kind {
        name: "head register",
        completion: Completion::HeadRegister,
        ..DONE_BIT
    });
}

#[test]
fn an_impossible_head_write_back_is_a_fault() {
    survive::<Reporting>(Kind {
        name: "head write-back",
        completion: Completion::HeadWriteback,
        ..DONE_BIT
    });
}
