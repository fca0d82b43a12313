//! A queue of a port behind a trait that does not depend on NIC and bus.

use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::thread;
use std::time::Duration;

use netmap_core::lifecycle::{Queue, QueueGate, RingAccess};
use netmap_core::{
    ClientRing, Driver, Kring, LinearPool, NmIdx, Positions, Progress, RingMemory as _, SyncError,
};

use super::interrupts::{Interrupts, Woken};
use crate::bus::UserBus;
use crate::{QueueRing, Ring};

/// The functions that a ring calls, with one virtual call per sync.
pub(crate) trait RingQueue: Send + Sync {
    type Counters;

    /// One sync; paused while control has closed the gate.
    fn sync(&self) -> Result<Progress, SyncError>;
    /// The counters of the queue.
    fn counters(&self) -> Self::Counters;
    /// The number of interrupts that reported the queue.
    fn interrupts(&self) -> u64;
    /// Waits until more than `seen` interrupts have reported the queue, at most about `timeout`; may return early.
    fn wait_interrupt(&self, seen: u64, timeout: Duration) -> Woken;
}

/// A client's ring in the memory of its port.
pub(crate) struct PortRing {
    kring: Kring<Ring>,
    /// The client's `head` at its last paused sync: control hands over no slot that was released after it.
    asked: Arc<AtomicU32>,
    pool: LinearPool,
}

impl RingAccess for PortRing {
    type Pool<'a> = LinearPool;

    fn with<R>(
        &mut self,
        work: impl FnOnce(&ClientRing<'_, LinearPool>, Positions) -> (Positions, R),
    ) -> Option<R> {
        let at = Positions {
            head: NmIdx(self.asked.load(Acquire)),
            ..self.kring.positions()
        };
        let (at, result) = work(&self.kring.client(&self.pool), at);
        self.kring.restarted(at);
        Some(result)
    }
}

/// A queue of the port, and the interrupts that wake the threads that wait for it.
pub(super) struct PortQueue<Q, D, B> {
    pub(super) gate: QueueGate<Q, PortRing>,
    ring: Ring,
    asked: Arc<AtomicU32>,
    number: u32,
    interrupts: Arc<Interrupts<D, B>>,
    /// The port was dropped, so a pause does not end.
    closed: AtomicBool,
}

impl<Q: Queue + 'static, D: Driver, B: UserBus> PortQueue<Q, D, B> {
    pub(super) fn new(
        queue: Q,
        kring: Kring<Ring>,
        pool: LinearPool,
        number: u32,
        interrupts: &Arc<Interrupts<D, B>>,
    ) -> Arc<PortQueue<Q, D, B>> {
        let (ring, asked) = (kring.ring().clone(), Arc::<AtomicU32>::default());
        let access = PortRing {
            kring,
            asked: Arc::clone(&asked),
            pool,
        };
        Arc::new(PortQueue {
            gate: QueueGate::new(queue, access),
            ring,
            asked,
            number,
            interrupts: Arc::clone(interrupts),
            closed: AtomicBool::new(false),
        })
    }

    /// From now on syncs that would pause return that the port was closed.
    pub(super) fn close(&self) {
        self.closed.store(true, Relaxed);
    }

    /// The ring for a program.
    pub(super) fn program_ring(self: &Arc<Self>) -> QueueRing<Q::Counters> {
        QueueRing::new(self.ring.clone(), Arc::clone(self) as _)
    }
}

impl<Q: Queue, D: Driver, B: UserBus> RingQueue for PortQueue<Q, D, B> {
    type Counters = Q::Counters;

    fn sync(&self) -> Result<Progress, SyncError> {
        let on_pause = || {
            let head = self.ring.header().head.load(Relaxed);
            // Control may read this before it reads of the pause; it then reads slots up to it.
            self.asked.store(head, Release);
        };
        let synced = self.gate.sync(on_pause, |queue, ring| {
            let PortRing { kring, pool, .. } = ring;
            kring.sync(pool, |client, at| queue.sync(client, at))
        })?;
        match synced {
            Some(progress) => Ok(progress),
            None if self.closed.load(Relaxed) => Err(SyncError::PortClosed),
            None => Ok(Progress::Paused),
        }
    }

    fn counters(&self) -> Q::Counters {
        loop {
            if let Some(counters) = self.gate.counters() {
                return counters;
            }
            thread::yield_now();
        }
    }

    fn interrupts(&self) -> u64 {
        self.interrupts.count(self.number)
    }

    fn wait_interrupt(&self, seen: u64, timeout: Duration) -> Woken {
        self.interrupts.wait(self.number, seen, timeout)
    }
}
