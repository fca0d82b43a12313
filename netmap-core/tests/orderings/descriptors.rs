//! Descriptors between a queue and a device, which is another thread.
//!
//! The bus has the barriers of a real one: [`Bus::publish`] before a doorbell, and [`Bus::observe`] after done bits. All
//! other accesses are relaxed, so whatever the queue leaves to a barrier fails here without it.

use std::time::Duration;

use loom::sync::Arc;
use loom::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use loom::sync::atomic::{AtomicU32, AtomicU64, fence};
use loom::thread;

use crate::register::RegOffset;
use crate::{
    BufIdx, Bus, ClientRing, Completion, Crc, Dma, DmaAddr, DmaError, Doorbell, LinearPool, NmIdx,
    Policy, Positions, RxFormat, RxQueue, SlotCell, TxFormat, TxQueue, TxSetup,
};

const BASE: u64 = 0x10_0000;
const BUFFER: u64 = 2048;
const DONE: u64 = 1 << 32;
const OWN: u64 = 1 << 33;

/// Memory that driver, client and device share.
struct Shared {
    /// The register behind the doorbell.
    tail: AtomicU32,
    descriptors: Vec<AtomicU64>,
    /// The first word of each slot's buffer.
    contents: Vec<AtomicU64>,
}

#[derive(Clone)]
struct LoomBus(Arc<Shared>);

impl Dma for LoomBus {
    fn words(&self) -> &[AtomicU64] {
        &self.0.descriptors
    }

    fn address(&self) -> DmaAddr {
        DmaAddr(0x4000)
    }
}

impl Bus for LoomBus {
    type Dma = LoomBus;

    fn read8(&self, _: RegOffset) -> u8 {
        u8::MAX
    }
    fn read16(&self, _: RegOffset) -> u16 {
        u16::MAX
    }
    fn read32(&self, _: RegOffset) -> u32 {
        u32::MAX
    }
    fn read64(&self, _: RegOffset) -> u64 {
        u64::MAX
    }
    fn write8(&self, _: RegOffset, _: u8) {}
    fn write16(&self, _: RegOffset, _: u16) {}
    fn write32(&self, _: RegOffset, value: u32) {
        self.0.tail.store(value, Relaxed);
    }
    fn write64(&self, _: RegOffset, _: u64) {}
    fn publish(&self) {
        fence(Release);
    }
    fn observe(&self) {
        fence(Acquire);
    }
    fn delay(&self, _: Duration) {}
    fn sleep(&self, _: Duration) {}
    fn dma_alloc(&self, bytes: usize, align: usize, _: u32) -> Result<LoomBus, DmaError> {
        Err(DmaError { bytes, align })
    }
}

/// Length and marks in the second word, the address in the first; handed over by the doorbell, or with `OWNED` by an
/// owner bit.
struct Format<const OWNED: bool>;

impl<const OWNED: bool> TxFormat for Format<OWNED> {
    const MIN_LEN: u16 = 17;
    const MAX_LEN: u16 = 2048;
    const FRAME_MAX: u32 = 2048;
    const SLOTS_MAX: u32 = 1;
    const CONTROL: usize = 1;
    const REPORT: u64 = 0;
    const DONE_MASK: u64 = if OWNED { OWN } else { DONE };
    const DONE: u64 = if OWNED { 0 } else { DONE };
    const OWNER: u64 = if OWNED { OWN } else { 0 };
    const END_OF_RING: u64 = 0;
    const FIRST: u64 = 0;
    const LAST: u64 = 0;
    const PER_BYTE: [u64; 2] = [0, 1];

    fn part(buffer: DmaAddr, len: u32, _: u32) -> [u64; 2] {
        [buffer.0, u64::from(len) | if OWNED { OWN } else { 0 }]
    }
}

impl<const OWNED: bool> RxFormat for Format<OWNED> {
    const STATUS_WORD: usize = 1;
    const DONE_MASK: u64 = if OWNED { OWN } else { DONE };
    const DONE: u64 = if OWNED { 0 } else { DONE };
    const OWNER: u64 = if OWNED { OWN } else { 0 };
    const END_OF_RING: u64 = 0;
    const FIRST: u64 = 0;
    const LAST: u64 = 0;
    const GOOD_MASK: u64 = 0;
    const GOOD: u64 = 0;
    const PART: u32 = 0;

    fn arm(buffer: DmaAddr) -> [u64; 2] {
        [buffer.0, if OWNED { OWN } else { 0 }]
    }

    fn len(status: u64) -> u16 {
        (status & 0xffff) as u16
    }
}

/// A device with a ring of `slots` slots, and the client's slots.
fn ring(slots: u32) -> (LoomBus, Vec<SlotCell>) {
    let word = |_| AtomicU64::new(0);
    let shared = Shared {
        tail: AtomicU32::new(u32::MAX),
        descriptors: (0..slots * 2 + 8).map(word).collect(),
        contents: (0..slots).map(word).collect(),
    };
    let slots = (0..slots).map(|slot| {
        let cell = SlotCell::default();
        cell.set_buffer(BufIdx(slot + 2));
        cell
    });
    (LoomBus(Arc::new(shared)), slots.collect())
}

fn pool() -> LinearPool {
    LinearPool::new(DmaAddr(BASE), 8).expect("a pool within the address space")
}

fn positions(hwcur: u32, hwtail: u32, head: u32) -> Positions {
    Positions {
        hwcur: NmIdx(hwcur),
        hwtail: NmIdx(hwtail),
        head: NmIdx(head),
    }
}

impl Shared {
    fn word(&self, descriptor: usize, word: usize) -> u64 {
        self.descriptors[descriptor * 2 + word].load(Relaxed)
    }

    /// The device sends the frame of a descriptor that it owns: address, length and contents are the client's.
    fn send(&self, descriptor: usize) {
        let address = BASE + (descriptor as u64 + 2) * BUFFER;
        assert_eq!(self.word(descriptor, 0), address, "the address");
        assert_eq!(self.word(descriptor, 1) & 0xffff, 60, "the length");
        let contents = self.contents[descriptor].load(Relaxed);
        assert_eq!(contents, descriptor as u64 + 7, "the frame");
    }
}

const DOORBELL: Doorbell = Doorbell::index(RegOffset(0));

/// The client fills two buffers and syncs; meanwhile the device looks once.
fn transmit<const OWNED: bool>(device: fn(&Shared)) {
    loom::model(move || {
        let (bus, slots) = ring(3);
        let setup = TxSetup {
            doorbell: match OWNED {
                true => Doorbell::Unneeded,
                false => DOORBELL,
            },
            completion: match OWNED {
                true => Completion::OwnerBit,
                false => Completion::DoneBit,
            },
            head: None,
            frames: crate::FrameLimits {
                sent: 2048,
                ..crate::FrameLimits::NONE
            },
        };
        let queue = TxQueue::<Format<OWNED>, _>::new(bus.clone(), setup, bus.clone(), 3);
        let mut queue = queue.expect("room for three slots");
        let client = ClientRing {
            slots: &slots,
            pool: &pool(),
        };
        let at = queue.restart(&client, queue.idle(), Policy::Resend).at;
        let shared = Arc::clone(&bus.0);
        let thread = thread::spawn(move || device(&shared));
        for (slot, cell) in slots.iter().enumerate().take(2) {
            bus.0.contents[slot].store(slot as u64 + 7, Relaxed);
            cell.set_len_flags(60, 0);
        }
        let head = NmIdx(2);
        let outcome = queue.sync(&client, Positions { head, ..at });
        assert_eq!((outcome.at.hwcur, outcome.fault), (head, None));
        thread.join().expect("the device");
    });
}

#[test]
fn a_device_that_sees_the_doorbell_sees_descriptors_and_frames() {
    transmit::<false>(|shared| {
        if shared.tail.load(Relaxed) == 2 {
            fence(Acquire);
            (0..2).for_each(|descriptor| shared.send(descriptor));
        }
    });
}

#[test]
fn a_device_that_sees_the_first_owner_bit_sees_the_whole_batch() {
    transmit::<true>(|shared| {
        if shared.word(0, 1) & OWN != 0 {
            fence(Acquire);
            assert_ne!(shared.word(1, 1) & OWN, 0, "the second descriptor");
            (0..2).for_each(|descriptor| shared.send(descriptor));
        }
    });
}

/// The device receives a frame; meanwhile the client syncs once and reads what it gets.
fn receive<const OWNED: bool>() {
    loom::model(|| {
        let (bus, slots) = ring(3);
        let queue = RxQueue::<Format<OWNED>, _>::new(bus.clone(), DOORBELL, bus.clone(), 3);
        let mut queue = queue.expect("room for three slots");
        queue.prepare(Crc::Stripped);
        let client = ClientRing {
            slots: &slots,
            pool: &pool(),
        };
        let at = queue.restart(&client, queue.idle()).at;
        let shared = Arc::clone(&bus.0);
        let thread = thread::spawn(move || {
            shared.contents[0].store(7, Relaxed);
            fence(Release);
            let done = if OWNED { 60 } else { DONE | 60 };
            shared.descriptors[1].store(done, Relaxed);
        });
        let outcome = queue.sync(&client, at);
        if outcome.at.hwtail == NmIdx(1) {
            assert_eq!(slots[0].len_flags(), (60, 0));
            assert_eq!(bus.0.contents[0].load(Relaxed), 7, "the frame");
        }
        thread.join().expect("the device");
    });
}

#[test]
fn a_client_that_gets_a_frame_by_a_done_bit_sees_its_contents() {
    receive::<false>();
}

#[test]
fn a_client_that_gets_a_frame_by_an_owner_bit_sees_its_contents() {
    receive::<true>();
}

/// A slot that the client releases is refilled, and the device sees it once it owns the descriptor.
fn refill<const OWNED: bool>(owns: fn(&Shared) -> bool) {
    loom::model(move || {
        let (bus, slots) = ring(3);
        let queue = RxQueue::<Format<OWNED>, _>::new(bus.clone(), DOORBELL, bus.clone(), 3);
        let mut queue = queue.expect("room for three slots");
        queue.prepare(Crc::Stripped);
        let client = ClientRing {
            slots: &slots,
            pool: &pool(),
        };
        let at = queue.restart(&client, queue.idle()).at;
        bus.0.descriptors[1].store(if OWNED { 60 } else { DONE | 60 }, Relaxed);
        let at = queue.sync(&client, at).at;
        assert_eq!(at.hwtail, NmIdx(1));
        let shared = Arc::clone(&bus.0);
        let thread = thread::spawn(move || {
            if owns(&shared) {
                fence(Acquire);
                assert_eq!(shared.word(2, 0), BASE + 6 * BUFFER, "the address");
                assert_eq!(shared.word(2, 1) & DONE, 0, "a stale status");
            }
        });
        slots[2].set_buffer(BufIdx(6));
        let outcome = queue.sync(&client, positions(0, 1, 1));
        assert_eq!(outcome.at, positions(1, 1, 1));
        thread.join().expect("the device");
    });
}

#[test]
fn a_device_that_sees_the_doorbell_sees_refilled_slots() {
    refill::<false>(|shared| shared.tail.load(Relaxed) == 0);
}

#[test]
fn a_device_that_sees_the_owner_bit_sees_refilled_slots() {
    refill::<true>(|shared| shared.word(2, 1) & OWN != 0);
}
