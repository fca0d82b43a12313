//! A minimal driver for the toy NIC, independent of the core's queues.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::*};
use std::time::Duration;

use netmap_core::register::RegOffset;
use netmap_core::{Bus, Dma, DmaAddr};
use netmap_sim::{DEFAULT_MAC, Device, DmaMemory, SimBus, SimDma};

use super::registers::ALL;
use super::{QUEUES, TOY};

/// Bytes of a buffer.
pub const BUFFER: usize = 2048;
const RS: u64 = 1 << 27;
const TX_DONE: u64 = 1 << 32;

/// The offset of a register.
pub fn offset(name: &str, element: u32) -> RegOffset {
    let register = ALL.iter().find(|register| register.name == name).unwrap();
    register
        .pieces
        .iter()
        .find(|piece| (piece.first..piece.first + piece.count).contains(&element))
        .map(|piece| RegOffset(piece.offset.0 + (element - piece.first) * piece.stride))
        .unwrap()
}

/// Shared buffers.
struct Pool(Box<[AtomicU64]>);

impl DmaMemory for Pool {
    fn words(&self) -> &[AtomicU64] {
        &self.0
    }
}

/// A device that runs in single steps, and a driver that has reset it.
pub fn stepped() -> (Device, Toy) {
    let device = Device::stepped(&TOY, "toy", DEFAULT_MAC).unwrap();
    let toy = Toy::new(&device);
    (device, toy)
}

/// The driver.
pub struct Toy {
    pub bus: SimBus,
    pool: Arc<Pool>,
    base: DmaAddr,
    pub buffers: usize,
}

impl Toy {
    pub fn new(device: &Device) -> Toy {
        const BUFFERS: usize = 4096;
        let bus = device.bus();
        let pool: Box<[AtomicU64]> = (0..BUFFERS * BUFFER / 8)
            .map(|_| AtomicU64::new(0))
            .collect();
        let pool = Arc::new(Pool(pool));
        let base = bus.attach(Arc::clone(&pool) as _).unwrap();
        let toy = Toy {
            bus,
            pool,
            base,
            buffers: BUFFERS,
        };
        toy.reset();
        toy
    }

    pub fn read(&self, name: &str, element: u32) -> u32 {
        self.bus.read32(offset(name, element))
    }

    pub fn write(&self, name: &str, element: u32, value: u32) {
        self.bus.write32(offset(name, element), value);
    }

    pub fn reset(&self) {
        self.write("CTRL", 0, 1 << 26);
        self.bus.sleep(Duration::from_millis(1));
        assert_eq!(self.read("CTRL", 0), 0x9);
        self.write("CTRL", 0, 1 << 6);
        self.write("TIPG", 0, 10);
        for element in 0..128 {
            self.write("MTA", element, 0);
        }
        self.write("RXPIPE", 0, 1 | 1 << 4);
    }

    /// The address of a buffer's first byte.
    pub fn address(&self, buffer: usize) -> u64 {
        self.base.0 + (buffer * BUFFER) as u64
    }

    pub fn fill(&self, buffer: usize, frame: &[u8]) {
        for (at, bytes) in frame.chunks(8).enumerate() {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            self.pool.0[buffer * BUFFER / 8 + at].store(u64::from_le_bytes(word), Relaxed);
        }
    }

    pub fn content(&self, buffer: usize, len: usize) -> Vec<u8> {
        let words = &self.pool.0[buffer * BUFFER / 8..];
        let bytes = words
            .iter()
            .flat_map(|word| word.load(Relaxed).to_le_bytes());
        bytes.take(len).collect()
    }

    fn ring(&self, side: &str, queue: u32, slots: u32) -> SimDma {
        let ring = self.bus.dma_alloc(slots as usize * 16, 128, 64).unwrap();
        self.write(&format!("{side}DBAL"), queue, ring.address().low());
        self.write(&format!("{side}DBAH"), queue, ring.address().high());
        self.write(&format!("{side}DLEN"), queue, slots * 16);
        self.write(&format!("{side}DH"), queue, 0);
        ring
    }

    pub fn tx(&self, queue: u32, slots: u32) -> Tx<'_> {
        let ring = self.ring("T", queue, slots);
        self.write("TDT", queue, 0);
        self.write("TXDCTL", queue, 1 << 25);
        self.write("TCTL", 0, 1 << 1);
        Tx {
            toy: self,
            ring,
            queue,
            slots,
            next: 0,
            oldest: 0,
        }
    }

    /// A receive ring that accepts everything, with buffers in all slots but one.
    pub fn rx(&self, queue: u32, slots: u32) -> Rx<'_> {
        self.rx_with(queue, slots, 1 << 1 | 1 << 3 | 1 << 5 | 1 << 26)
    }

    pub fn rx_with(&self, queue: u32, slots: u32, rctl: u32) -> Rx<'_> {
        let ring = self.ring("R", queue, slots);
        self.write("RXDCTL", queue, 1 << 25);
        self.write("RDT", queue, 0);
        self.write("RCTL", 0, rctl);
        let first = self.buffers / 2 + queue as usize * 600;
        let mut rx = Rx {
            toy: self,
            ring,
            queue,
            slots,
            next: 0,
            armed: VecDeque::new(),
            free: (first..first + slots as usize - 1).collect(),
        };
        rx.refill();
        rx
    }
}

/// A transmit ring.
pub struct Tx<'a> {
    toy: &'a Toy,
    pub ring: SimDma,
    pub queue: u32,
    slots: u32,
    next: u32,
    oldest: u32,
}

impl Tx<'_> {
    pub fn words(frame: usize, address: u64) -> [u64; 2] {
        let len = frame as u64;
        Tx::part(len, address, len, true, true)
    }

    /// A descriptor of `len` bytes of a frame of `total` bytes; the frame may begin or end in it.
    pub fn part(len: u64, address: u64, total: u64, first: bool, last: bool) -> [u64; 2] {
        let marks = u64::from(last) << 24 | u64::from(first) << 25;
        [address, len | marks | 3 << 36 | total << 48]
    }

    pub fn descriptor(&self, index: u32) -> [u64; 2] {
        let at = index as usize * 2;
        [0, 1].map(|word| self.ring.words()[at + word].load(Acquire))
    }

    pub fn put(&self, index: u32, words: [u64; 2]) {
        for (word, value) in words.into_iter().enumerate() {
            self.ring.words()[index as usize * 2 + word].store(value, Relaxed);
        }
    }

    pub fn space(&self) -> u32 {
        (self.oldest + self.slots - self.next - 1) % self.slots
    }

    /// Puts a frame into the ring, in the slot's own buffer; false if the ring is full.
    pub fn push(&mut self, frame: &[u8]) -> bool {
        if self.space() == 0 {
            return false;
        }
        let buffer = (self.queue * 600 + self.next) as usize;
        self.toy.fill(buffer, frame);
        self.push_again(frame.len())
    }

    /// Puts the current contents of the slot's buffer into the ring; false if the ring is full.
    pub fn push_again(&mut self, len: usize) -> bool {
        if self.space() == 0 {
            return false;
        }
        let buffer = (self.queue * 600 + self.next) as usize;
        let [first, second] = Self::words(len, self.toy.address(buffer));
        self.put(self.next, [first, second | RS]);
        self.next = (self.next + 1) % self.slots;
        true
    }

    /// Puts a descriptor with these words next.
    pub fn push_words(&mut self, words: [u64; 2]) {
        self.put(self.next, words);
        self.next = (self.next + 1) % self.slots;
    }

    pub fn doorbell(&self) {
        self.toy.bus.publish();
        self.toy.write("TDT", self.queue, self.next);
    }

    /// Reclaims sent frames.
    pub fn reclaim(&mut self) -> u32 {
        let mut count = 0;
        while self.oldest != self.next && self.descriptor(self.oldest)[1] & TX_DONE != 0 {
            self.put(self.oldest, [0, 0]);
            self.oldest = (self.oldest + 1) % self.slots;
            count += 1;
        }
        count
    }
}

/// A receive ring.
pub struct Rx<'a> {
    toy: &'a Toy,
    pub ring: SimDma,
    queue: u32,
    slots: u32,
    next: u32,
    armed: VecDeque<usize>,
    free: VecDeque<usize>,
}

/// The contents of a received descriptor.
#[derive(Debug, PartialEq, Eq)]
pub struct Received {
    pub frame: Vec<u8>,
    pub reported: usize,
    pub whole: bool,
    pub first: bool,
    pub damaged: bool,
}

impl Rx<'_> {
    pub fn refill(&mut self) {
        let from = (self.next + self.armed.len() as u32) % self.slots;
        let mut at = from;
        while let Some(buffer) = self.free.pop_front() {
            self.ring.words()[at as usize * 2].store(self.toy.address(buffer), Relaxed);
            self.ring.words()[at as usize * 2 + 1].store(0, Relaxed);
            self.armed.push_back(buffer);
            at = (at + 1) % self.slots;
        }
        if at != from {
            self.toy.bus.publish();
            self.toy.write("RDT", self.queue, at);
        }
    }

    pub fn next(&mut self) -> Option<Received> {
        let at = self.next as usize * 2 + 1;
        let status = self.ring.words()[at].load(Acquire);
        if self.armed.is_empty() || status & 1 == 0 {
            return None;
        }
        let buffer = self.armed.pop_front()?;
        let reported = (status >> 32 & 0xffff) as usize;
        self.ring.words()[at].store(0, Relaxed);
        self.next = (self.next + 1) % self.slots;
        self.free.push_back(buffer);
        Some(Received {
            frame: self.toy.content(buffer, reported.min(BUFFER)),
            reported,
            whole: status >> 1 & 1 == 1,
            first: status >> 3 & 1 == 1,
            damaged: status >> 2 & 1 == 1,
        })
    }

    /// Receives frames without reading them. Returns how many.
    pub fn skip(&mut self) -> u32 {
        let mut count = 0;
        while self.ring.words()[self.next as usize * 2 + 1].load(Acquire) & 1 == 1 {
            let Some(buffer) = self.armed.pop_front() else {
                break;
            };
            self.ring.words()[self.next as usize * 2 + 1].store(0, Relaxed);
            self.free.push_back(buffer);
            self.next = (self.next + 1) % self.slots;
            count += 1;
        }
        self.refill();
        count
    }

    pub fn drain(&mut self) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        while let Some(received) = self.next() {
            frames.push(received.frame);
        }
        self.refill();
        frames
    }
}

/// Frame number `n`, of `len` bytes, to an unused MAC address.
pub fn frame(n: u64, len: usize) -> Vec<u8> {
    let mut frame = vec![0; len.max(22)];
    frame[..6].copy_from_slice(&[2, 0, 0, 0, 9, 9]);
    frame[14..22].copy_from_slice(&n.to_le_bytes());
    for (at, byte) in frame.iter_mut().enumerate().skip(22) {
        *byte = (at as u64).wrapping_add(n) as u8;
    }
    frame
}

/// The number of a frame.
pub fn number(frame: &[u8]) -> u64 {
    u64::from_le_bytes(frame[14..22].try_into().unwrap())
}

const _: () = assert!(QUEUES * 600 < 2048);
