//! The kring: a client ring and the sync's private state. In a kernel this is netmap's `struct netmap_kring`.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::abi::RingHeader;
use crate::{ClientRing, NmIdx, Outcome, Positions, Progress, SlotCell, SyncError};

/// Header and slots of a client ring, wherever they are mapped.
pub trait RingMemory {
    /// The ring's header.
    fn header(&self) -> &RingHeader;
    /// The ring's slots.
    fn slots(&self) -> &[SlotCell];
}

/// A client ring with the positions that the client cannot access.
#[derive(Debug)]
pub struct Kring<R> {
    ring: R,
    at: Positions,
    /// The `tail` as last published to the client.
    shown: NmIdx,
}

impl<R: RingMemory> Kring<R> {
    /// A kring over `ring` that starts at `at`; the ring's positions are set to it.
    pub fn new(ring: R, at: Positions) -> Kring<R> {
        let shown = at.hwtail;
        let mut kring = Kring { ring, at, shown };
        kring.take_back();
        kring.show_tail();
        kring
    }

    /// The client ring.
    pub fn ring(&self) -> &R {
        &self.ring
    }

    /// The ring's positions.
    pub fn positions(&self) -> Positions {
        self.at
    }

    /// Sets the positions after a restart. The client does not notice: `head` and `cur` are unchanged, and `tail` moves
    /// with the next sync.
    pub fn restarted(&mut self, at: Positions) {
        self.at = at;
    }

    /// The slots together with the pool that their buffers come from.
    pub fn client<'a, P>(&'a self, pool: &'a P) -> ClientRing<'a, P> {
        ClientRing {
            slots: self.ring.slots(),
            pool,
        }
    }

    /// One sync: reads the client's positions once, calls `sync`, and publishes the new tail.
    ///
    /// # Errors
    /// The error of `sync`, or `cur` is out of range; `head` and `cur` are then set back to `hwcur`.
    #[inline(always)]
    pub fn sync<P>(
        &mut self,
        pool: &P,
        sync: impl FnOnce(&ClientRing<'_, P>, Positions) -> Outcome,
    ) -> Result<Progress, SyncError> {
        let header = self.ring.header();
        let head = header.head.load(Acquire);
        let cur = header.cur.load(Relaxed);
        let before = Positions {
            head: NmIdx(head),
            ..self.at
        };
        let client = ClientRing {
            slots: self.ring.slots(),
            pool,
        };
        // The real number of slots, whatever the client has written to `num_slots`.
        let slots = client.slots.len() as u32;
        let checked = self.check_cur(slots, head, cur);
        let outcome = match checked {
            Ok(()) => sync(&client, before),
            Err(fault) => Outcome::refused(before, fault),
        };
        self.at = outcome.at;
        let shown = self.shown;
        self.show_tail();
        match outcome.fault {
            None => Ok(Progress::Synced {
                handed: distance(slots, before.hwcur, outcome.at.hwcur),
                returned: distance(slots, shown, outcome.at.hwtail),
            }),
            Some(fault) => {
                // A device error does not change the client's positions.
                if checked.is_err() || outcome.at.head != before.head {
                    self.take_back();
                }
                Err(fault)
            }
        }
    }

    /// The queue reports a head out of range; `cur` only matters if head is in range.
    #[inline(always)]
    fn check_cur(&self, slots: u32, head: u32, cur: u32) -> Result<(), SyncError> {
        let tail = self.at.hwtail;
        // In most clients both are equal.
        if head >= slots || cur == head {
            return Ok(());
        }
        if cur >= slots
            || distance(slots, NmIdx(head), NmIdx(cur)) > distance(slots, NmIdx(head), tail)
        {
            return Err(SyncError::CurOutOfRange {
                cur,
                head,
                tail: tail.0,
            });
        }
        Ok(())
    }

    fn take_back(&self) {
        let header = self.ring.header();
        header.head.store(self.at.hwcur.0, Relaxed);
        header.cur.store(self.at.hwcur.0, Relaxed);
    }

    #[inline(always)]
    fn show_tail(&mut self) {
        self.shown = self.at.hwtail;
        self.ring.header().tail.store(self.shown.0, Release);
    }
}

#[inline(always)]
fn distance(slots: u32, from: NmIdx, to: NmIdx) -> u32 {
    if to.0 >= from.0 {
        to.0 - from.0
    } else {
        to.0 + slots - from.0
    }
}
