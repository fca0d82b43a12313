//! One queue of a port: its descriptors, its client's ring, and its state on the device.

use super::client_gate::ClientGate;
use crate::{
    Bus, ClientRing, Closed, Completion, Crc, Direction, Dma as _, DmaAddr, Outcome, Policy, Pool,
    Positions, RingSetup, RxCounters, RxFormat, RxQueue, SyncError, TxCounters, TxFormat, TxQueue,
};

/// Operations of control on a queue of either direction.
pub trait Queue: Send {
    /// Direction of its frames.
    const DIRECTION: Direction;
    /// Its counters.
    type Counters;

    /// One sync: netmap's `txsync` or `rxsync`.
    fn sync<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Outcome;
    /// Returns slots that the device has finished, without handing over any.
    fn settle<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Positions;
    /// Restarts the queue on a running device that starts at 0.
    fn restart<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        at: Positions,
        policy: Policy,
    ) -> Outcome;
    /// Clears the descriptors for a device that starts at 0. `crc` is its treatment of received CRCs. Returns the setup
    /// of the ring, with buffers of `buffer_size` bytes.
    fn prepare(&mut self, crc: Crc, buffer_size: u32) -> RingSetup;
    /// Repeats the doorbell for descriptors already handed over.
    fn announce(&self, at: Positions);
    /// The counters of the queue.
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

    /// Received frames already belong to the client, so none are resent or dropped.
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
            // This and the address are unused on receive.
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

/// Access of control to the client's ring of a queue, which each target stores differently.
pub trait RingAccess: Send {
    /// The device's addresses of the ring's buffers.
    type Pool<'a>: Pool;

    /// Calls `work` with the ring and its positions, and stores the positions that it returns.
    ///
    /// `None`, without a call, if the ring has no client or is not available to control now.
    fn with<R>(
        &mut self,
        work: impl FnOnce(&ClientRing<'_, Self::Pool<'_>>, Positions) -> (Positions, R),
    ) -> Option<R>;
}

/// The state of a queue on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Not in use: syncs pause.
    Idle,
    /// Running.
    Running,
    /// The device is being stopped: syncs pause, and finished slots have not been returned yet.
    Stopping,
    /// The device is gone: syncs return this.
    Gone,
}

/// A queue and its client's ring, accessed by one sync or one controller at a time.
pub struct QueueState<Q, R> {
    queue: Q,
    ring: R,
    phase: Phase,
    /// The link is down: slots wait in the ring.
    deferred: bool,
    /// The ring had a client at the last start, and still has the same.
    had_client: bool,
    /// An error in the client's slots, found by a restart; the client's next sync returns it.
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

    /// The reason why `work` is not called: the pending error, or a pause.
    #[cold]
    fn not_ready<T>(&mut self) -> Result<Option<T>, SyncError> {
        if self.phase == Phase::Gone {
            return Err(SyncError::DeviceGone);
        }
        if self.phase != Phase::Running || self.deferred {
            return Ok(None);
        }
        let pending = self.pending.take();
        self.update_ready();
        pending.map_or(Ok(None), Err)
    }

    /// Prepares the descriptors for a start. Returns the setup of the ring.
    pub(super) fn prepare(&mut self, crc: Crc, buffer_size: u32) -> RingSetup {
        self.queue.prepare(crc, buffer_size)
    }

    /// Pauses the ring before the device is stopped.
    pub(super) fn stopping(&mut self) {
        if self.phase == Phase::Running {
            self.set_phase(Phase::Stopping);
        }
    }

    /// Returns the slots that the stopped device has finished.
    pub(super) fn stopped(&mut self) {
        self.stopping();
        if self.phase == Phase::Stopping {
            let queue = &mut self.queue;
            // If the ring has lost its client, nothing is returned.
            let _ = self.ring.with(|client, at| (queue.settle(client, at), ()));
            self.set_phase(Phase::Idle);
        }
    }

    /// From now on syncs return that the device is gone, until the queue is started again.
    pub(super) fn lost(&mut self) {
        self.set_phase(Phase::Gone);
    }

    /// Restarts the queue on a running device that starts at 0, if the ring has a client. If the client is new, frames
    /// of the previous one are dropped.
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

    /// The next client of the ring is another one.
    pub(super) fn client_left(&mut self) {
        self.had_client = false;
    }

    /// Defers the slots of the ring, or resumes the ring and repeats its doorbell.
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

    /// Syncs for a paused client. Returns whether the ring was running and available. An error changes nothing, so the
    /// client's next sync returns it.
    fn sync_for_client(&mut self) -> bool {
        let QueueState {
            queue, ring, ready, ..
        } = self;
        *ready
            && ring
                .with(|client, at| (queue.sync(client, at).at, ()))
                .is_some()
    }
}

/// A queue behind its gate.
pub struct QueueGate<Q, R>(ClientGate<QueueState<Q, R>>);

impl<Q: Queue, R: RingAccess> QueueGate<Q, R> {
    /// An idle queue with its client's ring.
    pub fn new(queue: Q, ring: R) -> QueueGate<Q, R> {
        QueueGate(ClientGate::new(QueueState {
            queue,
            ring,
            phase: Phase::Idle,
            deferred: false,
            had_client: false,
            pending: None,
            ready: false,
        }))
    }

    /// The client's sync: calls `work`, unless control has closed the gate, the device does not run or the link is
    /// down. `None` is a pause: nothing moved, and control syncs for the client as soon as the ring runs again. Before a
    /// pause is recorded, `on_pause` stores what control will need for that, such as the client's `head`; with
    /// `Release`, because control may read it before it reads of the pause.
    ///
    /// # Errors
    /// The error of `work`, or an error in the client's slots that a restart found.
    #[inline(always)]
    pub fn sync<T>(
        &self,
        on_pause: impl Fn(),
        work: impl FnOnce(&mut Q, &mut R) -> Result<T, SyncError>,
    ) -> Result<Option<T>, SyncError> {
        self.0.sync(on_pause, |state| {
            if state.ready {
                work(&mut state.queue, &mut state.ring).map(Some)
            } else {
                state.not_ready()
            }
        })
    }

    /// Whether the client's last sync was paused, even if control has synced for it since. The device may then have no
    /// reason to interrupt, so the target must wake the client.
    pub fn is_client_paused(&self) -> bool {
        self.0.is_client_paused()
    }

    /// The counters of the queue; `None` while control or a sync is inside.
    pub fn counters(&self) -> Option<Q::Counters> {
        self.0.enter().map(|inside| inside.queue.counters())
    }

    /// Excludes syncs; calls `relax` while one is still running.
    pub(super) fn close(&self, relax: impl FnMut()) -> Closed<'_, QueueState<Q, R>> {
        self.0.close(relax)
    }

    /// Syncs for a paused client if the ring runs. Call this with the gate open.
    pub(super) fn serve_paused_client(&self, relax: impl FnMut()) {
        self.0.serve(relax, QueueState::sync_for_client);
    }
}
