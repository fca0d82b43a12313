//! The receive queue.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use crate::device::{BAD, DONE, DOORBELL, Device, Format, Ring, TestBus, WHOLE, pool};
use netmap_core::abi::NS_MOREFRAG;
use netmap_core::{
    BufIdx, Bus, Crc, DmaAddr, Kring, LinearPool, Progress, RxFormat, RxQueue, SyncError,
};
use proptest::prelude::*;

const GOOD: u64 = DONE | WHOLE;

pub struct Port {
    pub queue: RxQueue<Format, TestBus>,
    kring: Kring<Ring>,
    pool: LinearPool,
    pub device: Device,
    /// Frames the device received, as (buffer, length without CRC), oldest first.
    pub expected: VecDeque<(BufIdx, u16)>,
    pub next_len: u16,
    /// What the device does with CRCs.
    pub crc: Crc,
}

impl Port {
    /// With a device that keeps CRCs.
    pub fn new(slots: u32) -> Port {
        Port::with(slots, Crc::Kept)
    }

    pub fn with(slots: u32, crc: Crc) -> Port {
        let bus = TestBus::default();
        let ring = bus.dma_alloc(slots as usize * 16 + 64, 16, 64).unwrap();
        let device = Device::new(ring.clone(), bus.clone(), slots);
        let pool = pool(slots);
        let mut queue = RxQueue::new(bus, DOORBELL, ring, slots).unwrap();
        let idle = queue.idle();
        let kring = Kring::new(Ring::new(slots), idle);
        queue.prepare(crc);
        queue.restart(&kring.client(&pool), idle);
        Port {
            queue,
            kring,
            pool,
            device,
            expected: VecDeque::new(),
            next_len: 60,
            crc,
        }
    }

    pub fn ring(&self) -> &Ring {
        self.kring.ring()
    }

    pub fn sync(&mut self) -> Result<Progress, SyncError> {
        self.kring
            .sync(&self.pool, |client, at| self.queue.sync(client, at))
    }

    /// The device receives up to `count` frames.
    pub fn receive(&mut self, count: u32) -> u32 {
        for received in 0..count {
            let len = self.next_len;
            match self.device.receive(len + self.crc.bytes(), GOOD) {
                Some(buffer) => self.expected.push_back((buffer, len)),
                None => return received,
            }
            self.next_len = if len >= 1500 { 60 } else { len + 1 };
        }
        count
    }

    /// The client reads up to `count` frames, asserts that they are the expected ones, and releases the slots.
    pub fn read(&mut self, count: u32) -> u32 {
        let (slots, mut head) = (self.ring().slots.len() as u32, self.ring().head());
        let count = count.min(self.ring().space());
        for _ in 0..count {
            let slot = &self.ring().slots[head as usize];
            let frame = (slot.buffer(), slot.len_flags().0);
            assert_eq!(Some(frame), self.expected.pop_front());
            head = (head + 1) % slots;
        }
        self.ring().set(head, head);
        count
    }

    pub fn reset(&mut self) -> Result<(), SyncError> {
        self.reset_to(self.crc)
    }

    /// A reset that changes the device's CRC mode.
    pub fn reset_to(&mut self, crc: Crc) -> Result<(), SyncError> {
        let settled = self
            .queue
            .settle(&self.kring.client(&self.pool), self.kring.positions());
        self.device.head = 0;
        self.crc = crc;
        self.queue.prepare(crc);
        let outcome = self.queue.restart(&self.kring.client(&self.pool), settled);
        self.kring.restarted(outcome.at);
        outcome.fault.map_or(Ok(()), Err)
    }
}

#[test]
fn all_but_one_slot_receive_however_the_client_reads() {
    for slots in 2..=9 {
        for batch in 1..slots {
            let mut port = Port::new(slots);
            let mut total = 0;
            while total < 5 * slots {
                total += port.receive(slots);
                port.sync().unwrap();
                assert_eq!(
                    port.ring().space(),
                    slots - 1,
                    "{slots} slots, read by {batch}"
                );
                port.read(batch);
                port.sync().unwrap();
            }
        }
    }
}

#[test]
fn a_full_ring_receives_no_more_and_loses_nothing() {
    let mut port = Port::new(8);
    assert_eq!(port.receive(20), 7);
    port.sync().unwrap();
    assert_eq!(port.receive(20), 0);
    port.read(3);
    port.sync().unwrap();
    assert_eq!(port.receive(20), 3);
    port.sync().unwrap();
    assert_eq!(port.read(20), 7);
}

#[test]
fn a_buffer_the_client_put_into_a_slot_receives_next() {
    let mut port = Port::new(4);
    port.receive(1);
    port.sync().unwrap();
    port.read(1);
    // Buffers 0 to 5 exist; 2 to 5 are in slots, so swap two of the client's own.
    port.ring().slots[0].set_buffer(BufIdx(2));
    port.sync().unwrap();
    assert_eq!(port.receive(9), 3);
    assert_eq!(
        port.expected
            .iter()
            .map(|frame| frame.0.0)
            .collect::<Vec<_>>(),
        [3, 4, 5]
    );
}

#[test]
fn a_buffer_out_of_range_is_refused_but_received_frames_are_returned() {
    for buffer in [0, 1, 10, u32::MAX] {
        let mut port = Port::new(8);
        port.receive(4);
        port.sync().unwrap();
        port.read(2);
        port.receive(1);
        port.ring().slots[1].set_buffer(BufIdx(buffer));
        for _ in 0..3 {
            port.ring().set(2, 2);
            assert_eq!(
                port.sync(),
                Err(SyncError::BufferOutOfRange { slot: 1, buffer })
            );
            assert_eq!(
                (port.ring().head(), port.ring().cur(), port.ring().tail()),
                (0, 0, 5)
            );
        }
        port.ring().slots[1].set_buffer(BufIdx(3));
        port.ring().set(2, 2);
        port.sync().unwrap();
        assert_eq!(port.read(20), 3);
    }
}

#[test]
fn a_head_outside_the_clients_slots_is_refused() {
    let mut port = Port::new(8);
    port.receive(3);
    port.sync().unwrap();
    for head in [4, 7, 8, u32::MAX] {
        port.ring().set(head, head);
        assert_eq!(
            port.sync(),
            Err(SyncError::HeadOutOfRange {
                head,
                hwcur: 0,
                hwtail: 3
            })
        );
        assert_eq!(
            (port.ring().head(), port.ring().cur(), port.ring().tail()),
            (0, 0, 3)
        );
    }
    assert_eq!(port.read(3), 3);
    port.sync().unwrap();
}

#[test]
fn a_bad_frame_returns_its_slot_with_length_0() {
    for (status, len) in [(DONE | BAD | WHOLE, 64), (GOOD, 3)] {
        let mut port = Port::new(8);
        port.receive(1);
        let bad = port.device.receive(len, status).unwrap();
        port.receive(1);
        let result = port.sync();
        assert_eq!(result.is_err(), len == 3 && status != GOOD, "{result:?}");
        port.expected.insert(1, (bad, 0));
        assert_eq!(port.read(9), 3);
        assert_eq!(
            port.queue.counters().errors + port.queue.counters().overlong,
            1
        );
    }
}

#[test]
fn a_frame_over_several_buffers_is_returned_once_complete_wherever_it_is_split() {
    for before in 0..8u64 {
        for parts in 2..5 {
            for looked in 0..parts {
                let mut port = Port::new(8);
                for _ in 0..before {
                    port.receive(1);
                    port.sync().unwrap();
                    port.read(1);
                    port.sync().unwrap();
                }
                let first = port.ring().head();
                for part in 0..parts {
                    if part == looked {
                        port.sync().unwrap();
                        assert_eq!(port.ring().space(), 0, "{before} {parts} {looked}");
                    }
                    let last = part + 1 == parts;
                    let buffer = port
                        .device
                        .receive(1004, DONE | if last { WHOLE } else { 0 });
                    let len = if last { 1000 } else { 1004 };
                    port.expected.push_back((buffer.unwrap(), len));
                }
                port.receive(1);
                port.sync().unwrap();
                for part in 0..parts {
                    let slot = &port.ring().slots[((first + part) % 8) as usize];
                    let more = if part + 1 == parts { 0 } else { NS_MOREFRAG };
                    assert_eq!(slot.len_flags().1, more, "{before} {parts} {looked}");
                }
                assert_eq!(port.read(8), parts + 1, "{before} {parts} {looked}");
                assert_eq!(port.queue.counters().received, before + 2);
                assert_eq!(port.queue.counters().errors, 0);
            }
        }
    }
}

#[test]
fn a_crc_that_begins_in_the_last_but_one_buffer_is_removed_from_both() {
    for tail in 1..5u16 {
        let mut port = Port::new(8);
        let first = port.device.receive(1004, DONE).unwrap();
        let second = port.device.receive(tail, DONE | WHOLE).unwrap();
        port.expected.push_back((first, 1000 + tail));
        port.expected.push_back((second, 0));
        port.receive(1);
        port.sync().unwrap();
        assert_eq!(port.ring().slots[0].len_flags().1, 0);
        assert_eq!(port.read(8), 3);
        assert_eq!(port.queue.counters().received, 2);
    }
}

#[test]
fn the_crc_is_removed_from_any_frame_only_if_the_device_keeps_it() {
    for crc in [Crc::Kept, Crc::Stripped] {
        for len in [1, 3, 4, 59, 60, 2043, 2044, 2047, 2048] {
            // With its CRC it has to fit the buffer.
            if len + crc.bytes() > 2048 {
                continue;
            }
            let mut port = Port::with(8, crc);
            port.next_len = len;
            port.receive(1);
            port.sync().unwrap();
            assert_eq!(port.read(8), 1, "{crc:?} {len}");
        }
        // Less than a CRC is no frame where one is kept.
        let mut port = Port::with(8, crc);
        let buffer = port.device.receive(3, GOOD).unwrap();
        let len = if crc == Crc::Kept { 0 } else { 3 };
        port.expected.push_back((buffer, len));
        port.sync().unwrap();
        assert_eq!(port.read(8), 1);
        assert_eq!(port.queue.counters().errors, (crc == Crc::Kept).into());
    }
}

#[test]
fn frames_before_a_reset_have_the_old_crc_mode_and_later_ones_the_new() {
    let mut port = Port::with(8, Crc::Kept);
    for crc in [Crc::Stripped, Crc::Kept, Crc::Kept, Crc::Stripped] {
        // Some are imported before the reset, some by it, and some after it.
        for _ in 0..2 {
            port.receive(2);
            port.sync().unwrap();
        }
        port.receive(1);
        port.reset_to(crc).unwrap();
        port.receive(2);
        port.sync().unwrap();
        assert_eq!(port.read(8), 7);
        port.sync().unwrap();
    }
    assert_eq!(port.queue.counters().errors, 0);
}

#[test]
fn two_merged_frames_are_an_error_and_never_returned() {
    // Only the last part of a frame does not fill its buffer, so each of these holds the end of one and more.
    for lengths in [
        [1004, 64, 1004],
        [64, 1004, 1004],
        [1004, 1004, 1005],
        [64, 64, 1004],
    ] {
        let mut port = Port::new(8);
        for (len, part) in lengths.into_iter().zip(1..) {
            let whole = if part == lengths.len() { WHOLE } else { 0 };
            let buffer = port.device.receive(len, DONE | whole).unwrap();
            port.expected.push_back((buffer, 0));
        }
        port.receive(1);
        port.sync().unwrap();
        assert_eq!(port.read(8), 4, "{lengths:?}");
        let counters = port.queue.counters();
        assert_eq!((counters.received, counters.errors), (1, 1), "{lengths:?}");
    }
}

#[test]
fn a_frame_without_end_is_dropped_whole_when_it_fills_the_ring() {
    let mut port = Port::new(8);
    for part in 0..9 {
        let whole = if part == 8 { WHOLE } else { 0 };
        let buffer = port.device.receive(1004, DONE | whole).unwrap();
        port.expected.push_back((buffer, 0));
        port.sync().unwrap();
        let shown = port.ring().space();
        assert_eq!(shown, if part == 6 { 7 } else { u32::from(part > 6) });
        port.read(8);
        port.sync().unwrap();
    }
    port.receive(1);
    port.sync().unwrap();
    assert_eq!(port.read(8), 1);
    let counters = port.queue.counters();
    assert_eq!((counters.received, counters.errors), (1, 1));
}

#[test]
fn a_reset_discards_an_incomplete_frame() {
    let mut port = Port::new(8);
    port.device.receive(1004, DONE).unwrap();
    port.sync().unwrap();
    assert_eq!(port.ring().space(), 0);
    port.reset().unwrap();
    port.receive(2);
    port.sync().unwrap();
    assert_eq!(port.read(8), 2);
}

#[test]
fn a_length_past_the_buffer_is_an_error_and_never_returned() {
    let mut port = Port::new(8);
    let buffer = port.device.receive(2053, GOOD).unwrap();
    port.receive(1);
    assert_eq!(
        port.sync(),
        Err(SyncError::ReceivedPastBuffer {
            slot: 0,
            len: 2053,
            buffer_size: 2048
        })
    );
    port.expected.push_front((buffer, 0));
    assert_eq!(port.read(9), 2);
    assert_eq!(
        port.sync(),
        Ok(Progress::Synced {
            handed: 2,
            returned: 0
        })
    );
}

#[test]
fn a_reset_keeps_unread_frames_and_offers_every_other_slot_at_every_offset() {
    for slots in 2..=6 {
        for before in 0..2 * slots {
            for unread in 0..slots {
                let mut port = Port::new(slots);
                for _ in 0..before {
                    port.receive(1);
                    port.sync().unwrap();
                    port.read(1);
                    port.sync().unwrap();
                }
                port.receive(unread);
                port.sync().unwrap();
                let client = (port.ring().head(), port.ring().cur(), port.ring().tail());
                port.reset().unwrap();
                assert_eq!(
                    (port.ring().head(), port.ring().cur(), port.ring().tail()),
                    client
                );
                assert_eq!(port.receive(slots), slots - 1 - unread);
                port.sync().unwrap();
                assert_eq!(port.read(slots), slots - 1);
            }
        }
    }
}

#[test]
fn frames_received_but_not_yet_imported_survive_a_reset() {
    let mut port = Port::new(8);
    port.receive(5);
    port.reset().unwrap();
    assert_eq!(port.ring().tail(), 0);
    assert_eq!(
        port.sync(),
        Ok(Progress::Synced {
            handed: 0,
            returned: 5
        })
    );
    assert_eq!(port.read(9), 5);
}

#[test]
fn an_invalid_slot_at_a_reset_stops_the_refill_until_it_is_valid() {
    let mut port = Port::new(8);
    port.ring().slots[3].set_buffer(BufIdx(99));
    assert_eq!(
        port.reset(),
        Err(SyncError::BufferOutOfRange {
            slot: 3,
            buffer: 99
        })
    );
    assert_eq!(port.receive(9), 3);
    assert_eq!(
        port.sync(),
        Err(SyncError::BufferOutOfRange {
            slot: 3,
            buffer: 99
        })
    );
    assert_eq!(port.read(9), 3);
    port.ring().slots[3].set_buffer(BufIdx(5));
    port.sync().unwrap();
    assert_eq!(port.receive(9), 7);
    port.sync().unwrap();
    assert_eq!(port.read(9), 7);
}

thread_local! {
    /// The device's action right after the queue has read a descriptor that is not done.
    static MEANWHILE: Cell<Option<Arc<dyn Fn()>>> = const { Cell::new(None) };
}

/// A format that runs the device's action between two reads of the queue.
struct Racing;

impl RxFormat for Racing {
    const STATUS_WORD: usize = Format::STATUS_WORD;
    const DONE_MASK: u64 = <Format as RxFormat>::DONE_MASK;
    const DONE: u64 = <Format as RxFormat>::DONE;
    const OWNER: u64 = <Format as RxFormat>::OWNER;
    const END_OF_RING: u64 = <Format as RxFormat>::END_OF_RING;
    const FIRST: u64 = <Format as RxFormat>::FIRST;
    const LAST: u64 = <Format as RxFormat>::LAST;
    const GOOD_MASK: u64 = Format::GOOD_MASK;
    const GOOD: u64 = Format::GOOD;
    const PART: u32 = Format::PART;

    fn arm(buffer: DmaAddr) -> [u64; 2] {
        Format::arm(buffer)
    }

    fn len(status: u64) -> u16 {
        if status & DONE == 0
            && let Some(work) = MEANWHILE.take()
        {
            work();
        }
        Format::len(status)
    }
}

#[test]
fn a_frame_that_arrives_between_two_reads_of_its_descriptor_is_received() {
    let bus = TestBus::default();
    let ring = bus.dma_alloc(8 * 16, 16, 64).unwrap();
    let device = Mutex::new(Device::new(ring.clone(), bus.clone(), 8));
    let pool = pool(8);
    let mut queue = RxQueue::<Racing, _>::new(bus, DOORBELL, ring, 8).unwrap();
    let mut kring = Kring::new(Ring::new(8), queue.idle());
    queue.prepare(Crc::Kept);
    queue.restart(&kring.client(&pool), queue.idle());
    MEANWHILE.set(Some(Arc::new(move || {
        device.lock().unwrap().receive(104, GOOD).unwrap();
    })));
    let mut returned = 0;
    for _ in 0..2 {
        let Ok(Progress::Synced { returned: more, .. }) =
            kring.sync(&pool, |client, at| queue.sync(client, at))
        else {
            panic!("a valid sync was refused")
        };
        returned += more;
    }
    assert_eq!(returned, 1);
    assert_eq!(kring.ring().slots[0].len_flags(), (100, 0));
    assert_eq!(queue.counters().errors, 0);
}

#[derive(Debug, Clone)]
enum Step {
    Receive(u32),
    Sync,
    Read(u32),
    Reset(Crc),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1..40u32).prop_map(Step::Receive),
        4 => Just(Step::Sync),
        3 => (1..40u32).prop_map(Step::Read),
        1 => crc().prop_map(Step::Reset),
    ]
}

pub fn crc() -> impl Strategy<Value = Crc> {
    prop_oneof![Just(Crc::Kept), Just(Crc::Stripped)]
}

proptest! {
    #[test]
    fn frames_are_received_in_order_and_none_is_lost(slots in 2..40u32, first in crc(), steps in prop::collection::vec(step(), 1..120)) {
        let mut port = Port::with(slots, first);
        for step in steps {
            match step {
                Step::Receive(count) => {
                    port.receive(count);
                }
                Step::Sync => {
                    port.sync().unwrap();
                }
                Step::Read(count) => {
                    port.read(count);
                }
                Step::Reset(crc) => {
                    let client = (port.ring().head(), port.ring().cur());
                    port.reset_to(crc).unwrap();
                    prop_assert_eq!((port.ring().head(), port.ring().cur()), client);
                }
            }
        }
        port.sync().unwrap();
        port.read(slots);
        port.sync().unwrap();
        prop_assert!(port.expected.is_empty());
        prop_assert_eq!(port.receive(slots), slots - 1);
    }
}
