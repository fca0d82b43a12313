//! Slots that a client changes while a sync reads them.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use crate::device::{BUFFER, Ring, SETUP, Shared, TAIL, TestBus, TestDma, pool};
use crate::schemes::{Owned, Reporting};
use netmap_core::abi::{NS_MOREFRAG, NS_REPORT};
use netmap_core::{
    BufIdx, Bus, Completion, DmaAddr, Kring, LinearPool, Pool, TxFormat, TxQueue, TxSetup,
};

const SLOTS: u32 = 8;

type Work = Box<dyn FnOnce()>;

thread_local! {
    /// The client's action while the queue looks up this buffer.
    static MEANWHILE: RefCell<Option<(BufIdx, Work)>> = const { RefCell::new(None) };
}

/// A pool that runs the client's action.
#[derive(Clone, Copy)]
struct Watched(LinearPool);

impl Pool for Watched {
    fn dma(&self, buffer: BufIdx) -> Option<DmaAddr> {
        let due = MEANWHILE.with_borrow_mut(|work| work.take_if(|(at, _)| *at == buffer));
        if let Some((_, work)) = due {
            work();
        }
        self.0.dma(buffer)
    }

    fn buffer_size(&self) -> u32 {
        self.0.buffer_size()
    }
}

/// Lengths of the descriptors that the device owns, or, without owner bits, that the doorbell announces.
fn handed_over<F: TxFormat>(bus: &TestBus, memory: &TestDma) -> Vec<u64> {
    let controls = (0..SLOTS as usize).map(|at| memory.0[at * 2 + F::CONTROL].load(Relaxed));
    let tail = bus.register(TAIL) as usize;
    let handed: Vec<u64> = match F::OWNER {
        0 => controls.take(tail).collect(),
        owner => controls.filter(|control| control & owner != 0).collect(),
    };
    handed.iter().map(|control| control & 0xffff).collect()
}

/// One sync of `frames` with so many slots each; slot `changed` is overwritten while slot `at` is looked up.
fn change<F: TxFormat>(
    completion: Completion,
    frames: &[u32],
    flag: u16,
    (at, changed): (u32, u32),
    len: u16,
) {
    let what = format!("{frames:?}, flag {flag}: at {at}, slot {changed} becomes {len}");
    let bus = TestBus::default();
    let memory = bus.dma_alloc(SLOTS as usize * 16 + 64, 16, 64).unwrap();
    let setup = TxSetup {
        completion,
        ..SETUP
    };
    let mut queue = TxQueue::<F, _>::new(bus.clone(), setup, memory.clone(), SLOTS).unwrap();
    let (ring, pool) = (Arc::new(Ring::new(SLOTS)), Watched(pool(SLOTS)));
    let mut kring = Kring::new(Shared(Arc::clone(&ring)), queue.idle());
    let ends = frames
        .iter()
        .flat_map(|&slots| (1..=slots).map(move |slot| slot == slots));
    for (slot, ends) in ring.slots.iter().zip(ends) {
        slot.set_len_flags(60, if ends { flag } else { NS_MOREFRAG });
    }
    let total: u32 = frames.iter().sum();
    ring.set(total, total);

    let client = Arc::clone(&ring);
    let work = move || {
        let slot = &client.slots[changed as usize];
        slot.set_len_flags(len, slot.len_flags().1);
    };
    let buffer = ring.slots[at as usize].buffer();
    MEANWHILE.set(Some((buffer, Box::new(work))));
    let synced = kring.sync(&pool, |client, at| queue.sync(client, at));
    MEANWHILE.set(None);

    let handed = handed_over::<F>(&bus, &memory);
    let fits = |len: &u64| (1..=BUFFER).contains(len);
    assert!(handed.iter().all(fits), "{what}: {handed:?} bytes");
    let expected = if synced.is_ok() { total } else { 0 };
    assert_eq!(handed.len() as u32, expected, "{what}: {synced:?}");
    if synced.is_ok() {
        let mut slots = ring.slots.iter().take(total as usize);
        assert!(slots.all(|slot| slot.len_flags().1 == 0), "{what}: flags");
    } else {
        // Nothing is left that goes with the next batch.
        ring.slots[0].set_len_flags(60, 0);
        ring.set(1, 1);
        let synced = kring.sync(&pool, |client, at| queue.sync(client, at));
        assert!(synced.is_ok(), "{what}: {synced:?}");
        assert_eq!(handed_over::<F>(&bus, &memory), [60], "{what}");
    }
}

fn change_everything<F: TxFormat>(completion: Completion) {
    for frames in [&[1, 1, 1][..], &[3], &[1, 3], &[2, 2], &[1, 2, 1], &[5, 1]] {
        let total: u32 = frames.iter().sum();
        let places = (0..total).flat_map(|at| (0..total).map(move |changed| (at, changed)));
        for place in places {
            for len in [0, 1, 61, 2048, 2049, 4000, u16::MAX] {
                for flag in [0, NS_REPORT] {
                    change::<F>(completion, frames, flag, place, len);
                }
            }
        }
    }
}

#[test]
fn a_slot_that_changes_during_a_sync_is_handed_over_within_its_buffer_or_its_batch_is_refused() {
    change_everything::<Reporting>(Completion::DoneBit);
    change_everything::<Owned>(Completion::OwnerBit);
}
