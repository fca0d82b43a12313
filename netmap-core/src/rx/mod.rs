//! The receive queue: the only `rxsync`.

mod import;
#[cfg(feature = "model")]
mod state;

use core::fmt;
use core::marker::PhantomData;
use core::sync::atomic::Ordering::{Acquire, Relaxed};

use crate::ring::NicRing;
use crate::run::{OwnerBits, Run, check_positions, each};
use crate::{
    BufIdx, Bus, ClientRing, Crc, Doorbell, Geometry, NicIdx, NmIdx, Outcome, Pool, Positions,
    RxFormat, SyncError,
};
use import::{SlowPath, Source, import_good};
#[cfg(feature = "model")]
pub use state::RxState;

/// Syncs without a frame after which the queue checks whether the device completed a later descriptor first.
const PATIENCE: u32 = 64;

/// Counters of a receive queue since it was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RxCounters {
    /// Frames returned to the client.
    pub received: u64,
    /// Frames dropped, with their slots returned empty: the NIC marked them as bad, or they are incomplete.
    pub errors: u64,
    /// Frames dropped in the same way: the NIC reported more bytes than a buffer has.
    pub overlong: u64,
    /// Syncs refused.
    pub refused: u64,
    /// How often, for 64 syncs in a row, the device had completed a later descriptor and not the oldest.
    pub faults: u64,
}

/// A receive ring of descriptors and its doorbell.
///
/// The queue owns every slot that the client does not own, from `hwtail` on. The first `armed` of these are refilled and
/// belong to the NIC: normally all except the last slot before `hwcur`. That one stays free, so that a full ring
/// differs from an empty one, and so that the client can own every frame that the NIC has received.
pub struct RxQueue<F, B: Bus> {
    ring: NicRing<B>,
    /// What the NIC does with the CRC of the frames in the ring.
    crc: Crc,
    armed: u32,
    rung: NicIdx,
    /// Slots returned, with a frame or empty.
    imported: u64,
    /// Syncs in a row that found nothing.
    idle_syncs: u32,
    slow: SlowPath,
    format: PhantomData<fn() -> F>,
}

impl<F: RxFormat, B: Bus> RxQueue<F, B> {
    /// A queue of `slots` descriptors in `ring`, announced by `doorbell`; no slot is offered yet.
    ///
    /// Call [`prepare`](Self::prepare) before the NIC's queue is enabled and [`restart`](Self::restart) once the NIC
    /// runs. `None` if `ring` is too small or `slots` above 8192.
    pub fn new(bus: B, doorbell: Doorbell, ring: B::Dma, slots: u32) -> Option<Self> {
        Some(RxQueue {
            ring: NicRing::new(bus, doorbell, ring, slots, slots as usize * 2)?,
            crc: Crc::Stripped,
            armed: 0,
            rung: NicIdx(0),
            imported: 0,
            idle_syncs: 0,
            slow: SlowPath::default(),
            format: PhantomData,
        })
    }

    /// The queue's counters.
    pub fn counters(&self) -> RxCounters {
        RxCounters {
            received: self.imported - self.slow.empty - self.slow.further,
            ..self.slow.counters
        }
    }

    /// The ring's size and its offset between client and NIC.
    pub fn geometry(&self) -> Geometry {
        self.ring.geometry
    }

    /// The memory of the descriptor ring.
    pub fn ring(&self) -> &B::Dma {
        self.ring.memory()
    }

    /// Initial positions of a ring.
    pub fn idle(&self) -> Positions {
        Positions {
            hwcur: NmIdx(0),
            hwtail: NmIdx(0),
            head: NmIdx(0),
        }
    }

    /// Returns received frames to the client and refills the slots from `hwcur` to `head`.
    ///
    /// A batch with an error is refused whole: `hwcur` stays, and `head` is `hwcur`; received frames are still
    /// returned. A frame over several slots is returned once it is complete. A frame that the NIC reports as bad
    /// returns its slots with length 0.
    #[inline]
    pub fn sync<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Outcome {
        if let Err(fault) = check_positions(&self.ring.geometry, client.slots, at) {
            self.slow.counters.refused += 1;
            return Outcome::refused(at, fault);
        }
        let refilled = self.refill(client, at.head, at.hwtail);
        let (hwtail, device_error) = self.import(client, at.hwtail);
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
                    fault: device_error,
                }
            }
            Err(fault) => {
                self.slow.counters.refused += 1;
                Outcome::refused(Positions { hwtail, ..at }, fault)
            }
        }
    }

    /// Returns received frames without refilling: the last import before a reset.
    pub fn settle<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Positions {
        match check_positions(&self.ring.geometry, client.slots, at.withdrawn()) {
            Ok(()) => Positions {
                hwtail: self.import(client, at.hwtail).0,
                ..at
            },
            Err(_) => at,
        }
    }

    /// Clears the ring for a NIC that starts at 0 and treats the CRC of frames as `crc` says: the NIC owns no
    /// descriptor, and none is done.
    ///
    /// Call this before the NIC's queue is enabled, because some NICs read descriptors at once, and
    /// [`restart`](Self::restart) afterwards. Call [`settle`](Self::settle) first to keep frames that the NIC has
    /// received.
    pub fn prepare(&mut self, crc: Crc) {
        self.ring.clear_descriptors();
        self.crc = crc;
    }

    /// Rings the doorbell again for slots already offered, for example when the link is up again.
    pub fn announce(&self) {
        self.ring.announce(self.rung);
    }

    /// The NIC restarted at 0: keeps the client's slots, including unread frames, and refills every other slot.
    ///
    /// A slot with a buffer index out of range stops the refill; every later sync tries it again.
    pub fn restart<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Outcome {
        self.ring.clear_descriptors();
        self.armed = 0;
        self.slow.dropping = false;
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

    /// Slots that the NIC may own if the client owns those from `head` on.
    #[inline(always)]
    fn for_nic(&self, head: NmIdx, hwtail: NmIdx) -> u32 {
        let geometry = &self.ring.geometry;
        (geometry.slots() - 1).saturating_sub(geometry.distance(head, hwtail))
    }

    #[inline(always)]
    fn ring_doorbell(&mut self, hwtail: NmIdx) {
        let tail = self
            .ring
            .geometry
            .to_nic(self.ring.geometry.advance(hwtail, self.armed));
        if tail != self.rung {
            self.rung = tail;
            self.ring.announce(tail);
        }
    }

    /// Returns completed descriptors from `hwtail` on to the client. Returns the new `hwtail`, and the device error, if
    /// any.
    #[inline(always)]
    fn import<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        hwtail: NmIdx,
    ) -> (NmIdx, Option<SyncError>) {
        let mut left = self.armed;
        let buffer_size = client.pool.buffer_size();
        let geometry = self.ring.geometry;
        let crc = self.crc.bytes();
        let all = self.ring.descriptors();
        let (mut at, mut device_error) = (hwtail, None);
        while left > 0 {
            let Some(run) = Run::next(&geometry, client.slots, all, at, left, false) else {
                break;
            };
            if !self.slow.dropping {
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
            let done = self.slow.import::<F>(source, at, left, &mut device_error);
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
        self.armed -= imported;
        self.imported += u64::from(imported);
        (at, device_error)
    }

    /// Another sync without a frame: the device may have completed a later descriptor first.
    fn wait(&mut self, hwtail: NmIdx) {
        self.idle_syncs = self.idle_syncs.wrapping_add(1);
        if !self.idle_syncs.is_multiple_of(PATIENCE) || self.armed < 2 {
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
        // The later one is checked first, so that the oldest has time to complete. If the oldest is done, it begins an
        // incomplete frame.
        if is_done(geometry.advance(hwtail, 1)) && !is_done(hwtail) {
            self.slow.counters.faults += 1;
        }
    }

    /// Refills the slots up to the last before `head` that are not yet refilled; on an error, none of them.
    #[inline(always)]
    fn refill<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        head: NmIdx,
        hwtail: NmIdx,
    ) -> Result<(), SyncError> {
        let for_nic = self.for_nic(head, hwtail);
        if self.armed >= for_nic {
            return Ok(());
        }
        let geometry = self.ring.geometry;
        let from = geometry.advance(hwtail, self.armed);
        let count = for_nic - self.armed;
        let (_, fault) = self.arm::<P>(client, from, count);
        // The slot that stays free is refilled by a later sync, but refused with the batch that released it.
        let fault = fault.or_else(|| check_buffer(client, geometry.before(head)));
        match fault {
            None => {
                self.hand_over(from);
                self.armed = for_nic;
                Ok(())
            }
            Some(fault) => {
                if F::OWNER != 0 {
                    self.withdraw(from, count);
                }
                Err(fault)
            }
        }
    }

    /// Refills the queue's slots up to the first invalid one.
    fn refill_as_far_as_possible<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        at: Positions,
    ) -> Option<SyncError> {
        let for_nic = self.for_nic(at.hwcur, at.hwtail);
        let (armed, fault) = self.arm::<P>(client, at.hwtail, for_nic);
        if armed > 0 {
            self.hand_over(at.hwtail);
        }
        self.armed = armed;
        fault
    }

    /// Encodes descriptors for `count` slots from `from` on, up to the first with a buffer index out of range. Returns
    /// how many, and the error. The owner bits of the first are deferred.
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
            let deferred = F::OWNER != 0 && armed == 0;
            let marked = F::END_OF_RING != 0;
            let left = count - armed;
            let Some(run) = Run::next(geometry, client.slots, all, at, left, marked) else {
                let slots = geometry.slots();
                return (armed, Some(SyncError::NotThisRing { slots }));
            };
            let owner_bits = OwnerBits::of(geometry, run.nic, F::END_OF_RING, F::OWNER);
            let done = arm_run::<F, P>(&run, *client.pool, owner_bits, deferred);
            armed += done;
            if let Some(cell) = run.slots.get(done as usize) {
                let slot = run.nm.0 + done;
                return (armed, Some(out_of_range(slot, cell.buffer())));
            }
        }
        (armed, None)
    }

    /// Hands over the descriptor whose owner bits were deferred, and with it the later ones.
    #[inline(always)]
    fn hand_over(&self, first: NmIdx) {
        if F::OWNER != 0 {
            let first = self.ring.geometry.to_nic(first);
            self.ring.hand_over(first, F::STATUS_WORD, F::OWNER);
        }
    }

    /// Clears the descriptors of a refused batch.
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
            .field("counters", &self.slow.counters)
            .finish_non_exhaustive()
    }
}

/// The error of a slot with a buffer index out of range.
#[inline(always)]
fn check_buffer<P: Pool>(client: &ClientRing<'_, P>, at: NmIdx) -> Option<SyncError> {
    let buffer = client.slots.get(at.0 as usize)?.buffer();
    match client.pool.dma(buffer) {
        Some(_) => None,
        None => Some(out_of_range(at.0, buffer)),
    }
}

#[cold]
fn out_of_range(slot: u32, buffer: BufIdx) -> SyncError {
    SyncError::BufferOutOfRange {
        slot,
        buffer: buffer.0,
    }
}

/// Refills the descriptors of a run, up to the first buffer index out of range, with some bits of the status word
/// inverted. Returns how many.
#[inline(always)]
fn arm_run<F: RxFormat, P: Pool>(
    run: &Run<'_>,
    pool: P,
    owner_bits: OwnerBits,
    deferred: bool,
) -> u32 {
    each(
        run.slots,
        run.descriptors,
        deferred,
        |slot, descriptor, deferred| {
            let Some(buffer) = pool.dma(slot.buffer()) else {
                return false;
            };
            let mut words = F::arm(buffer);
            words[F::STATUS_WORD] ^= owner_bits.bits(deferred);
            descriptor[1 - F::STATUS_WORD].store(words[1 - F::STATUS_WORD], Relaxed);
            descriptor[F::STATUS_WORD].store(words[F::STATUS_WORD], Relaxed);
            true
        },
    )
}
