//! Times one NIC's syncs and the rooflines.

use std::hint::black_box;
use std::sync::atomic::Ordering::Relaxed;

use netmap_core::abi::RingHeader;
use netmap_core::{
    BufIdx, Bus, Crc, Dma, DmaAddr, Driver, Kring, LinearPool, Nic, Policy, Pool, PoolEntry,
    Progress, RingMemory, RxFormat, RxQueue, SlotCell, SyncError, TablePool, TxFormat, TxQueue,
    TxSetup,
};

use crate::memory_bus::MemoryBus;
use crate::placed::{self, Placed};
use crate::report::{Case, Row};
use crate::roofline::Roofline;
use crate::timer::Timer;

/// Buffers have `1 << BUFFER_SHIFT` bytes.
pub const BUFFER_SHIFT: u32 = 11;
const FRAME: u16 = 60;

/// A client ring on the heap.
struct HeapRing {
    header: RingHeader,
    slots: Placed<SlotCell>,
}

impl HeapRing {
    fn new(slots: u32) -> HeapRing {
        let cell = |at: usize| {
            let cell = SlotCell::default();
            cell.set_buffer(BufIdx(at as u32 + 2));
            cell.set_len_flags(FRAME, 0);
            cell
        };
        HeapRing {
            header: RingHeader::new(slots, 1 << BUFFER_SHIFT, 0, 0, 0),
            slots: Placed::new(placed::SLOTS, slots as usize, cell),
        }
    }
}

impl RingMemory for HeapRing {
    fn header(&self) -> &RingHeader {
        &self.header
    }

    fn slots(&self) -> &[SlotCell] {
        &self.slots
    }
}

/// Slots that the client owns.
fn room(ring: &HeapRing) -> u32 {
    let slots = ring.slots.len() as u32;
    (ring.header.tail.load(Relaxed) + slots - ring.header.head.load(Relaxed)) % slots
}

/// Moves the client's head over `by` slots.
fn release(ring: &HeapRing, by: u32) {
    let head = (ring.header.head.load(Relaxed) + by) % ring.slots.len() as u32;
    ring.header.cur.store(head, Relaxed);
    ring.header.head.store(head, Relaxed);
}

/// The whole txsync of a target, in a separate function so that its machine code can be inspected.
#[inline(never)]
fn txsync<F: TxFormat, P: Pool>(
    kring: &mut Kring<HeapRing>,
    queue: &mut TxQueue<F, MemoryBus>,
    pool: &P,
) -> Result<Progress, SyncError> {
    kring.sync(pool, |client, at| queue.sync(client, at))
}

/// The whole rxsync of a target.
#[inline(never)]
fn rxsync<F: RxFormat, P: Pool>(
    kring: &mut Kring<HeapRing>,
    queue: &mut RxQueue<F, MemoryBus>,
    pool: &P,
) -> Result<Progress, SyncError> {
    kring.sync(pool, |client, at| queue.sync(client, at))
}

/// What control does with a transmit ring at a reset: it reads the client's slots again, so it is inspected, too.
#[inline(never)]
fn txreset<F: TxFormat, P: Pool>(
    kring: &mut Kring<HeapRing>,
    queue: &mut TxQueue<F, MemoryBus>,
    pool: &P,
    policy: Policy,
) -> Option<SyncError> {
    let settled = queue.settle(kring.positions());
    queue.prepare();
    let outcome = queue.restart(&kring.client(pool), settled, policy);
    queue.announce(outcome.at);
    kring.restarted(outcome.at);
    outcome.fault
}

/// The same with a receive ring.
#[inline(never)]
fn rxreset<F: RxFormat, P: Pool>(
    kring: &mut Kring<HeapRing>,
    queue: &mut RxQueue<F, MemoryBus>,
    pool: &P,
    crc: Crc,
) -> Option<SyncError> {
    let settled = queue.settle(&kring.client(pool), kring.positions());
    queue.prepare(crc);
    let outcome = queue.restart(&kring.client(pool), settled);
    queue.announce();
    kring.restarted(outcome.at);
    outcome.fault
}

/// A transmit ring and the device's part.
pub struct Tx<N: Nic> {
    queue: TxQueue<N::Tx, MemoryBus>,
    kring: Kring<HeapRing>,
    at: usize,
}

impl<N: Nic> Tx<N> {
    /// Queue `queue` of the NIC, with an empty ring.
    pub fn new(bus: &MemoryBus, queue: u32, case: Case, pool: &impl Pool) -> Tx<N> {
        let ring = bus
            .dma_alloc(
                TxQueue::<N::Tx, MemoryBus>::bytes(case.slots),
                N::TX.align as usize,
                64,
            )
            .expect("the heap has room");
        let setup = TxSetup::of::<N>(queue, N::COMPLETIONS[0]).expect("the NIC has the queue");
        let mut queue =
            TxQueue::new(bus.clone(), setup, ring, case.slots).expect("the ring is large enough");
        let idle = queue.idle();
        let mut kring = Kring::new(HeapRing::new(case.slots), idle);
        let fault = txreset(&mut kring, &mut queue, pool, black_box(Policy::Resend));
        assert_eq!(fault, None);
        Tx {
            queue,
            kring,
            at: 0,
        }
    }

    /// Ticks of one txsync that hands over a batch and reclaims the previous one; if the ring is too short for both, of
    /// the two txsyncs that are needed.
    pub fn round(&mut self, batch: u32, pool: &impl Pool, timer: &Timer) -> u64 {
        let mut before = 0;
        if room(self.kring.ring()) < batch {
            let (progress, ticks) = timer.time(|| txsync(&mut self.kring, &mut self.queue, pool));
            assert!(progress.is_ok(), "{progress:?}");
            before = ticks;
        }
        release(self.kring.ring(), batch);
        let (progress, ticks) = timer.time(|| txsync(&mut self.kring, &mut self.queue, pool));
        assert!(
            matches!(progress, Ok(Progress::Synced { handed, .. }) if handed == batch),
            "{progress:?}"
        );
        let slots = self.kring.ring().slots.len();
        let (descriptors, _) = self.queue.ring().words().as_chunks::<2>();
        for i in 0..batch as usize {
            let word = &descriptors[(self.at + i) % slots][N::Tx::CONTROL];
            let rest = word.load(Relaxed) & !N::Tx::DONE_MASK;
            word.store(rest | N::Tx::DONE, Relaxed);
        }
        self.at = (self.at + batch as usize) % slots;
        before + ticks
    }
}

/// A receive ring and the device's part.
pub struct Rx<N: Nic> {
    queue: RxQueue<N::Rx, MemoryBus>,
    kring: Kring<HeapRing>,
    at: usize,
    done: u64,
}

impl<N: Nic> Rx<N> {
    /// Queue `queue` of the NIC, with nothing received.
    pub fn new(bus: &MemoryBus, queue: u32, case: Case, pool: &impl Pool) -> Rx<N> {
        let ring = bus
            .dma_alloc(case.slots as usize * 16, N::RX.align as usize, 64)
            .expect("the heap has room");
        let doorbell = N::rx_doorbell(queue).expect("the NIC has the queue");
        let mut queue = RxQueue::new(bus.clone(), doorbell, ring, case.slots)
            .expect("the ring is large enough");
        let idle = queue.idle();
        let mut kring = Kring::new(HeapRing::new(case.slots), idle);
        let fault = rxreset(&mut kring, &mut queue, pool, black_box(Crc::Stripped));
        assert_eq!(fault, None);
        // The position of the length in the status word, found by testing each bit.
        let shift = (0..64)
            .find(|bit| N::Rx::len(1 << bit) == 1)
            .expect("the length has a lowest bit");
        let done = N::Rx::DONE | N::Rx::GOOD | u64::from(FRAME) << shift;
        Rx {
            queue,
            kring,
            at: 0,
            done,
        }
    }

    /// Ticks of one rxsync that imports a batch and refills the previous one; if the ring is too short for both, of the
    /// two rxsyncs that are needed.
    pub fn round(&mut self, batch: u32, pool: &impl Pool, timer: &Timer) -> u64 {
        let mut before = 0;
        if 2 * batch >= self.kring.ring().slots.len() as u32 {
            let (progress, ticks) = timer.time(|| rxsync(&mut self.kring, &mut self.queue, pool));
            assert!(progress.is_ok(), "{progress:?}");
            before = ticks;
        }
        let (descriptors, _) = self.queue.ring().words().as_chunks::<2>();
        for i in 0..batch as usize {
            let descriptor = &descriptors[(self.at + i) % descriptors.len()];
            descriptor[1 - N::Rx::STATUS_WORD].store(0, Relaxed);
            descriptor[N::Rx::STATUS_WORD].store(self.done, Relaxed);
        }
        self.at = (self.at + batch as usize) % descriptors.len();
        let (progress, ticks) = timer.time(|| rxsync(&mut self.kring, &mut self.queue, pool));
        assert!(
            matches!(progress, Ok(Progress::Synced { returned, .. }) if returned == batch),
            "{progress:?}"
        );
        release(self.kring.ring(), batch);
        before + ticks
    }
}

/// Times both directions of a NIC with both pools, and the rooflines, round by round.
pub fn measure<D: Driver>(case: Case, rounds: u32, timer: &Timer) -> Vec<Row> {
    let bus = MemoryBus::new(D::BAR_SIZE);
    let linear = LinearPool::<BUFFER_SHIFT>::new(DmaAddr(0x10_0000_0000), case.slots + 2)
        .expect("the pool has addresses");
    let entries: Placed<PoolEntry> = Placed::new(0, case.slots as usize + 2, |at| {
        [0, 0x10_0000_0000 + ((at as u64) << BUFFER_SHIFT)]
    });
    let table = TablePool::new(&entries, 1 << BUFFER_SHIFT);

    let (mut tx_linear, mut tx_table) = (
        Tx::<D>::new(&bus, 0, case, &linear),
        Tx::<D>::new(&bus, 0, case, &table),
    );
    let (mut rx_linear, mut rx_table) = (
        Rx::<D>::new(&bus, 0, case, &linear),
        Rx::<D>::new(&bus, 0, case, &table),
    );
    let (mut bare_tx, mut bare_rx) = (Roofline::new(case.slots), Roofline::new(case.slots));

    // At least 16 calls per round, and enough for once around the ring.
    let calls = (case.slots / case.batch).max(16);
    let frames = f64::from(calls * case.batch);
    let batch = case.batch as usize;
    let mut rows = [
        Row::new(D::NAME, "tx", "linear", case),
        Row::new(D::NAME, "tx", "table", case),
        Row::new(D::NAME, "rx", "linear", case),
        Row::new(D::NAME, "rx", "table", case),
    ];
    let (mut counted, mut tried) = (0, 0);
    while counted < rounds && tried < rounds * 4 {
        tried += 1;
        let sum = |mut one: Box<dyn FnMut() -> u64 + '_>| {
            (0..calls).map(|_| one()).sum::<u64>() as f64 / frames
        };
        let pace = timer.pace();
        let tx_roofline = sum(Box::new(|| timer.time(|| bare_tx.transmit(batch)).1));
        let tx = [
            sum(Box::new(|| tx_linear.round(case.batch, &linear, timer))),
            sum(Box::new(|| tx_table.round(case.batch, &table, timer))),
        ];
        let rx_roofline = sum(Box::new(|| {
            bare_rx.complete(batch);
            timer.time(|| bare_rx.receive(batch)).1
        }));
        let rx = [
            sum(Box::new(|| rx_linear.round(case.batch, &linear, timer))),
            sum(Box::new(|| rx_table.round(case.batch, &table, timer))),
        ];
        // The first rounds warm caches and branch predictors.
        if tried <= 3 || pace.abs_diff(timer.pace()) > pace / 4 {
            continue;
        }
        counted += 1;
        let [a, b, c, d] = &mut rows;
        a.push(tx[0], tx_roofline);
        b.push(tx[1], tx_roofline);
        c.push(rx[0], rx_roofline);
        d.push(rx[1], rx_roofline);
    }
    rows.into()
}
