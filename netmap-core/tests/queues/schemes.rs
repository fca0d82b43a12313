//! Frames over several slots, on rings of many sizes, by every completion scheme.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::sync::atomic::Ordering::Relaxed;

use crate::device::{BASE, BUFFER, DONE, HEAD, KICKS, REPORT, Ring, TAIL, TestBus, TestDma, pool};
use netmap_core::abi::{NS_MOREFRAG, NS_REPORT};
use netmap_core::{
    BufIdx, Bus, Completion, DmaAddr, Doorbell, DoorbellWidth, Kring, LinearPool, Policy, Progress,
    SyncError, TxFormat, TxQueue, TxSetup,
};
use proptest::prelude::*;

const FIRST: u64 = 1 << 40;
const LAST: u64 = 1 << 41;
const OWN: u64 = 1 << 42;
const END: u64 = 1 << 43;
const LEN: u64 = 0xffff;

/// Done bits and positions.
pub struct Reporting;

impl TxFormat for Reporting {
    const MIN_LEN: u16 = 17;
    const MAX_LEN: u16 = 2048;
    const FRAME_MAX: u32 = 4000;
    const SLOTS_MAX: u32 = 5;
    const CONTROL: usize = 1;
    const REPORT: u64 = REPORT;
    const DONE_MASK: u64 = DONE;
    const DONE: u64 = DONE;
    const OWNER: u64 = 0;
    const END_OF_RING: u64 = 0;
    const FIRST: u64 = FIRST;
    const LAST: u64 = LAST;
    const PER_BYTE: [u64; 2] = [0, 1];

    fn part(buffer: DmaAddr, len: u32, _frame: u32) -> [u64; 2] {
        [buffer.0, u64::from(len)]
    }
}

/// Owner bits.
pub struct Owned;

impl TxFormat for Owned {
    const MIN_LEN: u16 = 17;
    const MAX_LEN: u16 = 2048;
    const FRAME_MAX: u32 = 4000;
    const SLOTS_MAX: u32 = 5;
    const CONTROL: usize = 0;
    const REPORT: u64 = 0;
    const DONE_MASK: u64 = OWN;
    const DONE: u64 = 0;
    const OWNER: u64 = OWN;
    const END_OF_RING: u64 = END;
    const FIRST: u64 = FIRST;
    const LAST: u64 = LAST;
    const PER_BYTE: [u64; 2] = [1, 0];

    fn part(buffer: DmaAddr, len: u32, _frame: u32) -> [u64; 2] {
        [u64::from(len) | OWN, buffer.0]
    }
}

type Frame = Vec<(BufIdx, u16)>;

struct Port<F: TxFormat> {
    queue: TxQueue<F, TestBus>,
    kring: Kring<Ring>,
    pool: LinearPool,
    bus: TestBus,
    memory: TestDma,
    completion: Completion,
    /// The device's position, and its next report.
    taken: u32,
    reported: Vec<(u32, bool)>,
    /// Parts of the frame that the device sends.
    parts: Frame,
    /// Frames accepted and not known to be sent, oldest first; and how many of them were sent since the last reset.
    accepted: VecDeque<Frame>,
    left: usize,
    /// Frames filled and not accepted; the last one is incomplete.
    pending: Vec<Frame>,
    total: u64,
    next_len: u16,
    format: PhantomData<F>,
}

impl<F: TxFormat> Port<F> {
    fn new(completion: Completion, slots: u32) -> Self {
        let bus = TestBus::default();
        let memory = bus.dma_alloc(slots as usize * 16 + 64, 16, 64).unwrap();
        let setup = TxSetup {
            doorbell: match completion {
                Completion::OwnerBit => Doorbell::Kick {
                    at: KICKS,
                    width: DoorbellWidth::Bits8,
                    value: 1,
                    again: true,
                },
                _ => Doorbell::index(TAIL),
            },
            completion,
            head: Some(HEAD),
            frames: netmap_core::FrameLimits::NONE,
        };
        let mut queue = TxQueue::new(bus.clone(), setup, memory.clone(), slots).unwrap();
        let idle = queue.idle();
        let kring = Kring::new(Ring::new(slots), idle);
        let pool = pool(slots);
        queue.restart(&kring.client(&pool), idle, Policy::Resend);
        Port {
            queue,
            kring,
            pool,
            bus,
            memory,
            completion,
            taken: 0,
            reported: Vec::new(),
            parts: Vec::new(),
            accepted: VecDeque::new(),
            left: 0,
            pending: vec![Vec::new()],
            total: 0,
            next_len: 60,
            format: PhantomData,
        }
    }

    fn slots(&self) -> u32 {
        self.kring.ring().slots.len() as u32
    }

    /// The client fills a slot if it has one.
    fn fill(&mut self, more: bool) {
        let ring = self.kring.ring();
        if ring.space() == 0 {
            return;
        }
        let most = 5.min(self.slots() - 2).max(1) as usize;
        let frame = self.pending.last_mut().expect("a frame to go on with");
        let more = more && frame.len() + 1 < most;
        let (slot, len) = (&ring.slots[ring.head() as usize], self.next_len);
        slot.set_len_flags(len, if more { NS_MOREFRAG } else { 0 });
        frame.push((slot.buffer(), len));
        if !more {
            self.pending.push(Vec::new());
        }
        self.next_len = if len >= 700 { 60 } else { len + 1 };
        let head = (ring.head() + 1) % ring.slots.len() as u32;
        ring.set(head, head);
    }

    /// Removes the frames of `count` returned slots.
    fn returned(&mut self, count: u32) {
        let mut count = count as usize;
        while count > 0 {
            let frame = self
                .accepted
                .pop_front()
                .expect("returned and not accepted");
            assert!(frame.len() <= count, "a partial frame returned");
            count -= frame.len();
            self.left = self.left.checked_sub(1).expect("returned before it left");
        }
    }

    fn sync(&mut self) {
        let before = self.kring.positions().hwtail;
        let (queue, pool) = (&mut self.queue, &self.pool);
        let result = self.kring.sync(pool, |client, at| queue.sync(client, at));
        let open = self.pending.pop().expect("a frame to go on with");
        let handed = self.pending.iter().map(Vec::len).sum::<usize>() as u32;
        let now = self.kring.positions().hwtail;
        let returned = self.queue.geometry().distance(before, now);
        assert!(matches!(result, Ok(Progress::Synced { handed: synced, .. }) if synced == handed));
        self.total += self.pending.len() as u64;
        self.accepted.extend(self.pending.drain(..));
        self.pending.push(open);
        self.returned(returned);
    }

    /// The device takes one descriptor if there is one.
    fn take(&mut self) {
        let at = self.taken as usize * 2;
        let word = |word: usize| self.memory.0[at + word].load(Relaxed);
        let (control, address) = (word(F::CONTROL), word(1 - F::CONTROL));
        let handed = match self.completion {
            Completion::OwnerBit => self.bus.register(KICKS) > 0 && control & OWN != 0,
            _ => self.taken != self.bus.register(TAIL),
        };
        if !handed || self.reported.len() as u32 + 1 >= self.slots() {
            return;
        }
        assert_eq!(control & DONE, 0, "done before it was taken");
        assert_eq!(control & FIRST != 0, self.parts.is_empty());
        let buffer = BufIdx(((address - BASE) / BUFFER) as u32);
        self.parts.push((buffer, (control & LEN) as u16));
        if control & LAST != 0 {
            let frame = std::mem::take(&mut self.parts);
            assert_eq!(Some(&frame), self.accepted.get(self.left));
            self.left += 1;
        }
        self.reported.push((self.taken, control & REPORT != 0));
        self.taken = (self.taken + 1) % self.slots();
        let last = control & END != 0;
        assert!(F::OWNER == 0 || last == (self.taken == 0));
    }

    /// The device reports one descriptor.
    fn finish(&mut self) {
        if self.reported.is_empty() {
            return;
        }
        let (nic, asked) = self.reported.remove(0);
        let after = (nic + 1) % self.slots();
        let control = &self.memory.0[nic as usize * 2 + F::CONTROL];
        match self.completion {
            Completion::DoneBit if asked => control.store(DONE, Relaxed),
            Completion::DoneBit => {}
            Completion::OwnerBit => control.store(control.load(Relaxed) & !OWN, Relaxed),
            Completion::HeadRegister => self.bus.set_register(HEAD, after),
            Completion::HeadWriteback => {
                self.memory.0[self.slots() as usize * 2].store(after.into(), Relaxed);
            }
        }
    }

    fn reset(&mut self, policy: Policy) {
        let before = self.kring.positions();
        let settled = self.queue.settle(before);
        let distance = self
            .queue
            .geometry()
            .distance(before.hwtail, settled.hwtail);
        self.returned(distance);
        let ring = self.kring.ring();
        let client = (ring.head(), ring.cur(), ring.tail());
        self.taken = 0;
        self.left = 0;
        self.reported.clear();
        self.parts.clear();
        self.bus.set_register(HEAD, 0);
        self.bus.set_register(KICKS, 0);
        self.queue.prepare();
        let dropped = self.queue.counters().dropped;
        let client_ring = self.kring.client(&self.pool);
        let outcome = self.queue.restart(&client_ring, settled, policy);
        assert_eq!(outcome.fault, None);
        self.kring.restarted(outcome.at);
        let ring = self.kring.ring();
        assert_eq!((ring.head(), ring.cur(), ring.tail()), client);
        if policy == Policy::Drop {
            let dropped = self.queue.counters().dropped - dropped;
            assert_eq!(dropped as usize, self.accepted.len());
            self.accepted.clear();
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Fill(Vec<bool>),
    Sync,
    Take(u32),
    Finish(u32),
    Reset(Policy),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::vec(any::<bool>(), 1..40).prop_map(Step::Fill),
        5 => Just(Step::Sync),
        4 => (1..60u32).prop_map(Step::Take),
        4 => (1..60u32).prop_map(Step::Finish),
        1 => prop_oneof![Just(Policy::Resend), Just(Policy::Drop)].prop_map(Step::Reset),
    ]
}

fn run<F: TxFormat>(completion: Completion, slots: u32, steps: &[Step]) {
    let mut port = Port::<F>::new(completion, slots);
    for step in steps {
        match step {
            Step::Fill(slots) => slots.iter().for_each(|&more| port.fill(more)),
            Step::Sync => port.sync(),
            Step::Take(count) => (0..*count).for_each(|_| port.take()),
            Step::Finish(count) => (0..*count).for_each(|_| port.finish()),
            Step::Reset(policy) => port.reset(*policy),
        }
    }
    // With a working device, all slots are returned after two syncs.
    port.sync();
    for _ in 0..slots {
        port.take();
        port.finish();
    }
    port.sync();
    assert!(port.accepted.is_empty(), "frames that never left");
    let (at, counters) = (port.kring.positions(), port.queue.counters());
    assert_eq!(at.hwtail, port.queue.geometry().before(at.hwcur));
    assert_eq!(counters.sent + counters.dropped, port.total);
    assert_eq!((counters.refused, counters.faults), (0, 0));
}

proptest! {
    #[test]
    fn frames_over_several_slots_are_sent_whole_in_order_and_none_is_lost(
        slots in 2..100u32,
        steps in prop::collection::vec(step(), 1..80),
    ) {
        run::<Reporting>(Completion::DoneBit, slots, &steps);
        run::<Reporting>(Completion::HeadRegister, slots, &steps);
        run::<Reporting>(Completion::HeadWriteback, slots, &steps);
        run::<Owned>(Completion::OwnerBit, slots, &steps);
    }
}

/// Fills slots of these lengths as one frame and syncs.
fn refuse<F: TxFormat>(completion: Completion, lens: &[u16], ends: bool) -> SyncError {
    let mut port = Port::<F>::new(completion, 16);
    for (at, &len) in lens.iter().enumerate() {
        let more = at + 1 < lens.len() || !ends;
        let flags = if more { NS_MOREFRAG } else { 0 };
        port.kring.ring().slots[at].set_len_flags(len, flags);
    }
    let head = lens.len() as u32;
    port.kring.ring().set(head, head);
    let (queue, pool) = (&mut port.queue, &port.pool);
    let refused = port.kring.sync(pool, |client, at| queue.sync(client, at));
    assert_eq!(port.kring.ring().head(), 0);
    port.take();
    assert_eq!(port.taken, 0, "part of a refused batch reached the device");
    port.fill(false);
    port.sync();
    port.take();
    assert_eq!(port.left, 1, "the next legal batch");
    refused.expect_err("a frame that the NIC cannot send")
}

#[test]
fn a_frame_that_the_nic_cannot_send_is_refused_with_the_limit() {
    let cases: [(&[u16], bool, SyncError, &str); 6] = [
        (
            &[2000, 2000, 1],
            true,
            SyncError::FrameTooLong {
                slot: 0,
                len: 4001,
                max: 4000,
            },
            "slot 0: a frame of 4001 bytes is longer than the NIC's limit of 4000",
        ),
        (
            &[60; 6],
            true,
            SyncError::TooManySlots { slot: 0, max: 5 },
            "slot 0: the frame has more than 5 slots",
        ),
        (
            &[60; 5],
            false,
            SyncError::TooManySlots { slot: 0, max: 5 },
            "slot 0: the frame has more than 5 slots",
        ),
        (
            &[8, 8],
            true,
            SyncError::LengthOutOfRange {
                slot: 0,
                len: 16,
                min: 17,
                max: 2048,
            },
            "slot 0: length 16 is not between 17 and 2048",
        ),
        (
            &[60, 0, 60],
            true,
            SyncError::LengthOutOfRange {
                slot: 1,
                len: 0,
                min: 1,
                max: 2048,
            },
            "slot 1: length 0 is not between 1 and 2048",
        ),
        (
            &[60, 2049],
            true,
            SyncError::LengthOutOfRange {
                slot: 1,
                len: 2049,
                min: 1,
                max: 2048,
            },
            "slot 1: length 2049 is not between 1 and 2048",
        ),
    ];
    for (lens, ends, error, text) in cases {
        assert_eq!(refuse::<Reporting>(Completion::DoneBit, lens, ends), error);
        assert_eq!(refuse::<Owned>(Completion::OwnerBit, lens, ends), error);
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn an_invalid_head_is_reported_with_the_valid_range() {
    for value in [4, 15, 16, u32::MAX] {
        let mut port = Port::<Reporting>::new(Completion::HeadRegister, 16);
        (0..3).for_each(|_| port.fill(false));
        port.bus.set_register(HEAD, value);
        let (queue, pool) = (&mut port.queue, &port.pool);
        let result = port.kring.sync(pool, |client, at| queue.sync(client, at));
        let error = SyncError::NicHeadOutOfRange {
            read: value,
            oldest: 0,
            tail: 3,
        };
        assert_eq!(result, Err(error));
        let text = format!("the device reports head {value}, which is not between 0 and 3");
        assert_eq!(error.to_string(), text);
        assert_eq!(
            (port.kring.ring().head(), port.queue.counters().faults),
            (3, 1)
        );
        // The frames are still handed over.
        port.accepted.extend(port.pending.drain(..3));
        port.total = 3;
        (0..3).for_each(|_| port.take());
        (0..3).for_each(|_| port.finish());
        port.sync();
        assert!(port.accepted.is_empty());
    }
}

/// Slots of the next frame.
fn send<F: TxFormat>(port: &mut Port<F>, slots: u32) {
    (1..=slots).for_each(|slot| port.fill(slot < slots));
}

/// The device sends and reports `count` descriptors.
fn complete<F: TxFormat>(port: &mut Port<F>, count: u32) {
    for _ in 0..count {
        port.take();
        port.finish();
    }
}

/// A refused batch leaves no trace: later frames in its slots come back one by one, and are resent as they are.
fn no_trace<F: TxFormat>(completion: Completion) {
    for resets in [false, true] {
        let mut port = Port::<F>::new(completion, 16);
        // A whole frame of three slots, then a bad slot.
        send(&mut port, 3);
        send(&mut port, 1);
        let bad = &port.kring.ring().slots[3];
        let buffer = bad.buffer();
        bad.set_buffer(BufIdx(1));
        let (queue, pool) = (&mut port.queue, &port.pool);
        let refused = port.kring.sync(pool, |client, at| queue.sync(client, at));
        let error = SyncError::BufferOutOfRange { slot: 3, buffer: 1 };
        assert_eq!(refused, Err(error));
        port.kring.ring().slots[3].set_buffer(buffer);
        port.pending = vec![Vec::new()];

        // Frames of one slot in its place, and one of two slots, so that the queue tracks parts.
        (0..3).for_each(|_| send(&mut port, 1));
        send(&mut port, 2);
        for slot in &port.kring.ring().slots[..3] {
            let (len, flags) = slot.len_flags();
            slot.set_len_flags(len, flags | NS_REPORT);
        }
        port.sync();
        if resets {
            port.reset(Policy::Resend);
        }
        if !resets || completion != Completion::DoneBit {
            // Without a reset, each of these frames has a report of its own.
            for left in (1..=3).rev() {
                complete(&mut port, 1);
                port.sync();
                assert_eq!(port.accepted.len(), left, "a frame that was sent");
            }
        }
        complete(&mut port, 5);
        port.sync();
        assert!(port.accepted.is_empty());
    }
}

#[test]
fn a_refused_batch_leaves_no_marks_of_its_frames() {
    no_trace::<Reporting>(Completion::DoneBit);
    no_trace::<Reporting>(Completion::HeadRegister);
    no_trace::<Reporting>(Completion::HeadWriteback);
}

/// A device that takes no notice of a kick for new frames, however many; only of one that is repeated.
#[test]
fn a_device_that_loses_every_kick_is_kicked_again_by_syncs_alone() {
    let mut port = Port::<Owned>::new(Completion::OwnerBit, 8);
    let mut syncs = 0;
    for batch in 1..=3 {
        (0..batch).for_each(|_| send(&mut port, 1));
        port.sync();
        while !port.accepted.is_empty() {
            // What has arrived until now is lost.
            port.bus.set_register(KICKS, 0);
            port.sync();
            // A device that noticed a kick sends one frame.
            complete(&mut port, 1);
            syncs += 1;
            assert!(syncs < 200, "frames that never leave");
        }
    }
    assert_eq!(port.queue.counters().sent, 6);
}

#[test]
fn a_device_that_sent_only_some_frames_is_kicked_again_at_once() {
    let mut port = Port::<Owned>::new(Completion::OwnerBit, 8);
    // One report each.
    for _ in 0..3 {
        send(&mut port, 1);
        port.sync();
    }
    for left in [2, 1, 0] {
        complete(&mut port, 1);
        port.bus.set_register(KICKS, 0);
        port.sync();
        assert_eq!(port.bus.register(KICKS), u32::from(left > 0));
        port.bus.set_register(KICKS, 1);
    }
}

#[test]
fn settling_does_not_kick_a_stopping_device() {
    let mut port = Port::<Owned>::new(Completion::OwnerBit, 8);
    for _ in 0..2 {
        port.fill(false);
        port.sync();
    }
    port.take();
    port.finish();
    let kicks = port.bus.register(KICKS);
    let settled = port.queue.settle(port.kring.positions());
    assert_eq!(settled.hwtail.0, 0);
    assert_eq!(port.bus.register(KICKS), kicks);
    // However often there was no progress before.
    for _ in 0..200 {
        assert_eq!(port.queue.settle(settled), settled);
        assert_eq!(port.bus.register(KICKS), kicks);
    }
}

#[test]
fn syncs_before_a_reset_do_not_make_a_kick_after_it_seem_lost() {
    let mut port = Port::<Owned>::new(Completion::OwnerBit, 8);
    send(&mut port, 1);
    port.sync();
    let kicks = port.bus.register(KICKS);
    let mut syncs = 1;
    while port.bus.register(KICKS) == kicks {
        port.sync();
        syncs += 1;
        assert!(syncs < 200, "no kick is repeated");
    }
    for before in 1..syncs {
        port.reset(Policy::Resend);
        (0..before).for_each(|_| port.sync());
        port.reset(Policy::Resend);
        port.bus.set_register(KICKS, 0);
        (1..syncs).for_each(|_| port.sync());
        assert_eq!(port.bus.register(KICKS), 0, "{before} syncs before");
        port.sync();
        port.sync();
        assert_eq!(port.bus.register(KICKS), 1, "{before} syncs before");
    }
}
