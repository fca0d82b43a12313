//! A queue, and whether its ring of netmap's may use it.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use netmap_core::{
    Bus as _, ClientRing, Completion, Crc, Dma as _, DmaAddr, Driver, Gate, Outcome, Policy,
    Positions, RingSetup, RxFormat, RxQueue, SyncError, TablePool, TxFormat, TxQueue, TxSetup,
};

use crate::boundary::{RX, TX};
use crate::bus::KernelBus;
use crate::failure::Failure;

/// The ring of one sync.
type Client<'a> = ClientRing<'a, TablePool<'a>>;

/// How many numbers `Lane::counters` tells.
pub(crate) const COUNTERS: usize = 6;

/// What transmit and receive queues have in common.
pub(crate) trait Queue: Send {
    const DIRECTION: u32;

    fn sync(&mut self, client: &Client<'_>, at: Positions) -> Outcome;
    fn settle(&mut self, client: &Client<'_>, at: Positions) -> Positions;
    fn restart(&mut self, client: &Client<'_>, at: Positions, policy: Policy) -> Outcome;
    /// `crc` is of what is received.
    fn prepare(&mut self, crc: Crc);
    fn announce(&self, at: Positions);
    fn setup(&self, buffer_size: u32) -> RingSetup;
    /// Frames handed over or received, sent, dropped, with errors; faults of the device.
    fn counters(&self) -> [u64; COUNTERS - 1];
}

impl<F: TxFormat> Queue for TxQueue<F, KernelBus> {
    const DIRECTION: u32 = TX;

    #[inline(always)]
    fn sync(&mut self, client: &Client<'_>, at: Positions) -> Outcome {
        TxQueue::sync(self, client, at)
    }

    fn settle(&mut self, _client: &Client<'_>, at: Positions) -> Positions {
        TxQueue::settle(self, at)
    }

    fn restart(&mut self, client: &Client<'_>, at: Positions, policy: Policy) -> Outcome {
        TxQueue::restart(self, client, at, policy)
    }

    fn prepare(&mut self, _crc: Crc) {
        TxQueue::prepare(self);
    }

    fn announce(&self, at: Positions) {
        TxQueue::announce(self, at);
    }

    fn setup(&self, buffer_size: u32) -> RingSetup {
        RingSetup {
            base: self.ring().address(),
            slots: self.geometry().slots(),
            buffer_size,
            completion: self.completion(),
            head_writeback: self.head_writeback(),
        }
    }

    fn counters(&self) -> [u64; COUNTERS - 1] {
        let counters = TxQueue::counters(self);
        [
            counters.handed,
            counters.sent,
            counters.dropped,
            0,
            counters.faults,
        ]
    }
}

impl<F: RxFormat> Queue for RxQueue<F, KernelBus> {
    const DIRECTION: u32 = RX;

    #[inline(always)]
    fn sync(&mut self, client: &Client<'_>, at: Positions) -> Outcome {
        RxQueue::sync(self, client, at)
    }

    fn settle(&mut self, client: &Client<'_>, at: Positions) -> Positions {
        RxQueue::settle(self, client, at)
    }

    /// What was received is the client's already, so there is nothing to resend or to drop.
    fn restart(&mut self, client: &Client<'_>, at: Positions, _policy: Policy) -> Outcome {
        RxQueue::restart(self, client, at)
    }

    fn prepare(&mut self, crc: Crc) {
        RxQueue::prepare(self, crc);
    }

    fn announce(&self, _at: Positions) {
        RxQueue::announce(self);
    }

    fn setup(&self, buffer_size: u32) -> RingSetup {
        RingSetup {
            base: self.ring().address(),
            slots: self.geometry().slots(),
            buffer_size,
            // Of no meaning here, and neither is the address.
            completion: Completion::DoneBit,
            head_writeback: DmaAddr(0),
        }
    }

    fn counters(&self) -> [u64; COUNTERS - 1] {
        let counters = RxQueue::counters(self);
        let errors = counters.errors + counters.overlong;
        [counters.received, 0, 0, errors, counters.faults]
    }
}

/// What one sync or control at a time may use.
pub(crate) struct Side<Q> {
    queue: Q,
    /// The ring was in netmap mode at the last start.
    entered: bool,
    /// It is, and the device runs.
    runs: bool,
    /// Without a link slots wait in the ring.
    held: bool,
    /// Where the ring stood after the last sync or restart. While syncs go on, netmap's own positions may be older.
    at: Positions,
    /// What a restart found wrong with the client's slots; the next sync tells it.
    pending: Option<SyncError>,
    /// What was told last.
    told: Option<SyncError>,
}

/// How a sync ended, with the positions it leaves.
pub(crate) enum Synced {
    Done(Positions),
    Paused,
    Refused(Positions),
}

impl<Q: Queue> Side<Q> {
    #[inline(always)]
    fn sync(&mut self, client: &Client<'_>, at: Positions) -> Synced {
        if !self.runs || self.held {
            return Synced::Paused;
        }
        if let Some(fault) = self.pending.take() {
            self.told = Some(fault);
            return Synced::Refused(at);
        }
        let outcome = self.queue.sync(client, at);
        self.at = outcome.at;
        match outcome.fault {
            None => Synced::Done(outcome.at),
            Some(fault) => {
                self.told = Some(fault);
                Synced::Refused(outcome.at)
            }
        }
    }

    /// Where the device finds the queue's descriptors, none of which is its own yet.
    pub(crate) fn prepare(&mut self, buffer_size: u32, crc: Crc) -> RingSetup {
        self.queue.prepare(crc);
        self.queue.setup(buffer_size)
    }

    /// The device does no more: takes back what it has finished.
    pub(crate) fn stopped(&mut self, bus: &KernelBus, number: u32) {
        if !self.runs {
            return;
        }
        self.runs = false;
        let queue = &mut self.queue;
        // A ring that left netmap mode meanwhile has nobody to get anything back.
        let _ = bus.device().with_ring(Q::DIRECTION, number, |client, at| {
            (queue.settle(client, at), ())
        });
    }

    /// The device runs and stands at 0: gives it the queue's share of the ring, if that is in netmap mode. What the device
    /// had not sent is sent again; what another program left behind in a ring that enters netmap mode is dropped.
    pub(crate) fn started(&mut self, bus: &KernelBus, number: u32) {
        let policy = if self.entered {
            Policy::Resend
        } else {
            Policy::Drop
        };
        let Side { queue, at, .. } = self;
        let outcome = bus
            .device()
            .with_ring(Q::DIRECTION, number, |client, before| {
                let outcome = queue.restart(client, before, policy);
                *at = outcome.at;
                (outcome.at, outcome.fault)
            });
        self.entered = outcome.is_some();
        self.runs = self.entered;
        self.pending = outcome.flatten();
    }

    /// Lets slots wait in the ring, or lets them go on and announces again what the device has.
    pub(crate) fn hold(&mut self, held: bool) {
        self.held = held;
        if self.runs && !held {
            self.queue.announce(self.at);
        }
    }
}

/// A side behind its gate.
pub(crate) struct Lane<Q> {
    pub(crate) gate: Gate<Side<Q>>,
    /// Syncs that were refused.
    refused: AtomicU64,
    /// The last sync was paused. The device may have nothing to interrupt for, so control has the program woken.
    waits: AtomicBool,
}

impl<Q: Queue> Lane<Q> {
    fn new(queue: Q, idle: Positions) -> Lane<Q> {
        Lane {
            gate: Gate::new(Side {
                queue,
                entered: false,
                runs: false,
                held: false,
                at: idle,
                pending: None,
                told: None,
            }),
            refused: AtomicU64::new(0),
            waits: AtomicBool::new(false),
        }
    }

    /// One sync; paused while control has the lane.
    #[inline(always)]
    pub(crate) fn sync(&self, client: &Client<'_>, at: Positions) -> Synced {
        let entered = self.gate.enter();
        let synced = entered.map_or(Synced::Paused, |mut side| side.sync(client, at));
        if let Synced::Refused(_) = synced {
            self.refused.fetch_add(1, Relaxed);
        }
        let paused = matches!(synced, Synced::Paused);
        if paused != self.waits.load(Relaxed) {
            self.waits.store(paused, Relaxed);
        }
        synced
    }

    /// The last sync was paused.
    pub(crate) fn waits(&self) -> bool {
        self.waits.load(Relaxed)
    }

    /// Why a sync was refused last; `None` if none was, or control has the lane.
    pub(crate) fn told(&self) -> Option<SyncError> {
        self.gate.enter().and_then(|side| side.told)
    }

    /// What the queue counted, and the syncs refused last; `None` while control or a sync has the lane.
    pub(crate) fn counters(&self) -> Option<[u64; COUNTERS]> {
        let [first, sent, dropped, errors, faults] = self.gate.enter()?.queue.counters();
        let refused = self.refused.load(Relaxed);
        Some([first, sent, dropped, errors, faults, refused])
    }
}

/// The transmit queue of that number.
pub(crate) fn transmit<D: Driver>(
    driver: &D,
    bus: &KernelBus,
    number: u32,
    slots: u32,
) -> Result<Lane<TxQueue<D::Tx, KernelBus>>, Failure> {
    const NONE: Failure = Failure::NotPossible("the NIC has no such transmit queue");
    let usual = D::COMPLETIONS.first().ok_or(NONE)?;
    let setup = TxSetup {
        frame_max: driver.frame_limits().sent,
        ..TxSetup::of::<D>(number, *usual).ok_or(NONE)?
    };
    let bytes = TxQueue::<D::Tx, KernelBus>::bytes(slots);
    let ring = bus.dma_alloc(bytes, D::TX.align as usize, D::TX.address_bits)?;
    let queue = TxQueue::new(bus.of_ring(&ring), setup, ring, slots).ok_or(NONE)?;
    let idle = queue.idle();
    Ok(Lane::new(queue, idle))
}

/// The receive queue of that number.
pub(crate) fn receive<D: Driver>(
    bus: &KernelBus,
    number: u32,
    slots: u32,
) -> Result<Lane<RxQueue<D::Rx, KernelBus>>, Failure> {
    const NONE: Failure = Failure::NotPossible("the NIC has no such receive queue");
    /// Bytes of a descriptor.
    const DESCRIPTOR: usize = 16;
    let doorbell = D::rx_doorbell(number).ok_or(NONE)?;
    let bytes = slots as usize * DESCRIPTOR;
    let ring = bus.dma_alloc(bytes, D::RX.align as usize, D::RX.address_bits)?;
    let queue = RxQueue::new(bus.of_ring(&ring), doorbell, ring, slots).ok_or(NONE)?;
    let idle = queue.idle();
    Ok(Lane::new(queue, idle))
}
