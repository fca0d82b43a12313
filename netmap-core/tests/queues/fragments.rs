//! Frames over several slots: received in random order of events, and changed by a client while they are handed over.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use crate::device::{BASE, BUFFER, DONE, Ring, SETUP, Shared, TAIL, TestBus, WHOLE, pool};
use crate::receive::{Port, crc};
use netmap_core::abi::{NS_INDIRECT, NS_MOREFRAG};
use netmap_core::{BufIdx, Bus, Crc, DmaAddr, Kring, Progress, SyncError, TxFormat, TxQueue};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Receive(u32),
    Sync,
    Read(u32),
    Reset(Crc),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..6u32).prop_map(Step::Receive),
        4 => Just(Step::Sync),
        3 => (1..40u32).prop_map(Step::Read),
        1 => crc().prop_map(Step::Reset),
    ]
}

/// Receives a frame of `parts` slots if there is room for all of it; flags that its slots will have.
fn receive(port: &mut Port, parts: u32, flags: &mut VecDeque<u16>) {
    if port.device.pending() < parts {
        return;
    }
    /// Bytes of a buffer that the device uses.
    const FULL: u16 = 1504;
    let rest = port.next_len;
    port.next_len = if rest >= 1500 { 60 } else { rest + 1 };
    for part in 0..parts {
        let last = part + 1 == parts;
        let len = if last { rest } else { FULL };
        let status = DONE | if last { WHOLE } else { 0 };
        let with_crc = len + if last { port.crc.bytes() } else { 0 };
        let buffer = port.device.receive(with_crc, status);
        port.expected.push_back((buffer.expect("room"), len));
        flags.push_back(if last { 0 } else { NS_MOREFRAG });
    }
}

/// The client reads `count` slots, each as the device filled it.
fn read(port: &mut Port, count: u32, flags: &mut VecDeque<u16>) {
    let (head, slots) = (port.ring().head(), port.ring().slots.len() as u32);
    for by in 0..count.min(port.ring().space()) {
        let slot = &port.ring().slots[((head + by) % slots) as usize];
        assert_eq!(Some(slot.len_flags().1), flags.pop_front());
    }
    port.read(count);
}

proptest! {
    #[test]
    fn frames_over_several_slots_are_received_whole_and_in_order(
        slots in 2..100u32,
        first in crc(),
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut port = Port::with(slots, first);
        let mut flags = VecDeque::new();
        for step in steps {
            match step {
                Step::Receive(parts) => receive(&mut port, parts, &mut flags),
                Step::Sync => {
                    port.sync().unwrap();
                    let ring = port.ring();
                    let newest = (ring.tail() + slots - 1) % slots;
                    let half = ring.slots[newest as usize].len_flags().1 & NS_MOREFRAG != 0;
                    prop_assert!(ring.space() == 0 || !half, "a partial frame is returned");
                }
                Step::Read(count) => read(&mut port, count, &mut flags),
                Step::Reset(crc) => {
                    let client = (port.ring().head(), port.ring().cur(), port.ring().tail());
                    port.reset_to(crc).unwrap();
                    let now = (port.ring().head(), port.ring().cur(), port.ring().tail());
                    prop_assert_eq!(now, client);
                }
            }
        }
        port.sync().unwrap();
        read(&mut port, slots, &mut flags);
        port.sync().unwrap();
        prop_assert!(port.expected.is_empty());
        prop_assert_eq!(port.queue.counters().errors, 0);
        prop_assert_eq!(port.receive(slots), slots - 1);
    }
}

type Work = Box<dyn FnOnce()>;

thread_local! {
    /// The client's action while the queue encodes the first descriptor.
    static MEANWHILE: RefCell<Option<Work>> = const { RefCell::new(None) };
}

/// A format that runs the client's action while its frame is handed over.
struct Racing;

impl TxFormat for Racing {
    const MIN_LEN: u16 = 17;
    const MAX_LEN: u16 = 2048;
    const FRAME_MAX: u32 = 9000;
    const SLOTS_MAX: u32 = 5;
    const CONTROL: usize = 1;
    const REPORT: u64 = crate::device::REPORT;
    const DONE_MASK: u64 = DONE;
    const DONE: u64 = DONE;
    const OWNER: u64 = 0;
    const END_OF_RING: u64 = 0;
    const FIRST: u64 = 0;
    const LAST: u64 = 0;
    const PER_BYTE: [u64; 2] = [0, 1];

    fn part(buffer: DmaAddr, len: u32, _frame: u32) -> [u64; 2] {
        if let Some(work) = MEANWHILE.take() {
            work();
        }
        [buffer.0, u64::from(len)]
    }
}

/// A sync of one frame of three slots, whose second and third slot the client changes after the queue has measured it.
fn changed(before: [u16; 3], change: impl FnOnce(&Ring) + 'static) -> Result<Progress, SyncError> {
    let bus = TestBus::default();
    let memory = bus.dma_alloc(8 * 16 + 64, 16, 64).unwrap();
    let mut queue = TxQueue::<Racing, _>::new(bus.clone(), SETUP, memory.clone(), 8).unwrap();
    let (ring, pool) = (Arc::new(Ring::new(8)), pool(8));
    let mut kring = Kring::new(Shared(ring.clone()), queue.idle());
    for (at, len) in before.into_iter().enumerate() {
        let more = if at < 2 { NS_MOREFRAG } else { 0 };
        ring.slots[at].set_len_flags(len, more);
    }
    ring.set(3, 3);
    let client = ring.clone();
    MEANWHILE.set(Some(Box::new(move || change(&client))));
    let result = kring.sync(&pool, |client, at| queue.sync(client, at));
    let handed = match result {
        Ok(_) => 3,
        Err(_) => 0,
    };
    assert_eq!((bus.register(TAIL), ring.head()), (handed, handed));
    // Whatever the device reads is within a buffer.
    for descriptor in 0..handed as usize {
        let [address, control] = [0, 1].map(|word| memory.0[descriptor * 2 + word].load(Relaxed));
        let (start, len) = ((address - BASE) % BUFFER, control & 0xffff);
        assert!(start == 0 && (1..=BUFFER).contains(&len), "{len} bytes");
    }
    result
}

#[test]
fn a_part_past_its_buffer_is_refused_even_if_the_frame_keeps_its_length() {
    let lengths = |second: u16, third: u16| {
        move |ring: &Ring| {
            ring.slots[1].set_len_flags(second, NS_MOREFRAG);
            ring.slots[2].set_len_flags(third, 0);
        }
    };
    let refused = |slot, len| {
        Err(SyncError::LengthOutOfRange {
            slot,
            len,
            min: 1,
            max: 2048,
        })
    };
    let before = [60, 1500, 549];
    assert_eq!(changed(before, lengths(2049, 0)), refused(1, 2049));
    assert_eq!(changed(before, lengths(0, 2049)), refused(1, 0));
    assert_eq!(changed([60, 2040, 9], lengths(0, 2049)), refused(1, 0));
    assert_eq!(changed([60, 2000, 50], lengths(1, 2049)), refused(2, 2049));
    assert_eq!(
        changed(before, lengths(1500, 550)),
        Err(SyncError::FrameChanged { slot: 0 })
    );
    // The same length, in parts that fit.
    assert!(changed(before, lengths(2048, 1)).is_ok());
}

#[test]
fn a_buffer_that_leaves_the_pool_while_its_frame_is_handed_over_is_refused() {
    for slot in [1, 2] {
        let result = changed([60; 3], move |ring| ring.slots[slot].set_buffer(BufIdx(1)));
        let slot = slot as u32;
        assert_eq!(result, Err(SyncError::BufferOutOfRange { slot, buffer: 1 }));
    }
}

#[test]
fn an_indirect_slot_is_refused_wherever_it_is_in_a_frame() {
    for at in 0..3 {
        let bus = TestBus::default();
        let memory = bus.dma_alloc(8 * 16 + 64, 16, 64).unwrap();
        let mut queue = TxQueue::<Racing, _>::new(bus.clone(), SETUP, memory, 8).unwrap();
        let pool = pool(8);
        let mut kring = Kring::new(Ring::new(8), queue.idle());
        let mut flags = [NS_MOREFRAG, NS_MOREFRAG, 0];
        flags[at] |= NS_INDIRECT;
        for (slot, flags) in kring.ring().slots.iter().zip(flags) {
            slot.set_len_flags(60, flags);
        }
        kring.ring().set(3, 3);
        let result = kring.sync(&pool, |client, at| queue.sync(client, at));
        let (slot, flags) = (at as u32, flags[at]);
        assert_eq!(result, Err(SyncError::FlagNotSupported { slot, flags }));
        assert_eq!(bus.register(TAIL), 0);
    }
}

#[test]
fn a_frame_that_changes_while_it_is_handed_over_is_refused() {
    let bus = TestBus::default();
    let memory = bus.dma_alloc(8 * 16 + 64, 16, 64).unwrap();
    let mut queue = TxQueue::<Racing, _>::new(bus, SETUP, memory, 8).unwrap();
    let (ring, pool) = (Arc::new(Ring::new(8)), pool(8));
    let mut kring = Kring::new(Shared(ring.clone()), queue.idle());
    ring.slots[0].set_len_flags(60, NS_MOREFRAG);
    ring.slots[1].set_len_flags(60, 0);
    ring.set(2, 2);
    let client = ring.clone();
    MEANWHILE.set(Some(Box::new(move || client.slots[1].set_len_flags(61, 0))));
    let error = SyncError::FrameChanged { slot: 0 };
    let result = kring.sync(&pool, |client, at| queue.sync(client, at));
    assert_eq!(result, Err(error));
    let text = "slot 0: the frame changed while it was handed over";
    assert_eq!(error.to_string(), text);
    assert_eq!((ring.head(), queue.counters().handed), (0, 0));
    // The changed frame can be sent.
    ring.set(2, 2);
    let handed = Progress::Synced {
        handed: 2,
        returned: 0,
    };
    let result = kring.sync(&pool, |client, at| queue.sync(client, at));
    assert_eq!(result, Ok(handed));
}
