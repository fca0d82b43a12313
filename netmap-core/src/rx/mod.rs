//! The receive queue: the one `rxsync`.

mod import;
#[cfg(feature = "model")]
mod state;

use core::fmt;
use core::marker::PhantomData;
use core::sync::atomic::Ordering::{Acquire, Relaxed};

use crate::ring::NicRing;
use crate::run::{Run, Turned, check_positions, each};
use crate::{
    Bus, ClientRing, Crc, Doorbell, Geometry, NicIdx, NmIdx, Outcome, Pool, Positions, RxFormat,
    SyncError,
};
use import::{Odd, Source, import_good};
#[cfg(feature = "model")]
pub use state::RxState;

/// Syncs without a frame after which it is looked whether the device finished a later descriptor first.
const PATIENCE: u32 = 64;

/// What a receive queue counted since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RxCounters {
    /// Frames returned to the client.
    pub received: u64,
    /// Frames dropped, their slots returned empty: the NIC marked them as bad, or they are not whole.
    pub errors: u64,
    /// Frames dropped likewise: the NIC reported more bytes than a buffer has.
    pub overlong: u64,
    /// Syncs refused.
    pub refused: u64,
    /// Times that, for 64 syncs in a row, the device had finished a later descriptor and not the oldest.
    pub faults: u64,
}

/// A receive ring of descriptors and its doorbell.
///
/// Every slot that is not the client's is the queue's, `owned` of them from `hwtail` on. The first `armed` of those carry
/// a buffer, normally all; they are offered to the NIC but for the last slot before `hwcur`, which keeps a ring full of
/// frames apart from an empty one.
pub struct RxQueue<F, B: Bus> {
    ring: NicRing<B>,
    /// Of the frames in the ring.
    crc: Crc,
    owned: u32,
    armed: u32,
    rung: NicIdx,
    /// Slots returned, with a frame or empty.
    imported: u64,
    /// Syncs in a row that found nothing.
    idle_syncs: u32,
    odd: Odd,
    format: PhantomData<fn() -> F>,
}

impl<F: RxFormat, B: Bus> RxQueue<F, B> {
    /// A queue of `slots` descriptors in `ring`, announced by `doorbell`; nothing is offered yet.
    ///
    /// Call [`prepare`](Self::prepare) before the NIC's queue is enabled and [`restart`](Self::restart) once the NIC runs.
    /// `None` if `ring` is too small or `slots` above 8192.
    pub fn new(bus: B, doorbell: Doorbell, ring: B::Dma, slots: u32) -> Option<Self> {
        Some(RxQueue {
            ring: NicRing::new(bus, doorbell, ring, slots, slots as usize * 2)?,
            crc: Crc::Stripped,
            owned: slots,
            armed: 0,
            rung: NicIdx(0),
            imported: 0,
            idle_syncs: 0,
            odd: Odd::default(),
            format: PhantomData,
        })
    }

    /// What the queue counted.
    pub fn counters(&self) -> RxCounters {
        RxCounters {
            received: self.imported - self.odd.empty - self.odd.further,
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
    /// returned all the same. A frame over several slots is returned once its end is there. One that the NIC reports as
    /// bad takes its slots with length 0.
    #[inline]
    pub fn sync<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Outcome {
        if let Err(fault) = check_positions(&self.ring.geometry, client.slots, at) {
            self.odd.counters.refused += 1;
            return Outcome::refused(at, fault);
        }
        // Offered first: on an owner-bit ring the NIC may have filled the last slot before `hwcur` as well.
        let refilled = self.refill(client, at.head, at.hwtail);
        let (hwtail, lie) = self.import(client, at.hwtail);
        if hwtail == at.hwtail {
            self.wait(hwtail);
        } else {
            self.idle_syncs = 0;
        }
        match refilled {
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

    /// Makes the ring fit for a NIC that starts at 0 and treats the CRC of frames as `crc` says: no descriptor is the NIC's,
    /// none is done.
    ///
    /// To be called before the NIC's queue is enabled, since some look at descriptors at once;
    /// [`restart`](Self::restart) follows. Frames that the NIC received before are to be [settled](Self::settle) by then.
    pub fn prepare(&mut self, crc: Crc) {
        self.ring.forget();
        self.crc = crc;
    }

    /// Rings the doorbell again for what is offered already, as when the link came back.
    pub fn announce(&self) {
        self.ring.announce(self.rung);
    }

    /// The NIC restarted at 0: the client's side stays, frames it has not read among it, and every other slot is offered
    /// to the NIC anew.
    ///
    /// A slot whose buffer is not a client's stops the offering there; it is tried again at every sync.
    pub fn restart<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Outcome {
        self.ring.forget();
        self.armed = 0;
        self.odd.dropping = false;
        self.idle_syncs = 0;
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
        let geometry = self.ring.geometry;
        let crc = self.crc.bytes();
        let all = self.ring.descriptors();
        let (mut at, mut lie) = (hwtail, None);
        while left > 0 {
            let Some(run) = Run::next(&geometry, client.slots, all, at, left, false) else {
                break;
            };
            if !self.odd.dropping {
                let done = import_good::<F>(&run, 0, buffer_size, crc);
                at = geometry.advance(at, done);
                left -= done;
                if done == run.len {
                    continue;
                }
            }
            let source = Source {
                geometry,
                slots: client.slots,
                descriptors: all,
                buffer_size,
                crc,
            };
            let done = self.odd.import::<F>(source, at, left, &mut lie);
            if done == 0 {
                break;
            }
            at = geometry.advance(at, done);
            left -= done;
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

    /// Another sync without a frame: the device may have finished a later descriptor first.
    fn wait(&mut self, hwtail: NmIdx) {
        self.idle_syncs = self.idle_syncs.wrapping_add(1);
        if !self.idle_syncs.is_multiple_of(PATIENCE) || self.offered() < 2 {
            return;
        }
        let geometry = &self.ring.geometry;
        let is_done = |at: NmIdx| {
            let descriptor = self.ring.descriptors().get(geometry.to_nic(at).0 as usize);
            descriptor.is_some_and(|words| {
                let status = words[F::STATUS_WORD].load(Acquire);
                status & F::DONE_MASK == F::DONE
            })
        };
        // The later one is looked at first: the oldest is done by then. If it is, it begins a frame without end yet.
        if is_done(geometry.advance(hwtail, 1)) && !is_done(hwtail) {
            self.odd.counters.faults += 1;
        }
    }

    /// Arms what is not armed of the slots up to `head`; on an error nothing of it counts.
    #[inline(always)]
    fn refill<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        head: NmIdx,
        hwtail: NmIdx,
    ) -> Result<(), SyncError> {
        let owned = self.ring.slots() - self.ring.geometry.distance(head, hwtail);
        if self.armed >= owned {
            return Ok(());
        }
        let from = self.ring.geometry.advance(hwtail, self.armed);
        let armed = self.arm::<P>(client, from, owned - self.armed);
        match armed {
            (_, None) => {
                self.hand_over(from);
                self.owned = owned;
                self.armed = owned;
                Ok(())
            }
            (_, Some(fault)) => {
                if F::OWNER != 0 {
                    self.withdraw(from, owned - self.armed);
                }
                Err(fault)
            }
        }
    }

    /// Arms the queue's slots up to the first that is not fit for it.
    fn refill_as_far_as_possible<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        at: Positions,
    ) -> Option<SyncError> {
        self.owned = self.ring.slots() - self.ring.geometry.distance(at.hwcur, at.hwtail);
        let (armed, fault) = self.arm::<P>(client, at.hwtail, self.owned);
        if armed > 0 {
            self.hand_over(at.hwtail);
        }
        self.armed = armed;
        fault
    }

    /// Encodes descriptors for `count` slots from `from` on, up to the first whose buffer is not a client's; how many, and
    /// which one that was. The first lacks its owner bits.
    #[inline(always)]
    fn arm<P: Pool>(
        &self,
        client: &ClientRing<'_, P>,
        from: NmIdx,
        count: u32,
    ) -> (u32, Option<SyncError>) {
        let geometry = &self.ring.geometry;
        let all = self.ring.descriptors();
        let mut armed = 0;
        while armed < count {
            let at = geometry.advance(from, armed);
            let held = F::OWNER != 0 && armed == 0;
            let marked = F::END_OF_RING != 0;
            let left = count - armed;
            let Some(run) = Run::next(geometry, client.slots, all, at, left, marked) else {
                let slots = geometry.slots();
                return (armed, Some(SyncError::NotThisRing { slots }));
            };
            let turned = Turned::of(geometry, run.nic, F::END_OF_RING, F::OWNER);
            let done = arm_run::<F, P>(&run, *client.pool, turned, held);
            armed += done;
            if let Some(cell) = run.slots.get(done as usize) {
                let fault = SyncError::BufferOutOfRange {
                    slot: run.nm.0 + done,
                    buffer: cell.buffer().0,
                };
                return (armed, Some(fault));
            }
        }
        (armed, None)
    }

    /// Gives the NIC the descriptor whose owner bits were kept back, and with it those behind.
    #[inline(always)]
    fn hand_over(&self, first: NmIdx) {
        if F::OWNER != 0 {
            let first = self.ring.geometry.to_nic(first);
            self.ring.hand_over(first, F::STATUS_WORD, F::OWNER);
        }
    }

    /// Takes back what a refused batch left in descriptors.
    #[cold]
    fn withdraw(&self, from: NmIdx, count: u32) {
        for by in 0..count {
            let at = self.ring.geometry.advance(from, by);
            self.ring
                .clear(self.ring.geometry.to_nic(at), F::STATUS_WORD);
        }
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

/// Offers the buffers of a run, up to the first that is not a client's, with some bits of the status word turned over;
/// how many.
#[inline(always)]
fn arm_run<F: RxFormat, P: Pool>(run: &Run<'_>, pool: P, turned: Turned, held: bool) -> u32 {
    each(
        run.slots,
        run.descriptors,
        held,
        |slot, descriptor, held| {
            let Some(buffer) = pool.dma(slot.buffer()) else {
                return false;
            };
            let mut words = F::arm(buffer);
            words[F::STATUS_WORD] ^= turned.bits(held);
            descriptor[1 - F::STATUS_WORD].store(words[1 - F::STATUS_WORD], Relaxed);
            descriptor[F::STATUS_WORD].store(words[F::STATUS_WORD], Relaxed);
            true
        },
    )
}
