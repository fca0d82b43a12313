//! The receive queue: the one `rxsync`.

use core::fmt;
use core::marker::PhantomData;
use core::sync::atomic::Ordering::Relaxed;

use crate::ring::NicRing;
use crate::run::{Run, check_positions};
use crate::{
    Bus, ClientRing, Doorbell, Geometry, NicIdx, NmIdx, Outcome, Pool, Positions, RxFormat,
    SyncError,
};

/// What a receive queue counted since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RxCounters {
    /// Slots returned to the client with a frame.
    pub received: u64,
    /// Slots returned empty: the NIC marked the frame as bad, or the slot holds a part of one.
    pub errors: u64,
    /// Slots returned empty: the NIC reported more bytes than a buffer has.
    pub overlong: u64,
    /// Syncs refused.
    pub refused: u64,
}

/// A receive ring of descriptors and its doorbell.
///
/// Every slot that is not the client's is the queue's, `owned` of them from `hwtail` on. The first `armed` of those carry
/// a buffer, normally all; they are offered to the NIC but for the last slot before `hwcur`, which keeps a ring full of
/// frames apart from an empty one.
pub struct RxQueue<F, B: Bus> {
    ring: NicRing<B>,
    owned: u32,
    armed: u32,
    rung: NicIdx,
    /// Slots returned, with a frame or empty.
    imported: u64,
    odd: Odd,
    format: PhantomData<fn() -> F>,
}

impl<F: RxFormat, B: Bus> RxQueue<F, B> {
    /// A queue of `slots` descriptors in `ring`, announced by `doorbell`; nothing is offered yet.
    ///
    /// Call [`restart`](Self::restart) once the NIC runs. `None` if `ring` is too small or `slots` above 8192.
    pub fn new(bus: B, doorbell: Doorbell, ring: B::Dma, slots: u32) -> Option<Self> {
        Some(RxQueue {
            ring: NicRing::new(bus, doorbell, ring, slots)?,
            owned: slots,
            armed: 0,
            rung: NicIdx(0),
            imported: 0,
            odd: Odd::default(),
            format: PhantomData,
        })
    }

    /// What the queue counted.
    pub fn counters(&self) -> RxCounters {
        let RxCounters {
            errors, overlong, ..
        } = self.odd.counters;
        RxCounters {
            received: self.imported - errors - overlong,
            ..self.odd.counters
        }
    }

    /// Slots of the ring, and where the NIC's side stands.
    pub fn geometry(&self) -> Geometry {
        self.ring.geometry
    }

    /// The descriptor ring, as the device sees it.
    pub fn ring(&self) -> &B::Dma {
        self.ring.memory()
    }

    /// Positions of a ring that nothing was received on.
    pub fn idle(&self) -> Positions {
        Positions {
            hwcur: NmIdx(0),
            hwtail: NmIdx(0),
            head: NmIdx(0),
        }
    }

    /// Returns received frames to the client and offers the slots from `hwcur` to `head` to the NIC again.
    ///
    /// A batch with a mistake is refused whole: `hwcur` stays, `head` is `hwcur`; frames received meanwhile are
    /// returned all the same. A frame that the NIC reports as bad takes its slot with length 0.
    #[inline]
    pub fn sync<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Outcome {
        if let Err(fault) = check_positions(&self.ring.geometry, client.slots, at) {
            self.odd.counters.refused += 1;
            return Outcome::refused(at, fault);
        }
        let (hwtail, lie) = self.import(client, at.hwtail);
        match self.refill(client, at.head, hwtail) {
            Ok(()) => {
                self.ring_doorbell(hwtail);
                Outcome {
                    at: Positions {
                        hwcur: at.head,
                        hwtail,
                        head: at.head,
                    },
                    fault: lie,
                }
            }
            Err(fault) => {
                self.odd.counters.refused += 1;
                Outcome::refused(Positions { hwtail, ..at }, fault)
            }
        }
    }

    /// Returns received frames and offers nothing: the last look before a reset.
    pub fn settle<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Positions {
        match check_positions(&self.ring.geometry, client.slots, at.withdrawn()) {
            Ok(()) => Positions {
                hwtail: self.import(client, at.hwtail).0,
                ..at
            },
            Err(_) => at,
        }
    }

    /// The NIC restarted at 0: the client's side stays, frames it has not read among it, and every other slot is offered
    /// to the NIC anew.
    ///
    /// A slot whose buffer is not a client's stops the offering there; it is tried again at every sync.
    pub fn restart<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Outcome {
        self.ring.forget();
        self.armed = 0;
        self.odd.unfinished = false;
        if let Err(fault) = check_positions(&self.ring.geometry, client.slots, at.withdrawn()) {
            return Outcome {
                at,
                fault: Some(fault),
            };
        }
        self.ring.restart(at.hwtail);
        self.rung = NicIdx(u32::MAX);
        let fault = self.refill_as_far_as_possible(client, at);
        self.ring_doorbell(at.hwtail);
        Outcome { at, fault }
    }

    /// Descriptors offered to the NIC, from `hwtail` on.
    #[inline(always)]
    fn offered(&self) -> u32 {
        self.armed.min(self.owned.saturating_sub(1))
    }

    #[inline(always)]
    fn ring_doorbell(&mut self, hwtail: NmIdx) {
        let tail = self
            .ring
            .geometry
            .to_nic(self.ring.geometry.advance(hwtail, self.offered()));
        if tail != self.rung {
            self.rung = tail;
            self.ring.announce(tail);
        }
    }

    /// Returns done descriptors from `hwtail` on to the client; the new `hwtail`, and the device's lie if it told one.
    #[inline(always)]
    fn import<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        hwtail: NmIdx,
    ) -> (NmIdx, Option<SyncError>) {
        let mut left = self.offered();
        let buffer_size = client.pool.buffer_size();
        let all = self.ring.descriptors();
        let (mut at, mut lie) = (hwtail, None);
        while left > 0 {
            let Some(run) = Run::next(&self.ring.geometry, client.slots, all, at, left) else {
                break;
            };
            let mut done = 0;
            loop {
                if !self.odd.unfinished {
                    done += import_good::<F>(&run, done, buffer_size);
                }
                if done == run.len || !self.odd.import::<F>(&run, done, buffer_size, &mut lie) {
                    break;
                }
                done += 1;
            }
            at = self.ring.geometry.advance(at, done);
            left -= done;
            if done < run.len {
                break;
            }
        }
        let imported = self.ring.geometry.distance(hwtail, at);
        if imported > 0 {
            self.ring.bus().observe();
        }
        self.owned -= imported;
        self.armed -= imported;
        self.imported += u64::from(imported);
        (at, lie)
    }

    /// Arms what is not armed of the slots up to `head`; on an error nothing of it counts.
    #[inline(always)]
    fn refill<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        head: NmIdx,
        hwtail: NmIdx,
    ) -> Result<(), SyncError> {
        let slots = self.ring.slots();
        let owned = slots - self.ring.geometry.distance(head, hwtail);
        if self.armed >= owned {
            return Ok(());
        }
        let mut left = owned - self.armed;
        let mut at = self.ring.geometry.advance(hwtail, self.armed);
        let all = self.ring.descriptors();
        while left > 0 {
            let Some(run) = Run::next(&self.ring.geometry, client.slots, all, at, left) else {
                return Err(SyncError::NotThisRing { slots });
            };
            let done = arm_run::<F, P>(&run, *client.pool);
            if done < run.len {
                let slot = run.nm.0 + done;
                let buffer = run
                    .slots
                    .get(done as usize)
                    .map_or(0, |cell| cell.buffer().0);
                return Err(SyncError::BufferOutOfRange { slot, buffer });
            }
            at = self.ring.geometry.advance(at, run.len);
            left -= run.len;
        }
        self.owned = owned;
        self.armed = owned;
        Ok(())
    }

    /// Arms the queue's slots one by one until one of them fails.
    fn refill_as_far_as_possible<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        at: Positions,
    ) -> Option<SyncError> {
        self.owned = self.ring.slots() - self.ring.geometry.distance(at.hwcur, at.hwtail);
        let all = self.ring.descriptors();
        while self.armed < self.owned {
            let nm = self.ring.geometry.advance(at.hwtail, self.armed);
            let run = Run::next(
                &self.ring.geometry,
                client.slots,
                all,
                nm,
                self.owned - self.armed,
            )?;
            let done = arm_run::<F, P>(&run, *client.pool);
            self.armed += done;
            if done < run.len {
                let buffer = run
                    .slots
                    .get(done as usize)
                    .map_or(0, |cell| cell.buffer().0);
                return Some(SyncError::BufferOutOfRange {
                    slot: run.nm.0 + done,
                    buffer,
                });
            }
        }
        None
    }
}

impl<F, B: Bus> fmt::Debug for RxQueue<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RxQueue")
            .field("geometry", &self.ring.geometry)
            .field("armed", &self.armed)
            .field("counters", &self.odd.counters)
            .finish_non_exhaustive()
    }
}

/// What the queue keeps of descriptors that are no good frame.
#[derive(Debug, Default)]
struct Odd {
    /// The last descriptor imported was not the last one of its frame.
    unfinished: bool,
    counters: RxCounters,
}

impl Odd {
    /// Returns a descriptor that `import_good` did not take, as an empty slot if it is done but not a good frame; false
    /// if it is not done.
    #[cold]
    fn import<F: RxFormat>(
        &mut self,
        run: &Run<'_>,
        at: u32,
        buffer_size: u32,
        lie: &mut Option<SyncError>,
    ) -> bool {
        let (Some(slot), Some(descriptor)) =
            (run.slots.get(at as usize), run.descriptors.get(at as usize))
        else {
            return false;
        };
        let status = descriptor[F::STATUS_WORD].load(Relaxed);
        if status & F::DONE != F::DONE {
            return false;
        }
        // The last part of a frame over several buffers looks like a frame, and is none.
        let part = self.unfinished;
        self.unfinished = status & F::LAST != F::LAST;
        let good = !part && status & F::GOOD_MASK == F::GOOD;
        let len = F::len(status);
        match len.checked_sub(F::CRC_BYTES) {
            // Not done when it was last looked at, and by now a frame like any other.
            Some(bytes) if good && u32::from(bytes) <= buffer_size => {
                slot.set_len_flags(bytes, 0);
                return true;
            }
            Some(_) if good => {
                self.counters.overlong += 1;
                *lie = Some(SyncError::ReceivedPastBuffer {
                    slot: run.nm.0 + at,
                    len,
                    buffer_size,
                });
            }
            _ => self.counters.errors += 1,
        }
        slot.set_len_flags(0, 0);
        true
    }
}

/// Returns good frames from `from` on, up to the first descriptor that is not one; how many.
#[inline(always)]
fn import_good<F: RxFormat>(run: &Run<'_>, from: u32, buffer_size: u32) -> u32 {
    let (Some(slots), Some(all)) = (
        run.slots.get(from as usize..),
        run.descriptors.get(from as usize..),
    ) else {
        return 0;
    };
    let mut done = 0;
    for (slot, descriptor) in slots.iter().zip(all) {
        let status = descriptor[F::STATUS_WORD].load(Relaxed);
        let len = F::len(status).wrapping_sub(F::CRC_BYTES);
        if status & (F::DONE | F::GOOD_MASK) != F::DONE | F::GOOD || u32::from(len) > buffer_size {
            break;
        }
        slot.set_len_flags(len, 0);
        done += 1;
    }
    done
}

/// Offers the buffers of a run, up to the first that is not a client's; how many.
#[inline(always)]
fn arm_run<F: RxFormat, P: Pool>(run: &Run<'_>, pool: P) -> u32 {
    let mut done = 0;
    for (slot, descriptor) in run.slots.iter().zip(run.descriptors) {
        let Some(buffer) = pool.dma(slot.buffer()) else {
            break;
        };
        let [first, second] = F::arm(buffer);
        descriptor[0].store(first, Relaxed);
        descriptor[1].store(second, Relaxed);
        done += 1;
    }
    done
}
