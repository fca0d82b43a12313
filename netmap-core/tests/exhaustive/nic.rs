//! A bus with one queue's registers, rings in memory, and two kinds of descriptors.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::time::Duration;

use netmap_core::abi::RingHeader;
use netmap_core::register::RegOffset;
use netmap_core::{
    BufIdx, Bus, Completion, Dma, DmaAddr, DmaError, Doorbell, DoorbellWidth, LinearPool,
    RingMemory, RxFormat, SlotCell, TxFormat,
};

/// Most slots of a ring.
pub const MOST: usize = 5;
/// Address of buffer 0.
pub const BASE: u64 = 0x10_0000;
/// Bytes of a buffer.
pub const BUFFER: u64 = 2048;

const TAIL: RegOffset = RegOffset(0);
pub const HEAD: RegOffset = RegOffset(4);
const KICK: RegOffset = RegOffset(8);
pub const INDEX: Doorbell = Doorbell::index(TAIL);

/// An 8-bit doorbell.
pub const fn kick(again: bool) -> Doorbell {
    Doorbell::Kick {
        at: KICK,
        width: DoorbellWidth::Bits8,
        value: 0x40,
        again,
    }
}

/// The address of the buffer that a slot has.
pub fn buffer_of(slot: usize) -> u64 {
    BASE + (slot as u64 + 2) * BUFFER
}

pub fn pool(slots: usize) -> LinearPool {
    LinearPool::new(DmaAddr(BASE), slots as u32 + 2).unwrap()
}

/// Registers of the queue under test.
#[derive(Clone, Default)]
pub struct TestBus(Arc<Registers>);

#[derive(Default)]
struct Registers {
    tail: AtomicU32,
    head: AtomicU32,
    /// Writes to a doorbell.
    rung: AtomicU32,
}

impl TestBus {
    pub fn tail(&self) -> u32 {
        self.0.tail.load(Relaxed)
    }

    pub fn set_tail(&self, tail: u32) {
        self.0.tail.store(tail, Relaxed);
    }

    pub fn set_head(&self, head: u32) {
        self.0.head.store(head, Relaxed);
    }

    /// Doorbell writes since the last call.
    pub fn rung(&self) -> u32 {
        self.0.rung.swap(0, Relaxed)
    }
}

/// Memory of a ring, shared with the test's device.
#[derive(Clone)]
pub struct TestDma(pub Arc<[AtomicU64]>);

impl TestDma {
    pub fn new(slots: usize) -> TestDma {
        TestDma((0..slots * 2 + 8).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Dma for TestDma {
    fn words(&self) -> &[AtomicU64] {
        &self.0
    }

    fn address(&self) -> DmaAddr {
        DmaAddr(0x4000)
    }
}

impl Bus for TestBus {
    type Dma = TestDma;

    fn read8(&self, _: RegOffset) -> u8 {
        u8::MAX
    }
    fn read16(&self, _: RegOffset) -> u16 {
        u16::MAX
    }
    fn read32(&self, at: RegOffset) -> u32 {
        assert_eq!(at, HEAD, "no register to be read");
        self.0.head.load(Relaxed)
    }
    fn read64(&self, _: RegOffset) -> u64 {
        u64::MAX
    }
    fn write8(&self, at: RegOffset, value: u8) {
        assert_eq!((at, value), (KICK, 0x40));
        self.0.rung.fetch_add(1, Relaxed);
    }
    fn write16(&self, _: RegOffset, _: u16) {}
    fn write32(&self, at: RegOffset, value: u32) {
        assert_eq!(at, TAIL, "no register to be written");
        self.set_tail(value);
        self.0.rung.fetch_add(1, Relaxed);
    }
    fn write64(&self, _: RegOffset, _: u64) {}
    fn publish(&self) {
        glance();
        WATCHED.set(None);
    }
    fn observe(&self) {}
    fn delay(&self, _: Duration) {}
    fn sleep(&self, _: Duration) {}

    fn dma_alloc(&self, _: usize, _: usize, _: u32) -> Result<TestDma, DmaError> {
        unreachable!("queues allocate nothing")
    }
}

/// The descriptor that the device reads next, which it must not own until the queue publishes.
struct Watched {
    memory: TestDma,
    word: usize,
    owner: u64,
}

thread_local! {
    static WATCHED: RefCell<Option<Watched>> = const { RefCell::new(None) };
}

/// From now to the next barrier, the word must not have the owner bit.
pub fn watch(memory: &TestDma, word: usize, owner: u64) {
    let memory = memory.clone();
    WATCHED.set(Some(Watched {
        memory,
        word,
        owner,
    }));
}

/// The device reads the descriptor while the queue works.
fn glance() {
    WATCHED.with_borrow(|watched| {
        if let Some(Watched {
            memory,
            word,
            owner,
        }) = watched
        {
            let seen = memory.0[*word].load(Relaxed);
            assert_eq!(
                seen & owner,
                0,
                "the device owns a descriptor before its whole batch"
            );
        }
    });
}

/// A write of the device while the queue reads descriptors: at which read, and one descriptor.
pub struct Interference {
    pub memory: TestDma,
    pub look: u32,
    pub descriptor: usize,
    pub words: [u64; 2],
}

thread_local! {
    static INTERFERENCE: RefCell<Option<Interference>> = const { RefCell::new(None) };
}

/// Sets a write of the device while the queue works, or none. Returns whether the previous one is still pending.
pub fn set_interference(what: Option<Interference>) -> bool {
    INTERFERENCE.replace(what).is_some()
}

fn interfere() {
    let due = INTERFERENCE.with_borrow_mut(|what| match what {
        Some(Interference { look: 0, .. }) => what.take(),
        Some(Interference { look, .. }) => {
            *look -= 1;
            None
        }
        None => None,
    });
    if let Some(due) = due {
        for (word, value) in due.memory.0[due.descriptor * 2..].iter().zip(due.words) {
            word.store(value, Relaxed);
        }
    }
}

/// Length in the low byte, bytes of the whole frame above, then marks.
pub const LEN: u64 = 0xff;
pub const FRAME_SHIFT: u32 = 8;
/// Received length, with the CRC if that is kept.
pub const RX_LEN: u64 = 0xfff;
pub const REPORT: u64 = 1 << 20;
pub const DONE: u64 = 1 << 21;
pub const FIRST: u64 = 1 << 22;
pub const LAST: u64 = 1 << 23;
pub const BAD: u64 = 1 << 24;
pub const OWN: u64 = 1 << 25;
pub const END: u64 = 1 << 26;

/// Descriptors for tests of any completion scheme.
pub trait Format: TxFormat + RxFormat {
    /// The worst control word that was not handed over: done, reported, good.
    const STALE: u64;
}

/// Descriptors with a done bit, announced by an index.
pub struct Reporting;

impl TxFormat for Reporting {
    const MIN_LEN: u16 = 17;
    const MAX_LEN: u16 = 2048;
    const FRAME_MAX: u32 = 9000;
    const SLOTS_MAX: u32 = 40;
    const CONTROL: usize = 1;
    const REPORT: u64 = REPORT;
    const DONE_MASK: u64 = DONE;
    const DONE: u64 = DONE;
    const OWNER: u64 = 0;
    const END_OF_RING: u64 = 0;
    const FIRST: u64 = FIRST;
    const LAST: u64 = LAST;
    const PER_BYTE: [u64; 2] = [0, 1 | 1 << FRAME_SHIFT];

    fn part(buffer: DmaAddr, len: u32, frame: u32) -> [u64; 2] {
        glance();
        [buffer.0, u64::from(len) | u64::from(frame) << FRAME_SHIFT]
    }
}

impl RxFormat for Reporting {
    const STATUS_WORD: usize = 1;
    const DONE_MASK: u64 = DONE;
    const DONE: u64 = DONE;
    const OWNER: u64 = 0;
    const END_OF_RING: u64 = 0;
    const FIRST: u64 = 0;
    const LAST: u64 = LAST;
    const GOOD_MASK: u64 = LAST | BAD;
    const GOOD: u64 = LAST;
    const PART: u32 = 0;

    fn arm(buffer: DmaAddr) -> [u64; 2] {
        glance();
        [buffer.0, 0]
    }

    fn len(status: u64) -> u16 {
        interfere();
        (status & RX_LEN) as u16
    }
}

impl Format for Reporting {
    const STALE: u64 = DONE | REPORT | FIRST | LAST | 21;
}

/// Descriptors with an owner bit and an end mark.
pub struct Owned;

impl TxFormat for Owned {
    const MIN_LEN: u16 = 17;
    const MAX_LEN: u16 = 2048;
    const FRAME_MAX: u32 = 9000;
    const SLOTS_MAX: u32 = 40;
    const CONTROL: usize = 0;
    const REPORT: u64 = 0;
    const DONE_MASK: u64 = OWN;
    const DONE: u64 = 0;
    const OWNER: u64 = OWN;
    const END_OF_RING: u64 = END;
    const FIRST: u64 = FIRST;
    const LAST: u64 = LAST;
    const PER_BYTE: [u64; 2] = [1 | 1 << FRAME_SHIFT, 0];

    fn part(buffer: DmaAddr, len: u32, frame: u32) -> [u64; 2] {
        glance();
        let control = u64::from(len) | u64::from(frame) << FRAME_SHIFT | OWN;
        [control, buffer.0]
    }
}

impl RxFormat for Owned {
    const STATUS_WORD: usize = 0;
    const DONE_MASK: u64 = OWN;
    const DONE: u64 = 0;
    const OWNER: u64 = OWN;
    const END_OF_RING: u64 = END;
    const FIRST: u64 = FIRST;
    const LAST: u64 = LAST;
    const GOOD_MASK: u64 = FIRST | LAST | BAD;
    const GOOD: u64 = FIRST | LAST;
    const PART: u32 = 100;

    fn arm(buffer: DmaAddr) -> [u64; 2] {
        glance();
        [OWN, buffer.0]
    }

    fn len(status: u64) -> u16 {
        interfere();
        (status & RX_LEN) as u16
    }
}

impl Format for Owned {
    const STALE: u64 = DONE | REPORT | FIRST | LAST | END | 21;
}

/// A kind of device: its doorbell and its completion scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    pub name: &'static str,
    pub doorbell: Doorbell,
    pub completion: Completion,
    /// The device writes its head only for report requests.
    pub sparse: bool,
}

/// A client ring on the heap.
pub struct Ring {
    pub header: RingHeader,
    pub slots: Vec<SlotCell>,
}

impl Ring {
    pub fn new(slots: usize) -> Ring {
        Ring {
            header: RingHeader::new(slots as u32, BUFFER as u32, 0, 0, 0),
            slots: (0..slots)
                .map(|slot| {
                    let cell = SlotCell::default();
                    cell.set_buffer(BufIdx(slot as u32 + 2));
                    cell
                })
                .collect(),
        }
    }
}

impl RingMemory for &Ring {
    fn header(&self) -> &RingHeader {
        &self.header
    }

    fn slots(&self) -> &[SlotCell] {
        &self.slots
    }
}
