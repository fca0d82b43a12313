//! The rings' API for programs: slots to fill, frames to read, and buffer exchange between rings.

mod rx;
#[cfg(test)]
mod tests;
mod tx;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::time::{Duration, Instant};

use netmap_core::abi::NS_BUF_CHANGED;
use netmap_core::{Progress, RingMemory as _, SlotCell, SyncError};

pub use rx::{Frame, Part, Received, RxRing};
pub use tx::{Reserved, TxRing, TxSlot};

use crate::port::{RingQueue, Woken};
use crate::{Error, Result, Ring};

/// A ring of a port: a [`TxRing`] or an [`RxRing`].
pub struct QueueRing<C> {
    ring: Ring,
    queue: Arc<dyn RingQueue<Counters = C>>,
    wakes: Wakes,
}

/// How those waits ended that found what they waited for after some time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wakes {
    /// Ended by an interrupt.
    pub reported: u64,
    /// Found by chance, because no wait for an interrupt is longer than 10 ms. Where interrupts work, this is rare.
    pub late: u64,
}

impl<C> QueueRing<C> {
    pub(crate) fn new(ring: Ring, queue: Arc<dyn RingQueue<Counters = C>>) -> QueueRing<C> {
        QueueRing {
            ring,
            queue,
            wakes: Wakes::default(),
        }
    }

    /// The ring in netmap's layout. A client may write anything there; syncs check all of it.
    pub fn raw(&self) -> &Ring {
        &self.ring
    }

    /// Slots of the ring.
    pub fn slots(&self) -> u32 {
        self.ring.slots().len() as u32
    }

    /// Hands released slots to the NIC, and reclaims sent ones or imports received frames.
    ///
    /// # Errors
    /// A slot is invalid: nothing of the batch was handed over. For a transmit ring, its slots have to be filled again;
    /// for a receive ring, a buffer index is out of range, or the device reported more bytes than a buffer has. Or the
    /// device is gone, or the port was closed.
    #[inline]
    pub fn sync(&mut self) -> Result<Progress, SyncError> {
        self.queue.sync()
    }

    /// The counters of the ring's queue.
    pub fn counters(&self) -> C {
        self.queue.counters()
    }

    /// How the waits on this ring ended.
    pub fn wakes(&self) -> Wakes {
        self.wakes
    }

    /// Slots that the client owns.
    fn owned(&self) -> u32 {
        Stretch::of(&self.ring, u32::MAX).left
    }

    /// Syncs until `done`, at most for `timeout`, sleeping until the device interrupts. Returns whether it was done.
    fn wait_until(
        &mut self,
        timeout: Duration,
        done: impl Fn(&Self) -> bool,
    ) -> Result<bool, SyncError> {
        let since = Instant::now();
        let mut woken = None;
        loop {
            let seen = self.queue.interrupts();
            let progress = self.queue.sync()?;
            if done(self) {
                match woken {
                    Some(Woken::Reported) => self.wakes.reported += 1,
                    Some(Woken::Late) => self.wakes.late += 1,
                    Some(Woken::TimedOut) | None => {}
                }
                return Ok(true);
            }
            let left = timeout.saturating_sub(since.elapsed());
            if left.is_zero() {
                return Ok(false);
            }
            woken = match progress {
                Progress::Paused => {
                    std::thread::sleep(left.min(Duration::from_millis(1)));
                    None
                }
                Progress::Synced { .. } => Some(self.queue.wait_interrupt(seen, left)),
            };
        }
    }
}

impl<C> fmt::Debug for QueueRing<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("QueueRing").field(&self.ring).finish()
    }
}

/// A range of the client's slots. Iterating over a copy looks ahead.
#[derive(Debug, Clone, Copy)]
struct Stretch<'a> {
    slots: &'a [SlotCell],
    at: u32,
    left: u32,
}

impl<'a> Stretch<'a> {
    /// The first `most` of the slots between the ring's `head` and its `tail`.
    fn of(ring: &'a Ring, most: u32) -> Stretch<'a> {
        let (header, slots) = (ring.header(), ring.slots());
        let head = header.head.load(Relaxed);
        let tail = header.tail.load(Acquire);
        Stretch {
            slots,
            at: head,
            left: owned(slots.len() as u32, head, tail).min(most),
        }
    }

    /// Moves `head` to the next slot; the slots before it go to the NIC with the next sync.
    fn release(&self, ring: &Ring) {
        let header = ring.header();
        header.cur.store(self.at, Relaxed);
        header.head.store(self.at, Release);
    }
}

impl<'a> Iterator for Stretch<'a> {
    type Item = &'a SlotCell;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let slot = self.slots.get(self.at as usize)?;
        self.at = match self.at as usize + 1 == self.slots.len() {
            true => 0,
            false => self.at + 1,
        };
        Some(slot)
    }
}

/// Slots from `head` to `tail`; none if one of them is out of range, which only an invalid client can cause.
fn owned(slots: u32, head: u32, tail: u32) -> u32 {
    if head >= slots || tail >= slots {
        0
    } else if tail >= head {
        tail - head
    } else {
        tail + slots - head
    }
}

/// Exchanges the buffers of two slots.
fn swap(one: (&Ring, &SlotCell), other: (&Ring, &SlotCell)) -> Result<()> {
    if !one.0.memory().is(other.0.memory()) {
        return Err(Error::OtherMemory);
    }
    one.0.memory().swap(one, other);
    // As netmap requires.
    set_flag(one.1, NS_BUF_CHANGED);
    set_flag(other.1, NS_BUF_CHANGED);
    Ok(())
}

fn set_flag(slot: &SlotCell, flag: u16) {
    let (len, flags) = slot.len_flags();
    slot.set_len_flags(len, flags | flag);
}
