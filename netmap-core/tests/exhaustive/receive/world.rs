//! Client, queue and kring, with their invariants.

use std::sync::atomic::Ordering::Relaxed;

use netmap_core::abi::NS_MOREFRAG;
use netmap_core::{
    BufIdx, ClientRing, Crc, Kring, NmIdx, Positions, Progress, RxFormat, RxQueue, SyncError,
};

use super::Action;
use super::device::{CRC, Device, PART, Part};
use super::state::State;
use crate::nic::{
    Format, Interference, Kind, MOST, Ring, TestBus, TestDma, pool, set_interference, watch,
};

/// One kind of device with one ring size.
pub struct World<F: Format> {
    pub kind: Kind,
    pub slots: usize,
    bus: TestBus,
    memory: TestDma,
    ring: Ring,
    queue: RxQueue<F, TestBus>,
}

/// The result of a sync.
struct Synced {
    result: Result<Progress, SyncError>,
    head: u32,
    cur: u32,
}

impl<F: Format> World<F> {
    pub fn new(kind: Kind, slots: usize) -> Self {
        let (bus, memory) = (TestBus::default(), TestDma::new(slots));
        let queue = RxQueue::new(bus.clone(), kind.doorbell, memory.clone(), slots as u32).unwrap();
        World {
            kind,
            slots,
            bus,
            memory,
            ring: Ring::new(slots),
            queue,
        }
    }

    /// A new queue that is not started yet.
    pub fn start(&mut self) -> State {
        self.queue.prepare(Crc::Kept);
        let idle = self.queue.idle();
        assert_eq!((idle.hwcur, idle.hwtail), (NmIdx(0), NmIdx(0)));
        State {
            queue: self.queue.state(),
            running: false,
            hwcur: 0,
            hwtail: 0,
            head: 0,
            tail: 0,
            lap: false,
            slots: [u32::MAX; MOST],
            words: [0; MOST * 2],
            device: Device {
                keeps_crc: true,
                ..Device::default()
            },
            waiting: 0,
            parts: [None; MOST],
            dropping: false,
        }
    }

    pub fn act(&mut self, at: &mut State, action: Action) {
        match action {
            Action::Release => {
                at.slots[at.head as usize] = u32::MAX;
                at.head = at.after(at.head, 1, self.slots);
            }
            Action::Sync { idle } => {
                at.queue.idle_syncs = idle;
                self.sync(at, None, None);
            }
            Action::SyncRacing { look } => self.sync(at, Some(look), None),
            Action::SyncSpoiled(by) => self.sync(at, None, Some(by)),
            Action::Stray { head, cur } => self.stray(at, head, cur),
            Action::Take(part) => self.take(at, part),
            Action::Finish => self.finish(at),
            Action::Announce => {
                let before = at.clone();
                let positions = self.load(at);
                self.queue.announce();
                self.save(at, positions);
                assert_eq!(*at, before, "the state must not change");
            }
            Action::Stop { settle, keeps_crc } => self.stop(at, settle, keeps_crc),
            Action::Restart { spoiled } => self.restart(at, spoiled),
        }
    }

    /// Writes a state to memory, registers and the queue.
    fn load(&mut self, at: &State) -> Positions {
        for (word, value) in self.memory.0.iter().zip(&at.words[..self.slots * 2]) {
            word.store(u64::from(*value), Relaxed);
        }
        for (slot, word) in self.ring.slots.iter().zip(at.slots) {
            slot.set_len_flags(word as u16, (word >> 16) as u16);
        }
        self.bus.set_tail(u32::from(at.device.tail));
        self.bus.rung();
        self.queue.resume(at.queue);
        Positions {
            hwcur: NmIdx(u32::from(at.hwcur)),
            hwtail: NmIdx(u32::from(at.hwtail)),
            head: NmIdx(u32::from(at.head)),
        }
    }

    /// Reads the state back. Returns the number of doorbell writes.
    fn save(&mut self, at: &mut State, positions: Positions) -> u32 {
        for (word, value) in self.memory.0.iter().zip(&mut at.words[..self.slots * 2]) {
            *value = word.load(Relaxed) as u32;
        }
        for (slot, word) in self.ring.slots.iter().zip(&mut at.slots) {
            let (len, flags) = slot.len_flags();
            *word = u32::from(len) | u32::from(flags) << 16;
        }
        at.device.tail = self.bus.tail() as u8;
        at.queue = self.queue.state();
        at.hwcur = positions.hwcur.0 as u8;
        let hwtail = positions.hwtail.0 as u8;
        at.lap ^= hwtail < at.hwtail;
        at.hwtail = hwtail;
        self.bus.rung()
    }

    /// From now to the next barrier the device must not own a new descriptor.
    fn watch(&self, nic: u32) {
        if <F as RxFormat>::OWNER != 0 {
            let word = nic as usize * 2 + F::STATUS_WORD;
            watch(&self.memory, word, <F as RxFormat>::OWNER);
        }
    }

    fn kring_sync(&mut self, at: &mut State, (head, cur): (u32, u32)) -> Synced {
        let positions = self.load(at);
        let geometry = self.queue.geometry();
        if at.queue.armed + 1 < self.slots as u32 {
            let first = geometry.advance(positions.hwtail, at.queue.armed);
            self.watch(geometry.to_nic(first).0);
        }
        let shown = Positions {
            hwtail: NmIdx(u32::from(at.tail)),
            ..positions
        };
        let mut kring = Kring::new(&self.ring, shown);
        kring.restarted(positions);
        let header = &self.ring.header;
        header.head.store(head, Relaxed);
        header.cur.store(cur, Relaxed);
        let (queue, pool) = (&mut self.queue, pool(self.slots));
        let result = kring.sync(&pool, |client, at| queue.sync(client, at));
        let (head, cur) = (header.head.load(Relaxed), header.cur.load(Relaxed));
        at.tail = header.tail.load(Relaxed) as u8;
        let positions = kring.positions();
        self.save(at, positions);
        assert_eq!(at.tail, at.hwtail, "the published tail");
        Synced { result, head, cur }
    }

    /// A sync during which the device reports one descriptor, or with a buffer index out of range.
    fn sync(&mut self, at: &mut State, race: Option<u32>, spoiled: Option<u8>) {
        let slots = self.slots;
        let mut before = at.clone();
        let counted = self.queue.counters();
        if let Some(look) = race {
            let (nic, words) = self.report(at);
            set_interference(Some(Interference {
                memory: self.memory.clone(),
                look,
                descriptor: nic as usize,
                words: words.map(u64::from),
            }));
        }
        let spoiled = spoiled.map(|by| at.after(at.hwcur, by, slots));
        if let Some(slot) = spoiled {
            self.ring.slots[slot as usize].set_buffer(BufIdx(1));
        }
        let head = u32::from(at.head);
        let synced = self.kring_sync(at, (head, head));
        if let Some(slot) = spoiled {
            self.ring.slots[slot as usize].set_buffer(BufIdx(u32::from(slot) + 2));
        }
        if race.is_some() && !set_interference(None) {
            self.has_reported(at);
            self.has_reported(&mut before);
        }

        let refused = self.queue.counters().refused - counted.refused;
        let fault = spoiled.map(|slot| SyncError::BufferOutOfRange {
            slot: u32::from(slot),
            buffer: 1,
        });
        match fault {
            Some(fault) => {
                assert_eq!((synced.result, refused), (Err(fault), 1));
                assert_eq!(at.hwcur, before.hwcur);
                let back = u32::from(at.hwcur);
                assert_eq!((synced.head, synced.cur), (back, back));
                at.withdraw();
            }
            None => {
                assert_eq!((synced.head, synced.cur), (head, head), "the client's");
                assert_eq!(at.hwcur, at.head);
                let returned = State::distance(before.tail, at.tail, slots);
                let progress = Progress::Synced {
                    handed: u32::from(before.released(slots)),
                    returned: u32::from(returned),
                };
                assert_eq!((synced.result, refused), (Ok(progress), 0));
            }
        }
        self.check_import(&before, at, counted);
        if fault.is_none() && race.is_none() {
            self.check_complete(at);
        }
    }

    /// The returned frames are those that the device reported; nothing else changed.
    fn check_import(&self, before: &State, at: &mut State, counted: netmap_core::RxCounters) {
        let slots = self.slots;
        let count = State::distance(before.hwtail, at.hwtail, slots);
        assert!(count <= before.waiting, "returned but not reported");
        let slot = |by: u8| (before.hwtail + by) % slots as u8;
        let part = |by: u8| before.parts[slot(by) as usize].expect("a part was taken");
        let (mut received, mut errors) = (0, 0);
        let mut expected: Vec<(u32, u16)> = Vec::new();
        let mut by = 0;
        while by < count {
            if at.dropping {
                expected.push((0, 0));
                at.dropping = !part(by).is_end();
                by += 1;
                continue;
            }
            let Some(last) = (by..count).find(|&by| part(by).is_end()) else {
                // The frame fills the ring and has no end.
                assert_eq!(
                    usize::from(count - by) + 1,
                    slots,
                    "a partial frame is returned"
                );
                expected.extend((by..count).map(|_| (0, 0)));
                errors += 1;
                at.dropping = true;
                break;
            };
            let len = before.len_of(slot(last), slots);
            match part(last) {
                Part::BadEnd { .. } => {
                    expected.extend((by..=last).map(|_| (0, 0)));
                    errors += 1;
                }
                Part::HalfCrc => {
                    expected.extend((by..last - 1).map(|_| (PART, NS_MOREFRAG)));
                    expected.extend([(PART - CRC / 2, 0), (0, 0)]);
                    received += 1;
                }
                _ => {
                    expected.extend((by..last).map(|_| (PART, NS_MOREFRAG)));
                    expected.push((len, 0));
                    received += 1;
                }
            }
            by = last + 1;
        }
        for (by, (len, flags)) in (0..).zip(expected) {
            let shown = at.slots[slot(by) as usize];
            assert_eq!(shown, len | u32::from(flags) << 16, "slot {}", slot(by));
            at.parts[slot(by) as usize] = None;
        }
        for by in count..slots as u8 {
            let slot = slot(by) as usize;
            assert_eq!(
                at.slots[slot], before.slots[slot],
                "slot {slot} was changed"
            );
        }
        at.waiting = before.waiting - count;
        let counters = self.queue.counters();
        assert_eq!(counters.received, counted.received + received);
        assert_eq!(counters.errors, counted.errors + errors);
        assert_eq!(counters.overlong, counted.overlong);
        assert_eq!(counters.faults, counted.faults, "an honest device");
    }

    /// Every frame that the device has reported is returned, unless it is incomplete.
    fn check_complete(&self, at: &State) {
        for by in 0..at.waiting {
            let part = at.parts[at.after(at.hwtail, by, self.slots) as usize];
            assert!(
                part.is_some_and(|part| !part.is_end()),
                "a frame is delayed or lost"
            );
        }
    }

    fn stray(&mut self, at: &mut State, head: u8, cur: u8) {
        let before = at.clone();
        let (head, cur) = (u32::from(head), u32::from(cur));
        let synced = self.kring_sync(at, (head, cur));
        match synced.result {
            Err(SyncError::HeadOutOfRange { head: named, .. }) => assert_eq!(named, head),
            Err(SyncError::CurOutOfRange { cur: named, .. }) => assert_eq!(named, cur),
            other => panic!("{other:?}"),
        }
        assert_eq!((at.hwcur, at.hwtail), (before.hwcur, before.hwtail));
        assert_eq!((at.words, at.slots), (before.words, before.slots));
        assert_eq!(at.device, before.device);
        let back = u32::from(at.hwcur);
        assert_eq!((synced.head, synced.cur), (back, back));
        at.withdraw();
    }

    fn stop(&mut self, at: &mut State, settle: bool, keeps_crc: bool) {
        let before = at.clone();
        let counted = self.queue.counters();
        let mut positions = self.load(at);
        if settle {
            let client = ClientRing {
                slots: &self.ring.slots,
                pool: &pool(self.slots),
            };
            positions = self.queue.settle(&client, positions);
        }
        self.queue.prepare(crc(keeps_crc));
        let descriptors = &self.memory.0[..self.slots * 2];
        assert!(descriptors.iter().all(|word| word.load(Relaxed) == 0));
        let rung = self.save(at, positions);
        assert_eq!(rung, 0, "a doorbell of a stopped device");
        assert_eq!(at.hwcur, before.hwcur);
        self.check_import(&before, at, counted);
        if settle {
            self.check_complete(at);
        }
        at.device = Device {
            keeps_crc,
            ..Device::default()
        };
        at.waiting = 0;
        at.parts = [None; MOST];
        at.dropping = false;
        at.running = false;
    }

    fn restart(&mut self, at: &mut State, spoiled: Option<u8>) {
        let before = at.clone();
        let spoiled = spoiled.map(|by| at.after(at.hwtail, by, self.slots));
        let positions = self.load(at);
        if let Some(slot) = spoiled {
            self.ring.slots[slot as usize].set_buffer(BufIdx(1));
        }
        self.watch(0);
        let client = ClientRing {
            slots: &self.ring.slots,
            pool: &pool(self.slots),
        };
        let outcome = self.queue.restart(&client, positions);
        if let Some(slot) = spoiled {
            self.ring.slots[slot as usize].set_buffer(BufIdx(u32::from(slot) + 2));
        }
        let rung = self.save(at, outcome.at);
        // The slot that stays free is not refilled yet.
        let free = at.before(at.hwcur, self.slots);
        let fault = spoiled.filter(|&slot| slot != free);
        let fault = fault.map(|slot| SyncError::BufferOutOfRange {
            slot: u32::from(slot),
            buffer: 1,
        });
        assert_eq!(outcome.fault, fault);
        assert_eq!(outcome.at, positions);
        assert_eq!(at.slots, before.slots);
        let has_doorbell = has_doorbell(self.kind);
        assert_eq!(rung, u32::from(has_doorbell), "the doorbell is always rung");
        at.running = true;
    }

    /// The invariants of every state.
    pub fn check(&self, at: &State) {
        let slots = self.slots;
        let owned = State::distance(at.hwcur, at.hwtail, slots);
        assert!(State::distance(at.hwcur, at.head, slots) <= owned);
        assert!(
            State::distance(at.hwcur, at.tail, slots) <= owned,
            "the tail moved back"
        );
        if !at.running {
            return;
        }
        assert_eq!(at.queue.dropping, at.dropping);
        assert_eq!(at.queue.crc, crc(at.device.keeps_crc));
        assert!(at.queue.armed < u32::from(at.owned(slots)));
        if has_doorbell(self.kind) {
            let end = at.after(at.hwtail, at.queue.armed as u8, slots);
            let hwofs = at.queue.hwofs.0 as u8;
            assert_eq!(
                at.device.tail,
                State::distance(hwofs, end, slots),
                "the tail"
            );
        }
    }

    /// Writes the worst values to unused descriptors.
    pub fn normalize_unused_memory(&self, at: &mut State) {
        let slots = self.slots;
        at.queue.idle_syncs = 0;
        if !at.running {
            return;
        }
        for by in at.queue.armed as u8..slots as u8 {
            let slot = at.after(at.hwtail, by, slots);
            let nic = State::distance(at.queue.hwofs.0 as u8, slot, slots);
            let control = self.control(at, nic);
            let owner = <F as RxFormat>::OWNER;
            assert_eq!(
                control & owner,
                0,
                "owned by the device but not handed over"
            );
            // The smallest rings are tracked with their real contents.
            if slots > 3 {
                at.words[nic as usize * 2 + F::STATUS_WORD] = F::STALE as u32;
                at.words[nic as usize * 2 + 1 - F::STATUS_WORD] = u32::MAX;
            }
        }
    }
}

fn crc(keeps: bool) -> Crc {
    if keeps { Crc::Kept } else { Crc::Stripped }
}

fn has_doorbell(kind: Kind) -> bool {
    matches!(kind.doorbell, netmap_core::Doorbell::Index { .. })
}
