//! A NIC reduced to its ring protocol, in memory: descriptors are read and written only between head and tail.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::time::Duration;

use netmap_core::abi::RingHeader;
use netmap_core::register::RegOffset;
use netmap_core::{
    BufIdx, Bus, Completion, Dma, DmaAddr, DmaError, Doorbell, FrameLimits, LinearPool, RingMemory,
    RxFormat, SlotCell, TxFormat, TxSetup,
};

/// The doorbell of the queue.
pub const DOORBELL: Doorbell = Doorbell::index(TAIL);
/// The tail register.
pub const TAIL: RegOffset = RegOffset(0x18);
/// The register with the NIC's position.
pub const HEAD: RegOffset = RegOffset(0x10);
/// The 8-bit doorbell; it reads as the number of writes.
pub const KICKS: RegOffset = RegOffset(0x1c);
/// A queue with done bits.
pub const SETUP: TxSetup = TxSetup {
    doorbell: DOORBELL,
    completion: Completion::DoneBit,
    head: None,
    frames: FrameLimits::NONE,
};
/// Address of buffer 0.
pub const BASE: u64 = 0x10_0000;
/// Bytes of a buffer.
pub const BUFFER: u64 = 2048;

/// A pool with `clients` buffers for clients.
pub fn pool(clients: u32) -> LinearPool {
    LinearPool::new(DmaAddr(BASE), clients + 2).unwrap()
}

/// Eight registers in memory, and descriptor rings on the heap.
#[derive(Clone, Default)]
pub struct TestBus {
    pub registers: Arc<[AtomicU32; 8]>,
}

impl TestBus {
    /// The value of a register.
    pub fn register(&self, at: RegOffset) -> u32 {
        self.registers[at.0 as usize / 4].load(Relaxed)
    }

    /// The device changes a register.
    pub fn set_register(&self, at: RegOffset, value: u32) {
        self.registers[at.0 as usize / 4].store(value, Relaxed);
    }
}

/// A descriptor ring on the heap, shared with the test's device.
#[derive(Clone)]
pub struct TestDma(pub Arc<[AtomicU64]>);

impl Dma for TestDma {
    fn words(&self) -> &[AtomicU64] {
        &self.0
    }

    fn address(&self) -> DmaAddr {
        DmaAddr(self.0.as_ptr() as u64)
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
        self.registers[at.0 as usize / 4].load(Relaxed)
    }
    fn read64(&self, _: RegOffset) -> u64 {
        u64::MAX
    }
    fn write8(&self, at: RegOffset, _: u8) {
        self.registers[at.0 as usize / 4].fetch_add(1, Relaxed);
    }
    fn write16(&self, _: RegOffset, _: u16) {}
    fn write32(&self, at: RegOffset, value: u32) {
        self.registers[at.0 as usize / 4].store(value, Relaxed);
    }
    fn write64(&self, _: RegOffset, _: u64) {}
    fn publish(&self) {}
    fn observe(&self) {}
    fn delay(&self, _: Duration) {}
    fn sleep(&self, _: Duration) {}

    fn dma_alloc(&self, bytes: usize, _: usize, _: u32) -> Result<TestDma, DmaError> {
        Ok(TestDma((0..bytes / 8).map(|_| AtomicU64::new(0)).collect()))
    }
}

/// Descriptors of the reduced NIC: address, then length, report, done, whole, bad.
pub struct Format;

pub const REPORT: u64 = 1 << 27;
pub const DONE: u64 = 1 << 32;
pub const WHOLE: u64 = 1 << 33;
pub const BAD: u64 = 1 << 34;

impl TxFormat for Format {
    const MIN_LEN: u16 = 17;
    const MAX_LEN: u16 = 9000;
    const FRAME_MAX: u32 = 9000;
    const SLOTS_MAX: u32 = 1;
    const CONTROL: usize = 1;
    const REPORT: u64 = REPORT;
    const DONE_MASK: u64 = DONE;
    const DONE: u64 = DONE;
    const OWNER: u64 = 0;
    const END_OF_RING: u64 = 0;
    const FIRST: u64 = 0;
    const LAST: u64 = 0;
    const PER_BYTE: [u64; 2] = [0, 1];

    fn part(buffer: DmaAddr, len: u32, _frame: u32) -> [u64; 2] {
        [buffer.0, u64::from(len)]
    }
}

impl RxFormat for Format {
    const STATUS_WORD: usize = 1;
    const DONE_MASK: u64 = DONE;
    const DONE: u64 = DONE;
    const OWNER: u64 = 0;
    const END_OF_RING: u64 = 0;
    const FIRST: u64 = 0;
    const LAST: u64 = WHOLE;
    const GOOD_MASK: u64 = WHOLE | BAD;
    const GOOD: u64 = WHOLE;
    const PART: u32 = 0;

    fn arm(buffer: DmaAddr) -> [u64; 2] {
        [buffer.0, 0]
    }

    fn len(status: u64) -> u16 {
        (status & 0xffff) as u16
    }
}

/// The device's side of one ring.
pub struct Device {
    pub ring: TestDma,
    pub bus: TestBus,
    pub head: u32,
    slots: u32,
}

impl Device {
    pub fn new(ring: TestDma, bus: TestBus, slots: u32) -> Device {
        let head = 0;
        Device {
            ring,
            bus,
            head,
            slots,
        }
    }

    pub fn slots(&self) -> u32 {
        self.slots
    }

    pub fn tail(&self) -> u32 {
        self.bus.registers[TAIL.0 as usize / 4].load(Relaxed)
    }

    /// Descriptors between head and tail.
    pub fn pending(&self) -> u32 {
        (self.tail() + self.slots() - self.head) % self.slots()
    }

    pub fn word(&self, descriptor: u32, word: usize) -> &AtomicU64 {
        &self.ring.0[descriptor as usize * 2 + word]
    }

    /// Sends one frame, and reports it if requested. Returns its buffer and length.
    pub fn send(&mut self) -> Option<(BufIdx, u16)> {
        if self.pending() == 0 {
            return None;
        }
        let address = self.word(self.head, 0).load(Relaxed);
        let command = self.word(self.head, 1).load(Relaxed);
        assert_eq!(
            command & DONE,
            0,
            "a descriptor is handed over with its done bit set"
        );
        assert!(
            address >= BASE && (address - BASE).is_multiple_of(BUFFER),
            "{address:#x}"
        );
        if command & REPORT != 0 {
            self.word(self.head, 1).store(command | DONE, Relaxed);
        }
        self.head = (self.head + 1) % self.slots();
        Some((
            BufIdx(((address - BASE) / BUFFER) as u32),
            (command & 0xffff) as u16,
        ))
    }

    /// Receives one frame of `len` bytes, with its CRC if that is kept. Returns its buffer.
    pub fn receive(&mut self, len: u16, status: u64) -> Option<BufIdx> {
        if self.pending() == 0 {
            return None;
        }
        let address = self.word(self.head, 0).load(Relaxed);
        assert_eq!(
            self.word(self.head, 1).load(Relaxed),
            0,
            "a descriptor is offered with a stale status"
        );
        assert!(
            address >= BASE && (address - BASE).is_multiple_of(BUFFER),
            "{address:#x}"
        );
        // As advanced formats do, the address does not survive.
        self.word(self.head, 0).store(u64::MAX, Relaxed);
        self.word(self.head, 1)
            .store(status | u64::from(len), Relaxed);
        self.head = (self.head + 1) % self.slots();
        Some(BufIdx(((address - BASE) / BUFFER) as u32))
    }
}

/// A client ring on the heap.
pub struct Ring {
    pub header: RingHeader,
    pub slots: Vec<SlotCell>,
}

impl Ring {
    pub fn new(slots: u32) -> Ring {
        let cells = (0..slots).map(|i| {
            let cell = SlotCell::default();
            cell.set_buffer(BufIdx(i + 2));
            cell
        });
        Ring {
            header: RingHeader::new(slots, BUFFER as u32, 0, 0, 0),
            slots: cells.collect(),
        }
    }

    pub fn head(&self) -> u32 {
        self.header.head.load(Relaxed)
    }

    pub fn cur(&self) -> u32 {
        self.header.cur.load(Relaxed)
    }

    pub fn tail(&self) -> u32 {
        self.header.tail.load(Relaxed)
    }

    pub fn set(&self, head: u32, cur: u32) {
        self.header.head.store(head, Relaxed);
        self.header.cur.store(cur, Relaxed);
    }

    /// Slots from head to tail.
    pub fn space(&self) -> u32 {
        let slots = self.slots.len() as u32;
        (self.tail() + slots - self.head()) % slots
    }
}

impl RingMemory for Ring {
    fn header(&self) -> &RingHeader {
        &self.header
    }

    fn slots(&self) -> &[SlotCell] {
        &self.slots
    }
}

/// A ring that the client can still access.
pub struct Shared(pub Arc<Ring>);

impl RingMemory for Shared {
    fn header(&self) -> &RingHeader {
        &self.0.header
    }

    fn slots(&self) -> &[SlotCell] {
        &self.0.slots
    }
}
