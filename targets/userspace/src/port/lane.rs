//! What stands between a ring and its device: a queue and its kring behind a gate.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use netmap_core::{
    Bus, ClientRing, Completion, Crc, Dma as _, DmaAddr, Driver, Gate, Kring, LinearPool, Outcome,
    Policy, Pool, Positions, Progress, RingSetup, RxCounters, RxFormat, RxQueue, SyncError,
    TxCounters, TxFormat, TxQueue,
};

use super::interrupts::Interrupts;
use crate::bus::UserBus;
use crate::{BUFFER_SIZE, Ring};

/// A lane as its ring sees it, whichever NIC and bus it is of: one virtual call a sync.
pub(crate) trait Lane: Send + Sync {
    /// What the lane's queue counts.
    type Counters;

    /// One sync; paused while control has the lane.
    fn sync(&self) -> Result<Progress, SyncError>;
    /// What the queue counted.
    fn counters(&self) -> Self::Counters;
    /// How many interrupts there were that tell of it.
    fn interrupts(&self) -> u64;
    /// Waits until there were more than `seen` of them, not much longer than `timeout` and possibly less.
    fn wait_interrupt(&self, seen: u64, timeout: Duration);
}

/// What transmit and receive queues have in common.
pub(super) trait Queue: Send {
    type Counters;

    fn sync<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Outcome;
    fn settle<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Positions;
    fn restart<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        at: Positions,
        policy: Policy,
    ) -> Outcome;
    /// `crc` is of what is received.
    fn prepare(&mut self, crc: Crc);
    fn announce(&self, at: Positions);
    fn completion(&self) -> Completion;
    fn head_writeback(&self) -> DmaAddr;
    fn counters(&self) -> Self::Counters;
    fn base(&self) -> DmaAddr;
    fn slots(&self) -> u32;
}

impl<F: TxFormat, B: Bus> Queue for TxQueue<F, B> {
    type Counters = TxCounters;

    fn sync<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Outcome {
        TxQueue::sync(self, client, at)
    }

    fn settle<P: Pool>(&mut self, _client: &ClientRing<'_, P>, at: Positions) -> Positions {
        TxQueue::settle(self, at)
    }

    fn restart<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        at: Positions,
        policy: Policy,
    ) -> Outcome {
        TxQueue::restart(self, client, at, policy)
    }

    fn prepare(&mut self, _crc: Crc) {
        TxQueue::prepare(self);
    }

    fn announce(&self, at: Positions) {
        TxQueue::announce(self, at);
    }

    fn completion(&self) -> Completion {
        TxQueue::completion(self)
    }

    fn head_writeback(&self) -> DmaAddr {
        TxQueue::head_writeback(self)
    }

    fn counters(&self) -> TxCounters {
        TxQueue::counters(self)
    }

    fn base(&self) -> DmaAddr {
        self.ring().address()
    }

    fn slots(&self) -> u32 {
        self.geometry().slots()
    }
}

impl<F: RxFormat, B: Bus> Queue for RxQueue<F, B> {
    type Counters = RxCounters;

    fn sync<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Outcome {
        RxQueue::sync(self, client, at)
    }

    fn settle<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Positions {
        RxQueue::settle(self, client, at)
    }

    /// What was received is the client's already, so there is nothing to resend or to drop.
    fn restart<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        at: Positions,
        _policy: Policy,
    ) -> Outcome {
        RxQueue::restart(self, client, at)
    }

    fn prepare(&mut self, crc: Crc) {
        RxQueue::prepare(self, crc);
    }

    fn announce(&self, _at: Positions) {
        RxQueue::announce(self);
    }

    /// Of no meaning here.
    fn completion(&self) -> Completion {
        Completion::DoneBit
    }

    fn head_writeback(&self) -> DmaAddr {
        DmaAddr(0)
    }

    fn counters(&self) -> RxCounters {
        RxQueue::counters(self)
    }

    fn base(&self) -> DmaAddr {
        self.ring().address()
    }

    fn slots(&self) -> u32 {
        self.geometry().slots()
    }
}

/// What one sync or one controller at a time may use.
pub(super) struct Side<Q> {
    queue: Q,
    kring: Kring<Ring>,
    pool: LinearPool,
    /// Between a start and the next stop.
    running: bool,
    /// Without a link.
    held: bool,
    /// What a restart found wrong with the client's slots; the next sync tells the client.
    fault: Option<SyncError>,
}

impl<Q: Queue> Side<Q> {
    pub(super) fn new(queue: Q, kring: Kring<Ring>, pool: LinearPool) -> Side<Q> {
        Side {
            queue,
            kring,
            pool,
            running: false,
            held: false,
            fault: None,
        }
    }

    fn sync(&mut self) -> Result<Progress, SyncError> {
        if !self.running || self.held {
            return Ok(Progress::Paused);
        }
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let Side {
            queue, kring, pool, ..
        } = self;
        kring.sync(pool, |client, at| queue.sync(client, at))
    }

    /// Where the device finds the queue's descriptors, none of which is its own yet.
    pub(super) fn prepare(&mut self, crc: Crc) -> RingSetup {
        self.queue.prepare(crc);
        RingSetup {
            base: self.queue.base(),
            slots: self.queue.slots(),
            buffer_size: BUFFER_SIZE,
            completion: self.queue.completion(),
            head_writeback: self.queue.head_writeback(),
        }
    }

    /// The device does no more: takes back what it has finished, and pauses the ring.
    pub(super) fn stopped(&mut self) {
        if !self.running {
            return;
        }
        self.running = false;
        let at = self
            .queue
            .settle(&self.kring.client(&self.pool), self.kring.positions());
        self.kring.restarted(at);
    }

    /// The device runs and stands at 0: gives it the queue's share of the ring, and lets the ring go on.
    pub(super) fn started(&mut self, policy: Policy) {
        let outcome = self.queue.restart(
            &self.kring.client(&self.pool),
            self.kring.positions(),
            policy,
        );
        self.kring.restarted(outcome.at);
        self.fault = outcome.fault;
        self.running = true;
    }

    /// Lets slots wait in the ring, or lets them go on and announces again what the device has.
    pub(super) fn hold(&mut self, held: bool) {
        self.held = held;
        if self.running && !held {
            self.queue.announce(self.kring.positions());
        }
    }
}

/// A side behind its gate, and the interrupts that wake whoever waits for it.
pub(super) struct Gated<Q, D, B> {
    pub(super) gate: Gate<Side<Q>>,
    /// Number of its queue.
    number: u32,
    interrupts: Arc<Interrupts<D, B>>,
}

impl<Q: Queue, D, B> Gated<Q, D, B> {
    pub(super) fn new(
        side: Side<Q>,
        number: u32,
        interrupts: &Arc<Interrupts<D, B>>,
    ) -> Arc<Gated<Q, D, B>> {
        Arc::new(Gated {
            gate: Gate::new(side),
            number,
            interrupts: Arc::clone(interrupts),
        })
    }
}

impl<Q: Queue, D: Driver, B: UserBus> Lane for Gated<Q, D, B> {
    type Counters = Q::Counters;

    fn sync(&self) -> Result<Progress, SyncError> {
        match self.gate.enter() {
            Some(mut side) => side.sync(),
            None => Ok(Progress::Paused),
        }
    }

    fn counters(&self) -> Q::Counters {
        loop {
            if let Some(side) = self.gate.enter() {
                return side.queue.counters();
            }
            thread::yield_now();
        }
    }

    fn interrupts(&self) -> u64 {
        self.interrupts.count(self.number)
    }

    fn wait_interrupt(&self, seen: u64, timeout: Duration) {
        self.interrupts.wait(self.number, seen, timeout);
    }
}
