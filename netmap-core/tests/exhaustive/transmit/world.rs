//! Client, queue and kring, with their invariants.

use std::sync::atomic::Ordering::Relaxed;

use netmap_core::abi::{NS_INDIRECT, NS_MOREFRAG, NS_REPORT};
use netmap_core::{
    BufIdx, ClientRing, Completion, Doorbell, Kring, NmIdx, Outcome, Policy, Positions, Progress,
    SyncError, TxFormat, TxQueue, TxSetup,
};

use super::device::{Attention, Device};
use super::state::{Restart, State};
use super::{Action, Spoiled};
use crate::nic::{Format, HEAD, Kind, MOST, Ring, TestBus, TestDma, pool, watch};

/// One kind of device with one ring size.
pub struct World<F: Format> {
    pub kind: Kind,
    pub slots: usize,
    bus: TestBus,
    memory: TestDma,
    ring: Ring,
    queue: TxQueue<F, TestBus>,
}

impl<F: Format> World<F> {
    pub fn new(kind: Kind, slots: usize) -> Self {
        let (bus, memory) = (TestBus::default(), TestDma::new(slots));
        let setup = TxSetup {
            doorbell: kind.doorbell,
            completion: kind.completion,
            head: (kind.completion == Completion::HeadRegister).then_some(HEAD),
            frames: netmap_core::FrameLimits::NONE,
        };
        let queue = TxQueue::new(bus.clone(), setup, memory.clone(), slots as u32).unwrap();
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
        let idle = self.queue.idle();
        let mut at = State {
            queue: self.queue.state(),
            running: false,
            hwcur: idle.hwcur.0 as u8,
            hwtail: idle.hwtail.0 as u8,
            head: idle.hwcur.0 as u8,
            tail: idle.hwtail.0 as u8,
            lap: false,
            slots: [0; MOST],
            words: [0; MOST * 2 + 1],
            device: Device::new(self.kind.doorbell),
            more: 0,
            sent: 0,
            next: 0,
        };
        self.normalize_unused_memory(&mut at);
        at
    }

    pub fn act(&mut self, at: &mut State, action: Action) {
        let slots = self.slots;
        match action {
            Action::Fill { more, report } => {
                let slot = at.head;
                at.head = at.after(slot, slots);
                at.lap ^= at.head == 0;
                let flags = if more { NS_MOREFRAG } else { 0 } | if report { NS_REPORT } else { 0 };
                at.slots[slot as usize] = at.len_of(slot, slots) as u32 | u32::from(flags) << 16;
                at.more = at.more & !(1 << slot) | u8::from(more) << slot;
            }
            Action::Sync { stalled } => {
                at.queue.stalled = stalled;
                self.sync(at);
            }
            Action::SyncSpoiled(by, spoiled) => self.sync_spoiled(at, by, spoiled),
            Action::Stray { head, cur } => self.stray(at, head, cur),
            Action::Take => self.take(at),
            Action::Finish => self.finish(at),
            Action::Look => at.device.attention = Attention::Leaving,
            Action::Sleep => at.device.attention = Attention::Asleep,
            Action::Announce => {
                let positions = self.load(at);
                self.queue.announce(positions);
                self.save(at, positions);
            }
            Action::Stop { settle } => self.stop(at, settle),
            Action::Restart(how) => self.restart(at, how),
        }
    }

    /// The device does all its work.
    pub fn run_device(&mut self, at: &mut State) {
        while let Some(&action) = self.device_actions(at).first() {
            self.act(at, action);
        }
    }

    /// What an interrupt handler does.
    pub fn kick_again(&mut self, at: &mut State) {
        self.kind.doorbell.kick_again(&self.bus);
        if self.bus.rung() > 0 {
            at.device.kick(self.kind.doorbell);
        }
    }

    /// Writes a state to memory, registers and the queue.
    fn load(&mut self, at: &State) -> Positions {
        let (last, words) = at.words.split_last().expect("the position written back");
        for (word, value) in self.memory.0.iter().zip(&words[..self.slots * 2]) {
            word.store(u64::from(*value), Relaxed);
        }
        self.memory.0[self.slots * 2].store(u64::from(*last), Relaxed);
        for (slot, word) in self.ring.slots.iter().zip(at.slots) {
            slot.set_len_flags(word as u16, (word >> 16) as u16);
        }
        self.bus.set_tail(u32::from(at.device.tail));
        self.bus.set_head(u32::from(at.device.reported));
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
        at.words[MOST * 2] = self.memory.0[self.slots * 2].load(Relaxed) as u32;
        for (slot, word) in self.ring.slots.iter().zip(&mut at.slots) {
            let (len, flags) = slot.len_flags();
            *word = u32::from(len) | u32::from(flags) << 16;
        }
        at.device.tail = self.bus.tail() as u8;
        at.queue = self.queue.state();
        if !self.reports_in_descriptors() {
            // They are not read.
            at.queue.reports = 0;
            at.queue.oldest_report = netmap_core::NicIdx(0);
        }
        at.hwcur = positions.hwcur.0 as u8;
        at.hwtail = positions.hwtail.0 as u8;
        let rung = self.bus.rung();
        if rung > 0 {
            at.device.kick(self.kind.doorbell);
        }
        rung
    }

    /// One sync of the kring, with the client's `head` and `cur`. Returns them as the sync left them, and the number of
    /// doorbell writes.
    fn kring_sync(
        &mut self,
        at: &mut State,
        (head, cur): (u32, u32),
    ) -> (Result<Progress, SyncError>, (u32, u32), u32) {
        let positions = self.load(at);
        if owner::<F>() != 0 {
            let nic = self.queue.geometry().to_nic(positions.hwcur).0 as usize;
            watch(
                &self.memory,
                nic * 2 + <F as TxFormat>::CONTROL,
                owner::<F>(),
            );
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
        let left = (header.head.load(Relaxed), header.cur.load(Relaxed));
        at.tail = header.tail.load(Relaxed) as u8;
        let positions = kring.positions();
        let rung = self.save(at, positions);
        assert_eq!(at.tail, at.hwtail, "the published tail");
        (result, left, rung)
    }

    fn sync(&mut self, at: &mut State) {
        let slots = self.slots;
        let before = at.clone();
        let counted = self.queue.counters();
        let head = u32::from(at.head);
        let (result, left, rung) = self.kring_sync(at, (head, head));
        let counters = self.queue.counters();
        assert_eq!(counters.faults, counted.faults, "an honest device");
        assert_eq!(counters.dropped, counted.dropped);
        let accepted = match before.offer(slots) {
            Ok(accepted) => accepted,
            Err(refused) => {
                assert_eq!(result, Err(refused));
                assert_eq!(counters.refused, counted.refused + 1);
                assert_eq!(
                    (counters.handed, counters.sent),
                    (counted.handed, counted.sent)
                );
                assert_eq!((at.hwcur, at.hwtail), (before.hwcur, before.hwtail));
                assert_eq!(left, (u32::from(at.hwcur), u32::from(at.hwcur)));
                assert_eq!(rung, 0, "a doorbell for a refused batch");
                at.withdraw();
                return;
            }
        };
        assert_eq!(left, (head, head), "head and cur are the client's");
        assert_eq!(State::distance(before.hwcur, at.hwcur, slots), accepted);
        let handed = before.frames(before.hwcur, at.hwcur, slots);
        assert_eq!(counters.handed, counted.handed + handed);
        for by in 0..accepted {
            let slot = (before.hwcur + by) % slots as u8;
            assert_eq!(u64::from(at.slots[slot as usize]), at.len_of(slot, slots));
        }

        let returned = State::distance(before.hwtail, at.hwtail, slots);
        let handed_over = State::distance(before.oldest(slots), at.hwcur, slots);
        assert!(
            returned <= handed_over,
            "slots returned that were not handed over"
        );
        // A device that loses kicks is kicked again if it has not sent everything.
        let stalled = returned == 0 && (before.queue.stalled + 1).is_multiple_of(16);
        let again = matches!(self.kind.doorbell, Doorbell::Kick { again: true, .. });
        let again = again && returned < handed_over && (returned > 0 || stalled);
        assert_eq!(rung, u32::from(accepted > 0) + u32::from(again), "kicks");
        let mut sent = 0;
        for by in 0..returned {
            let slot = (before.oldest(slots) + by) % slots as u8;
            let bit = 1 << slot;
            if !at.is_part(slot) {
                assert_ne!(at.sent & bit, 0, "returned before it was sent");
                sent += 1;
            }
            at.sent &= !bit;
            at.more &= !bit;
        }
        assert!(
            !before.is_part(at.hwtail) || returned == 0,
            "a partial frame returned"
        );
        assert_eq!(counters.sent, counted.sent + sent);
        let shown = State::distance(before.tail, at.tail, slots);
        let progress = Progress::Synced {
            handed: u32::from(accepted),
            returned: u32::from(shown),
        };
        assert_eq!(result, Ok(progress));
    }

    /// A sync that is refused because of one slot. The client then has all its slots back, and repairs this one.
    fn sync_spoiled(&mut self, at: &mut State, by: u8, spoiled: Spoiled) {
        let before = at.clone();
        let counted = self.queue.counters();
        let slot = (at.hwcur + by) % self.slots as u8;
        let (head, number) = (u32::from(at.head), u32::from(slot));
        let whole = at.slots[slot as usize];
        let (len, flags) = (whole as u16, (whole >> 16) as u16);
        let part = at.is_part(slot) || by > 0 && at.is_part(at.before(slot, self.slots));
        let fault = match spoiled {
            Spoiled::Buffer => {
                self.ring.slots[slot as usize].set_buffer(BufIdx(1));
                SyncError::BufferOutOfRange {
                    slot: number,
                    buffer: 1,
                }
            }
            Spoiled::Length => {
                at.slots[slot as usize] = whole | u32::from(u16::MAX);
                SyncError::LengthOutOfRange {
                    slot: number,
                    len: u16::MAX,
                    min: if part { 1 } else { <F as TxFormat>::MIN_LEN },
                    max: <F as TxFormat>::MAX_LEN,
                }
            }
            Spoiled::Indirect => {
                at.slots[slot as usize] = whole | u32::from(NS_INDIRECT) << 16;
                let flags = flags | NS_INDIRECT;
                SyncError::FlagNotSupported {
                    slot: number,
                    flags,
                }
            }
        };
        let (result, left, rung) = self.kring_sync(at, (head, head));
        self.ring.slots[slot as usize].set_buffer(BufIdx(number + 2));
        at.slots[slot as usize] = u32::from(flags) << 16 | u32::from(len);
        assert_eq!(result, Err(fault));
        assert_eq!(rung, 0, "a doorbell for a refused batch");
        assert_eq!(at.slots, before.slots);
        assert_eq!((at.hwcur, at.hwtail), (before.hwcur, before.hwtail));
        assert_eq!(left, (u32::from(at.hwcur), u32::from(at.hwcur)));
        let counters = self.queue.counters();
        assert_eq!(counters.refused, counted.refused + 1);
        assert_eq!(counters.handed, counted.handed);
        at.withdraw();
    }

    fn stray(&mut self, at: &mut State, head: u8, cur: u8) {
        let before = at.clone();
        let (head, cur) = (u32::from(head), u32::from(cur));
        let (result, left, rung) = self.kring_sync(at, (head, cur));
        assert_eq!(rung, 0, "a doorbell for a refused batch");
        match result {
            Err(SyncError::HeadOutOfRange { head: named, .. }) => assert_eq!(named, head),
            Err(SyncError::CurOutOfRange { cur: named, .. }) => assert_eq!(named, cur),
            other => panic!("{other:?}"),
        }
        assert_eq!((at.hwcur, at.hwtail), (before.hwcur, before.hwtail));
        assert_eq!(at.words, before.words, "the device could notice");
        assert_eq!(at.device, before.device);
        assert_eq!(left, (u32::from(at.hwcur), u32::from(at.hwcur)));
        at.withdraw();
    }

    fn stop(&mut self, at: &mut State, settle: bool) {
        let before = at.clone();
        let counted = self.queue.counters();
        let mut positions = self.load(at);
        if settle {
            positions = self.queue.settle(positions);
        }
        self.queue.prepare();
        assert!(self.memory.0.iter().all(|word| word.load(Relaxed) == 0));
        assert_eq!(
            self.save(at, positions),
            0,
            "a doorbell of a stopped device"
        );
        assert_eq!(at.hwcur, before.hwcur);
        let sent = before.frames(before.oldest(self.slots), at.oldest(self.slots), self.slots);
        assert_eq!(self.queue.counters().sent, counted.sent + sent);
        for by in 0..State::distance(before.hwtail, at.hwtail, self.slots) {
            let slot = (before.oldest(self.slots) + by) % self.slots as u8;
            assert!(at.is_part(slot) || at.sent >> slot & 1 != 0, "was not sent");
            at.more &= !(1 << slot);
        }
        at.sent = 0;
        at.next = at.oldest(self.slots);
        at.device = Device::new(self.kind.doorbell);
        at.queue.stalled = 0;
        at.running = false;
    }

    fn restart(&mut self, at: &mut State, how: Restart) {
        let before = at.clone();
        let counted = self.queue.counters();
        let oldest = at.oldest(self.slots);
        let outstanding = at.outstanding(self.slots);
        let mut policy = Policy::Resend;
        let mut spoiled = None;
        match how {
            Restart::Plain(plain) => policy = plain,
            Restart::FlagsScribbled => {
                for by in 0..outstanding {
                    let slot = (oldest + by) as usize % self.slots;
                    at.slots[slot] ^= u32::from(NS_MOREFRAG) << 16;
                }
            }
            Restart::BufferScribbled(by) => spoiled = Some((oldest + by) as usize % self.slots),
        }
        let positions = self.load(at);
        if let Some(slot) = spoiled {
            self.ring.slots[slot].set_buffer(BufIdx(1));
        }
        if owner::<F>() != 0 {
            watch(&self.memory, <F as TxFormat>::CONTROL, owner::<F>());
        }
        let client = ClientRing {
            slots: &self.ring.slots,
            pool: &pool(self.slots),
        };
        let Outcome {
            at: positions,
            fault,
        } = self.queue.restart(&client, positions, policy);
        if let Some(slot) = spoiled {
            self.ring.slots[slot].set_buffer(BufIdx(slot as u32 + 2));
        }
        let rung = self.save(at, positions);
        assert!(rung == 1, "the doorbell is always rung");
        assert_eq!(at.hwcur, before.hwcur);

        let counters = self.queue.counters();
        let frames = before.frames(oldest, before.hwcur, self.slots);
        let (handed, dropped) = (
            counters.handed - counted.handed,
            counters.dropped - counted.dropped,
        );
        assert_eq!(
            (counters.sent, counters.faults),
            (counted.sent, counted.faults)
        );
        let slot = spoiled.map(|slot| slot as u32);
        assert_eq!(
            fault,
            slot.map(|slot| SyncError::BufferOutOfRange { slot, buffer: 1 })
        );
        if policy == Policy::Resend && fault.is_none() {
            assert_eq!((handed, dropped), (frames, 0));
            assert_eq!(at.hwtail, before.hwtail);
            for by in 0..outstanding {
                let slot = (oldest + by) % self.slots as u8;
                assert_eq!(
                    u64::from(at.slots[slot as usize]),
                    at.len_of(slot, self.slots)
                );
            }
        } else {
            assert_eq!((handed, dropped), (0, frames));
            assert_eq!(at.hwtail, at.before(at.hwcur, self.slots));
            for by in 0..outstanding {
                at.more &= !(1 << ((oldest + by) % self.slots as u8));
            }
        }
        at.sent = 0;
        at.next = at.oldest(self.slots);
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
        let (mut parts, mut reports) = (0, 0);
        let late = State::distance(at.device.reported, at.device.taken, slots);
        let left = State::distance(at.oldest(slots), at.next, slots);
        assert!(late <= left, "returned before it was reported");
        for slot in (0..slots as u8).filter(|&slot| at.is_outstanding(slot, slots)) {
            let nic = self.to_nic(at, slot);
            parts |= u64::from(at.is_part(slot)) << nic;
            reports |= 1 << nic;
            if owner::<F>() != 0 && at.running {
                let finished = State::distance(at.oldest(slots), slot, slots) < left - late;
                assert_eq!(
                    at.control::<F>(nic) & owner::<F>() == 0,
                    finished,
                    "the owner bit"
                );
            }
        }
        assert_eq!(at.queue.parts, parts, "where frames continue");
        assert_eq!(at.queue.parts_left, parts.count_ones());
        assert_eq!(
            at.queue.reports & !reports,
            0,
            "a report mark that is not outstanding"
        );
        if at.outstanding(slots) > 0 && self.reports_in_descriptors() {
            let newest = self.to_nic(at, at.before(at.hwcur, slots));
            assert_ne!(at.queue.reports >> newest & 1, 0, "the newest reports");
        }
    }

    fn reports_in_descriptors(&self) -> bool {
        matches!(
            self.kind.completion,
            Completion::DoneBit | Completion::OwnerBit
        )
    }

    fn to_nic(&self, at: &State, slot: u8) -> u8 {
        State::distance(at.queue.hwofs.0 as u8, slot, self.slots)
    }

    /// Writes the worst values to the client's slots and to unused descriptors.
    pub fn normalize_unused_memory(&self, at: &mut State) {
        let slots = self.slots;
        at.queue.stalled = 0;
        for by in 0..at.room(slots) {
            let slot = (at.head + by) % slots as u8;
            at.slots[slot as usize] = u32::MAX;
            at.more &= !(1 << slot);
        }
        if !at.running {
            return;
        }
        for slot in 0..slots as u8 {
            if at.is_outstanding(slot, slots) {
                continue;
            }
            let nic = self.to_nic(at, slot);
            let control = at.control::<F>(nic);
            assert_eq!(
                control & owner::<F>(),
                0,
                "owned by the device but not handed over"
            );
            // The smallest rings are tracked with their real contents.
            if slots > 3 {
                at.words[nic as usize * 2 + <F as TxFormat>::CONTROL] = F::STALE as u32;
                at.words[nic as usize * 2 + 1 - <F as TxFormat>::CONTROL] = u32::MAX;
            }
        }
    }
}

/// The owner bits of a format for both directions.
fn owner<F: TxFormat>() -> u64 {
    F::OWNER
}
