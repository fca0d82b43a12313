//! One queue of a port: its descriptors, its client's ring, and the gate that keeps syncs and control apart.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use core::sync::atomic::{AtomicU8, fence};

use crate::{
    Bus, ClientRing, Closed, Completion, Crc, Direction, Dma as _, DmaAddr, Gate, Outcome, Policy,
    Pool, Positions, RingSetup, RxCounters, RxFormat, RxQueue, SyncError, TxCounters, TxFormat,
    TxQueue,
};

/// What control needs of a queue, whichever way its frames go.
pub trait Queue: Send {
    /// The way that its frames go.
    const DIRECTION: Direction;
    /// What it counts.
    type Counters;

    /// One sync.
    fn sync<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Outcome;
    /// Takes back what the device has finished and hands nothing over.
    fn settle<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Positions;
    /// The device runs and stands at 0: gives it the queue's share of the ring.
    fn restart<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        at: Positions,
        policy: Policy,
    ) -> Outcome;
    /// Clears the descriptors for a device that starts at 0 and treats the CRC of received frames as `crc` says; where it
    /// finds them, with buffers of `buffer_size` bytes.
    fn prepare(&mut self, crc: Crc, buffer_size: u32) -> RingSetup;
    /// Rings the doorbell again for what the device has been given already.
    fn announce(&self, at: Positions);
    /// What the queue counted.
    fn counters(&self) -> Self::Counters;
}

impl<F: TxFormat, B: Bus> Queue for TxQueue<F, B> {
    const DIRECTION: Direction = Direction::Tx;
    type Counters = TxCounters;

    #[inline(always)]
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

    fn prepare(&mut self, _crc: Crc, buffer_size: u32) -> RingSetup {
        TxQueue::prepare(self);
        RingSetup {
            base: self.ring().address(),
            slots: self.geometry().slots(),
            buffer_size,
            completion: self.completion(),
            head_writeback: self.head_writeback(),
        }
    }

    fn announce(&self, at: Positions) {
        TxQueue::announce(self, at);
    }

    fn counters(&self) -> TxCounters {
        TxQueue::counters(self)
    }
}

impl<F: RxFormat, B: Bus> Queue for RxQueue<F, B> {
    const DIRECTION: Direction = Direction::Rx;
    type Counters = RxCounters;

    #[inline(always)]
    fn sync<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Outcome {
        RxQueue::sync(self, client, at)
    }

    fn settle<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Positions {
        RxQueue::settle(self, client, at)
    }

    /// Received frames belong to the client already, so there is nothing to resend or to drop.
    fn restart<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        at: Positions,
        _policy: Policy,
    ) -> Outcome {
        RxQueue::restart(self, client, at)
    }

    fn prepare(&mut self, crc: Crc, buffer_size: u32) -> RingSetup {
        RxQueue::prepare(self, crc);
        RingSetup {
            base: self.ring().address(),
            slots: self.geometry().slots(),
            buffer_size,
            // Neither this nor the address has a meaning on receive.
            completion: Completion::DoneBit,
            head_writeback: DmaAddr(0),
        }
    }

    fn announce(&self, _at: Positions) {
        RxQueue::announce(self);
    }

    fn counters(&self) -> RxCounters {
        RxQueue::counters(self)
    }
}

/// How control reaches the client's ring of a queue; each target keeps the ring in its own way.
pub trait RingAccess: Send {
    /// How the buffers of the ring look to the device.
    type Pool<'a>: Pool;

    /// Gives `work` the ring and its positions and stores the positions that `work` returns.
    ///
    /// `None`, without a call, if the ring has no client, or control cannot have the ring now.
    fn with<R>(
        &mut self,
        work: impl FnOnce(&ClientRing<'_, Self::Pool<'_>>, Positions) -> (Positions, R),
    ) -> Option<R>;
}

/// What the device does with a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing: syncs pause.
    Idle,
    /// It works on the queue.
    Running,
    /// It is being stopped: syncs pause, and what it has finished is still to be taken back.
    Stopping,
}

/// A queue and its client's ring: what one sync or one controller at a time may use.
pub struct QueueState<Q, R> {
    queue: Q,
    ring: R,
    phase: Phase,
    /// There is no link: slots wait in the ring.
    deferred: bool,
    /// The ring had a client at the last start.
    had_client: bool,
    /// What a restart found wrong with the client's slots; the client's next sync returns it.
    pending: Option<SyncError>,
    /// The one condition that a sync checks: running, not deferred, nothing pending.
    ready: bool,
}

impl<Q: Queue, R: RingAccess> QueueState<Q, R> {
    fn update_ready(&mut self) {
        self.ready = self.phase == Phase::Running && !self.deferred && self.pending.is_none();
    }

    fn set_phase(&mut self, phase: Phase) {
        self.phase = phase;
        self.update_ready();
    }

    /// Why `work` was not called: the error that is pending, or a pause.
    #[cold]
    fn not_ready<T>(&mut self) -> Result<Option<T>, SyncError> {
        if self.phase != Phase::Running || self.deferred {
            return Ok(None);
        }
        let pending = self.pending.take();
        self.update_ready();
        pending.map_or(Ok(None), Err)
    }

    /// Prepares the descriptors for a start; where the device finds them.
    pub(super) fn prepare(&mut self, crc: Crc, buffer_size: u32) -> RingSetup {
        self.queue.prepare(crc, buffer_size)
    }

    /// The device is about to stop: pauses the ring.
    pub(super) fn stopping(&mut self) {
        if self.phase == Phase::Running {
            self.set_phase(Phase::Stopping);
        }
    }

    /// The device has stopped: takes back what it has finished.
    pub(super) fn stopped(&mut self) {
        self.stopping();
        if self.phase == Phase::Stopping {
            let queue = &mut self.queue;
            // A ring that has lost its client has nobody to give anything back to.
            let _ = self.ring.with(|client, at| (queue.settle(client, at), ()));
            self.set_phase(Phase::Idle);
        }
    }

    /// The device runs and stands at 0: gives it the queue's share of the ring, if that has a client, and lets the ring go
    /// on. What another client left in a ring that has a new one is dropped.
    pub(super) fn started(&mut self, policy: Policy) {
        let policy = if self.had_client {
            policy
        } else {
            Policy::Drop
        };
        let queue = &mut self.queue;
        let restarted = self.ring.with(|client, at| {
            let outcome = queue.restart(client, at, policy);
            (outcome.at, outcome.fault)
        });
        self.had_client = restarted.is_some();
        self.pending = restarted.flatten();
        self.set_phase(if self.had_client {
            Phase::Running
        } else {
            Phase::Idle
        });
    }

    /// Lets slots wait in the ring, or lets them go on and announces again what the device has.
    pub(super) fn defer(&mut self, deferred: bool) {
        self.deferred = deferred;
        self.update_ready();
        if self.phase == Phase::Running && !deferred {
            let queue = &self.queue;
            let _ = self.ring.with(|_, at| {
                queue.announce(at);
                (at, ())
            });
        }
    }

    /// A sync of control's own; whether control could have the ring. What is refused changes nothing, so that the client's
    /// next sync finds it as well and returns it.
    fn sync_for_client(&mut self) -> bool {
        let QueueState { queue, ring, .. } = self;
        let synced = ring.with(|client, at| (queue.sync(client, at).at, ()));
        synced.is_some()
    }
}

/// A queue behind its gate: syncs go in one at a time, control closes it.
pub struct QueueSlot<Q, R> {
    gate: Gate<QueueState<Q, R>>,
    /// How the client's last sync ended: [`SERVED`], [`PAUSED`] or [`SYNCED_FOR`].
    client: AtomicU8,
}

/// The client's last sync was done.
const SERVED: u8 = 0;
/// It was paused, and what the client wants to hand over waits.
const PAUSED: u8 = 1;
/// It was paused; control has handed over since what the client wanted, and the client does not know.
const SYNCED_FOR: u8 = 2;

/// How often a sync looks again whether somebody who reads counters has left.
const READER_SPINS: u32 = 64;

impl<Q: Queue, R: RingAccess> QueueSlot<Q, R> {
    /// A queue that nothing was sent or received on, with its client's ring.
    pub const fn new(queue: Q, ring: R) -> QueueSlot<Q, R> {
        QueueSlot {
            gate: Gate::new(QueueState {
                queue,
                ring,
                phase: Phase::Idle,
                deferred: false,
                had_client: false,
                pending: None,
                ready: false,
            }),
            client: AtomicU8::new(SERVED),
        }
    }

    /// The client's sync: `work` does it, unless control has the queue, the device does not run or there is no link. `None`
    /// is a pause: nothing moved, and control does what was asked for as soon as the ring can go on.
    ///
    /// # Errors
    /// What `work` returns, or what a restart found wrong with the client's slots.
    #[inline(always)]
    pub fn sync<T>(
        &self,
        work: impl FnOnce(&mut Q, &mut R) -> Result<T, SyncError>,
    ) -> Result<Option<T>, SyncError> {
        let Some(mut inside) = self.gate.enter().or_else(|| self.enter_again()) else {
            return Ok(None);
        };
        let synced = if inside.ready {
            let QueueState { queue, ring, .. } = &mut *inside;
            work(queue, ring).map(Some)
        } else {
            inside.not_ready()
        };
        // Stored before the gate is left, so that control, which closes it before it lets the ring go on, finds it.
        let ended = match synced {
            Ok(None) => PAUSED,
            _ => SERVED,
        };
        if ended != self.client.load(Relaxed) {
            self.client.store(ended, Relaxed);
        }
        synced
    }

    /// Somebody was inside, or control has closed the gate. Control looks for paused clients after it opens the gate, and
    /// the fences order the two accesses of either side: control sees the pause, or this sees the open gate.
    #[cold]
    fn enter_again(&self) -> Option<crate::Entered<'_, QueueState<Q, R>>> {
        // What the client wrote before it asked is seen by whoever finds the pause.
        self.client.store(PAUSED, Release);
        fence(SeqCst);
        for _ in 0..READER_SPINS {
            let entered = self.gate.enter();
            if entered.is_some() || self.gate.is_closed() {
                return entered;
            }
            core::hint::spin_loop();
        }
        None
    }

    /// Whether the client's last sync was paused: the device may have nothing to interrupt for, so its target wakes it.
    pub fn is_client_paused(&self) -> bool {
        self.client.load(Relaxed) != SERVED
    }

    /// What the queue counted; `None` while control or a sync has the queue.
    pub fn counters(&self) -> Option<Q::Counters> {
        self.gate.enter().map(|inside| inside.queue.counters())
    }

    /// Keeps syncs out; `relax` is called while one is still at work.
    pub(super) fn close(&self, relax: impl FnMut()) -> Closed<'_, QueueState<Q, R>> {
        self.gate.close_in_turn(relax)
    }

    /// Hands over what a paused client wanted to, if the ring can go on. To be called with the gate open.
    pub(super) fn serve_paused_client(&self, mut relax: impl FnMut()) {
        loop {
            fence(SeqCst);
            if self.client.load(Relaxed) != PAUSED {
                return;
            }
            let mut inside = self.close(&mut relax);
            if !inside.ready {
                return;
            }
            let taken = self
                .client
                .compare_exchange(PAUSED, SYNCED_FOR, Acquire, Relaxed);
            // The client may have come back before the gate was closed.
            if taken.is_err() {
                return;
            }
            if !inside.sync_for_client() {
                self.client.store(PAUSED, Relaxed);
                return;
            }
        }
    }
}
