//! A client and a device that change everything they can write, at every access of a sync: no descriptor ever names
//! memory outside a client's buffers.
#![no_main]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use netmap_core::abi::RingHeader;
use netmap_core::register::RegOffset;
use netmap_core::{
    BufIdx, Bus, Completion, Crc, Dma, DmaAddr, DmaError, Doorbell, FrameLimits, Kring, Policy, Pool,
    RingMemory, RxFormat, RxQueue, SlotCell, TxFormat, TxQueue, TxSetup,
};

const BASE: u64 = 0x10_0000;
const BUFFER: u32 = 2048;
/// Slots of a ring.
const SLOTS: u32 = 8;
/// Buffers of the pool, with the two reserved ones.
const BUFFERS: u32 = SLOTS + 4;
const FRAME_MAX: u32 = 4000;

const REPORT: u64 = 1 << 27;
const DONE: u64 = 1 << 32;
const FIRST: u64 = 1 << 40;
const LAST: u64 = 1 << 41;
const OWN: u64 = 1 << 42;
const END: u64 = 1 << 43;

/// Everything that the client and the device can write, and the script by which they do.
struct Shared {
    script: Box<[u8]>,
    at: AtomicUsize,
    header: RingHeader,
    slots: Vec<SlotCell>,
    words: Vec<AtomicU64>,
    head: AtomicU32,
}

impl Shared {
    fn byte(&self) -> Option<u8> {
        self.script.get(self.at.fetch_add(1, Relaxed)).copied()
    }

    fn number(&self) -> u64 {
        let bytes = [(); 8].map(|()| self.byte().unwrap_or(0));
        u64::from_le_bytes(bytes)
    }

    /// One change by the client or the device, or none.
    fn scribble(&self) {
        let Some(what) = self.byte() else { return };
        let which = usize::from(what >> 4);
        let (slot, word) = (&self.slots[which % self.slots.len()], which % self.words.len());
        let positions = [&self.header.head, &self.header.cur, &self.header.tail];
        match what & 15 {
            0 => slot.set_buffer(BufIdx(self.number() as u32)),
            1 => slot.set_buffer(BufIdx(u32::from(self.byte().unwrap_or(0)) % (BUFFERS + 2))),
            2 => slot.set_len_flags(self.number() as u16, self.number() as u16),
            3 => slot.set_len_flags(60 + which as u16, 0),
            4 => slot.set_len_flags(BUFFER as u16, netmap_core::abi::NS_MOREFRAG),
            5 => positions[which % 3].store(self.number() as u32, Relaxed),
            6 => positions[which % 3].store(which as u32 % (SLOTS + 1), Relaxed),
            7 => self.words[word].store(self.number(), Relaxed),
            8 => drop(self.words[word].fetch_xor(DONE | FIRST | LAST, Relaxed)),
            9 => drop(self.words[word].fetch_and(!OWN, Relaxed)),
            10 => self.head.store(self.number() as u32, Relaxed),
            11 => self.head.store(which as u32 % (SLOTS + 1), Relaxed),
            _ => {}
        }
    }
}

#[derive(Clone)]
struct Scribbled(Arc<Shared>);

impl RingMemory for Scribbled {
    fn header(&self) -> &RingHeader {
        self.0.scribble();
        &self.0.header
    }
    fn slots(&self) -> &[SlotCell] {
        self.0.scribble();
        &self.0.slots
    }
}

impl Dma for Scribbled {
    fn words(&self) -> &[AtomicU64] {
        self.0.scribble();
        &self.0.words
    }
    fn address(&self) -> DmaAddr {
        DmaAddr(0)
    }
}

impl Bus for Scribbled {
    type Dma = Scribbled;

    fn read8(&self, _: RegOffset) -> u8 {
        self.0.byte().unwrap_or(u8::MAX)
    }
    fn read16(&self, _: RegOffset) -> u16 {
        self.0.number() as u16
    }
    fn read32(&self, _: RegOffset) -> u32 {
        self.0.scribble();
        self.0.head.load(Relaxed)
    }
    fn read64(&self, _: RegOffset) -> u64 {
        self.0.number()
    }
    fn write8(&self, _: RegOffset, _: u8) {
        self.0.scribble();
    }
    fn write16(&self, _: RegOffset, _: u16) {}
    fn write32(&self, _: RegOffset, value: u32) {
        assert!(value < SLOTS, "a tail outside the ring");
        self.0.scribble();
    }
    fn write64(&self, _: RegOffset, _: u64) {}
    fn publish(&self) {
        self.0.scribble();
    }
    fn observe(&self) {
        self.0.scribble();
    }
    fn delay(&self, _: Duration) {}
    fn sleep(&self, _: Duration) {}
    fn dma_alloc(&self, _: usize, _: usize, _: u32) -> Result<Scribbled, DmaError> {
        Ok(self.clone())
    }
}

/// The pool is asked between two looks at a slot, so the client changes slots there.
#[derive(Clone, Copy)]
struct ScribblingPool<'a>(&'a Shared);

impl Pool for ScribblingPool<'_> {
    fn dma(&self, buffer: BufIdx) -> Option<DmaAddr> {
        self.0.scribble();
        let valid = (2..BUFFERS).contains(&buffer.0);
        valid.then(|| DmaAddr(BASE + u64::from(buffer.0) * u64::from(BUFFER)))
    }
    fn buffer_size(&self) -> u32 {
        BUFFER
    }
}

/// What a driver may tell the device: a buffer of a client, and bytes in it.
fn assert_inside(buffer: DmaAddr, len: u32) {
    let offset = buffer.0.checked_sub(BASE).expect("below the pool");
    let index = offset / u64::from(BUFFER);
    assert!(offset.is_multiple_of(BUFFER.into()) && (2..u64::from(BUFFERS)).contains(&index));
    assert!(len <= BUFFER, "{len} bytes in a buffer");
}

/// Done bits and head registers; or, if `OWNED`, owner bits.
struct Format<const OWNED: bool>;

impl<const OWNED: bool> TxFormat for Format<OWNED> {
    const MIN_LEN: u16 = 17;
    const MAX_LEN: u16 = 2048;
    const FRAME_MAX: u32 = FRAME_MAX;
    const SLOTS_MAX: u32 = 5;
    const CONTROL: usize = 1;
    const REPORT: u64 = if OWNED { 0 } else { REPORT };
    const DONE_MASK: u64 = if OWNED { OWN } else { DONE };
    const DONE: u64 = if OWNED { 0 } else { DONE };
    const OWNER: u64 = if OWNED { OWN } else { 0 };
    const END_OF_RING: u64 = if OWNED { END } else { 0 };
    const FIRST: u64 = FIRST;
    const LAST: u64 = LAST;
    const PER_BYTE: [u64; 2] = [0, 1];

    fn part(buffer: DmaAddr, len: u32, frame: u32) -> [u64; 2] {
        assert_inside(buffer, len);
        assert!(frame <= FRAME_MAX, "a frame of {frame} bytes");
        [buffer.0, u64::from(len) | <Self as TxFormat>::OWNER]
    }
}

impl<const OWNED: bool> RxFormat for Format<OWNED> {
    const STATUS_WORD: usize = 1;
    const DONE_MASK: u64 = if OWNED { OWN } else { DONE };
    const DONE: u64 = if OWNED { 0 } else { DONE };
    const OWNER: u64 = if OWNED { OWN } else { 0 };
    const END_OF_RING: u64 = if OWNED { END } else { 0 };
    const FIRST: u64 = FIRST;
    const LAST: u64 = LAST;
    const GOOD_MASK: u64 = LAST;
    const GOOD: u64 = LAST;
    const PART: u32 = 0;

    fn arm(buffer: DmaAddr) -> [u64; 2] {
        assert_inside(buffer, 0);
        [buffer.0, <Self as RxFormat>::OWNER]
    }
    fn len(status: u64) -> u16 {
        status as u16
    }
}

/// A port and its script.
fn shared(script: &[u8]) -> Scribbled {
    let slots = (0..SLOTS).map(|index| {
        let slot = SlotCell::default();
        slot.set_buffer(BufIdx(index + 2));
        slot
    });
    let words = SLOTS as usize * 2 + 8;
    Scribbled(Arc::new(Shared {
        script: script.into(),
        at: AtomicUsize::new(0),
        header: RingHeader::new(SLOTS, BUFFER, 0, 0, 0),
        slots: slots.collect(),
        words: (0..words).map(|_| AtomicU64::new(0)).collect(),
        head: AtomicU32::new(0),
    }))
}

fn transmit<const OWNED: bool>(completion: Completion, script: &[u8]) {
    let shared = shared(script);
    let setup = TxSetup {
        doorbell: Doorbell::index(RegOffset(0x18)),
        completion,
        head: Some(RegOffset(0x10)),
        frames: FrameLimits::NONE,
    };
    let queue = TxQueue::<Format<OWNED>, _>::new(shared.clone(), setup, shared.clone(), SLOTS);
    let mut queue = queue.expect("a queue of a valid size");
    let mut kring = Kring::new(shared.clone(), queue.idle());
    let pool = ScribblingPool(&shared.0);
    let outcome = queue.restart(&kring.client(&pool), queue.idle(), Policy::Resend);
    kring.restarted(outcome.at);
    while let Some(step) = shared.0.byte() {
        match step {
            0 => kring.restarted(queue.settle(kring.positions())),
            1 | 2 => {
                let policy = [Policy::Resend, Policy::Drop][usize::from(step - 1)];
                queue.prepare();
                let outcome = queue.restart(&kring.client(&pool), kring.positions(), policy);
                kring.restarted(outcome.at);
            }
            3 => queue.announce(kring.positions()),
            _ => drop(kring.sync(&pool, |client, at| queue.sync(client, at))),
        }
        let at = kring.positions();
        assert!(at.hwcur.0 < SLOTS && at.hwtail.0 < SLOTS, "{at:?}");
    }
}

fn receive<const OWNED: bool>(script: &[u8]) {
    let shared = shared(script);
    let doorbell = Doorbell::index(RegOffset(0x18));
    let queue =
        RxQueue::<Format<OWNED>, _>::new(shared.clone(), doorbell, shared.clone(), SLOTS);
    let mut queue = queue.expect("a queue of a valid size");
    let mut kring = Kring::new(shared.clone(), queue.idle());
    let pool = ScribblingPool(&shared.0);
    let outcome = queue.restart(&kring.client(&pool), queue.idle());
    kring.restarted(outcome.at);
    while let Some(step) = shared.0.byte() {
        match step {
            0 => {
                let settled = queue.settle(&kring.client(&pool), kring.positions());
                kring.restarted(settled);
            }
            1 | 2 => {
                queue.prepare([Crc::Stripped, Crc::Kept][usize::from(step - 1)]);
                let outcome = queue.restart(&kring.client(&pool), kring.positions());
                kring.restarted(outcome.at);
            }
            3 => queue.announce(),
            _ => drop(kring.sync(&pool, |client, at| queue.sync(client, at))),
        }
        let at = kring.positions();
        assert!(at.hwcur.0 < SLOTS && at.hwtail.0 < SLOTS, "{at:?}");
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((&kind, script)) = input.split_first() else {
        return;
    };
    match kind % 6 {
        0 => transmit::<false>(Completion::DoneBit, script),
        1 => transmit::<false>(Completion::HeadRegister, script),
        2 => transmit::<false>(Completion::HeadWriteback, script),
        3 => transmit::<true>(Completion::OwnerBit, script),
        4 => receive::<false>(script),
        _ => receive::<true>(script),
    }
});
