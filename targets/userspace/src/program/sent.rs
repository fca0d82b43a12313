//! Frames between a program and the wire of a port.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use netmap_core::{SyncError, TxCounters};

use super::{PATIENCE, Stop};
use crate::TxRing;

/// How long nothing may leave before the last frames are given up.
const LAST: Duration = Duration::from_secs(5);
/// The same after a stop request.
const STOPPED: Duration = Duration::from_millis(200);

/// The frames that were put into a transmit ring and have not left it.
#[derive(Debug)]
pub struct Sent {
    /// Bytes of each, oldest first.
    waiting: VecDeque<u32>,
    /// The ring's counters at the last look.
    seen: TxCounters,
}

/// What has left a ring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Left {
    /// Frames that the NIC has sent.
    pub frames: u64,
    /// Their bytes without CRC, as if frames that failed were the last ones of those that a sync returned: a ring
    /// [counts](TxCounters::failed) these, and which ones they were is only in their descriptors, which it fills again.
    /// If they have other lengths than the frames after them, the sum is off by the difference.
    pub bytes: u64,
    /// Frames that were dropped by a reset.
    pub dropped: u64,
    /// Frames that the NIC could not send.
    pub failed: u64,
}

impl Left {
    /// All of them.
    pub fn all(&self) -> u64 {
        self.frames + self.dropped + self.failed
    }

    /// Those with which the NIC has finished.
    pub fn finished(&self) -> u64 {
        self.frames + self.failed
    }
}

impl Sent {
    /// No frames yet; what `ring` has sent before does not count.
    pub fn through(ring: &TxRing) -> Sent {
        Sent {
            waiting: VecDeque::with_capacity(ring.slots() as usize),
            seen: ring.counters(),
        }
    }

    /// Adds a frame of `len` bytes that was put into the ring.
    pub fn put(&mut self, len: u32) {
        self.waiting.push_back(len);
    }

    /// What has left `ring` since the last call, according to its last sync.
    pub fn left(&mut self, ring: &TxRing) -> Left {
        let now = ring.counters();
        let failed = now.failed - self.seen.failed;
        let mut left = Left {
            frames: now.sent - self.seen.sent - failed,
            bytes: 0,
            dropped: now.dropped - self.seen.dropped,
            failed,
        };
        self.seen = now;
        for _ in 0..left.frames {
            left.bytes += u64::from(self.waiting.pop_front().unwrap_or(0));
        }
        for _ in 0..left.failed + left.dropped {
            self.waiting.pop_front();
        }
        left
    }

    /// Frames that were put into the ring and are not known to have left it.
    pub fn outstanding(&self) -> u64 {
        self.waiting.len() as u64
    }

    /// Waits until everything has left `ring`, and passes on what does. Gives up once nothing has left for 5 s, or for
    /// 200 ms after a stop request.
    ///
    /// # Errors
    /// As [`sync`](crate::QueueRing::sync).
    pub fn drain(
        &mut self,
        ring: &mut TxRing,
        stop: &Stop,
        mut pass_on: impl FnMut(Left),
    ) -> Result<(), SyncError> {
        let mut since = Instant::now();
        loop {
            // Before the counters: frames of an empty ring are all counted.
            let is_empty = ring.pending() == 0;
            let left = self.left(ring);
            if left != Left::default() {
                since = Instant::now();
                pass_on(left);
            }
            let patience = if stop.asked() { STOPPED } else { LAST };
            let rest = patience.saturating_sub(since.elapsed());
            if is_empty || rest.is_zero() {
                return Ok(());
            }
            ring.drain(rest.min(PATIENCE))?;
        }
    }
}
