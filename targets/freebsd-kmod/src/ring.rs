//! A queue of a port with its ring of netmap's, and what people may ask of it.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use netmap_core::lifecycle::{Queue, QueueGate, RingAccess};
use netmap_core::{
    ClientRing, Direction, Gate, Positions, RxCounters, SyncError, TablePool, TxCounters,
};

use crate::boundary::{RX, TX};
use crate::bus::Device;

/// The ring of one sync.
type Client<'a> = ClientRing<'a, TablePool<'a>>;

/// A ring of netmap's, which the kernel's half keeps.
pub(crate) struct KernelRing {
    pub(crate) device: Device,
    pub(crate) direction: Direction,
    pub(crate) queue: u32,
    /// The positions that control stored last, until a sync takes them: that sync may have read netmap's own before.
    stored: Option<Positions>,
}

impl RingAccess for KernelRing {
    type Pool<'a> = TablePool<'a>;

    fn with<R>(
        &mut self,
        work: impl FnOnce(&ClientRing<'_, TablePool<'_>>, Positions) -> (Positions, R),
    ) -> Option<R> {
        let direction = match self.direction {
            Direction::Tx => TX,
            Direction::Rx => RX,
        };
        let stored = &mut self.stored;
        self.device.with_ring(direction, self.queue, |client, at| {
            let (at, result) = work(client, at);
            *stored = Some(at);
            (at, result)
        })
    }
}

/// How many numbers `RingQueue::counters` has.
pub(crate) const COUNTERS: usize = 6;

/// The counters of a queue in the order in which people see them: frames handed over or received, sent, dropped, with errors;
/// impossible states of the device.
pub(crate) trait Numbers {
    fn numbers(&self) -> [u64; COUNTERS - 1];
}

impl Numbers for TxCounters {
    fn numbers(&self) -> [u64; COUNTERS - 1] {
        [
            self.handed,
            self.sent,
            self.dropped,
            self.failed,
            self.faults,
        ]
    }
}

impl Numbers for RxCounters {
    fn numbers(&self) -> [u64; COUNTERS - 1] {
        let errors = self.errors + self.overlong;
        [self.received, 0, 0, errors, self.faults]
    }
}

/// How a sync ended, with the positions it leaves.
pub(crate) enum Synced {
    Done(Positions),
    Paused,
    Refused(Positions),
    /// The ring was not looked at: the positions are those that control stored, which may be newer than the caller's.
    Failed,
}

/// A queue of a port.
pub(crate) struct RingQueue<Q> {
    pub(crate) gate: QueueGate<Q, KernelRing>,
    /// Syncs that were refused.
    refused: AtomicU64,
    /// Why the last of them was.
    why: Gate<Option<SyncError>>,
}

impl<Q: Queue<Counters: Numbers>> RingQueue<Q> {
    pub(crate) fn new(device: Device, number: u32, queue: Q) -> RingQueue<Q> {
        let ring = KernelRing {
            device,
            direction: Q::DIRECTION,
            queue: number,
            stored: None,
        };
        RingQueue {
            gate: QueueGate::new(queue, ring),
            refused: AtomicU64::new(0),
            why: Gate::new(None),
        }
    }

    /// One sync; paused while control has the queue.
    #[inline(always)]
    pub(crate) fn sync(&self, client: &Client<'_>, at: Positions) -> Synced {
        let mut after = None;
        let synced = self.gate.sync(
            // netmap keeps `rhead`, the client's head.
            || (),
            |queue, ring| {
                let at = match ring.stored.take() {
                    Some(stored) => Positions {
                        head: at.head,
                        ..stored
                    },
                    None => at,
                };
                let outcome = queue.sync(client, at);
                after = Some(outcome.at);
                outcome.fault.map_or(Ok(()), Err)
            },
        );
        if let Err(error) = synced {
            self.refused.fetch_add(1, Relaxed);
            if let Some(mut why) = self.why.enter() {
                *why = Some(error);
            }
        }
        match (synced, after) {
            (Ok(_), Some(after)) => Synced::Done(after),
            (Ok(_), None) => Synced::Paused,
            (Err(_), Some(after)) => Synced::Refused(after),
            (Err(_), None) => Synced::Failed,
        }
    }

    /// Why a sync was refused last; `None` if none was.
    pub(crate) fn why_refused(&self) -> Option<SyncError> {
        self.why.enter().and_then(|why| *why)
    }

    /// What the queue counted, and the syncs refused last; `None` while control or a sync has the queue.
    pub(crate) fn counters(&self) -> Option<[u64; COUNTERS]> {
        let [first, sent, dropped, errors, faults] = self.gate.counters()?.numbers();
        let refused = self.refused.load(Relaxed);
        Some([first, sent, dropped, errors, faults, refused])
    }
}
