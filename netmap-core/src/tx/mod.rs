//! The transmit queue: the only `txsync`.

mod encode;
mod frame;
mod slot;
#[cfg(feature = "model")]
mod state;

use core::fmt;
use core::marker::PhantomData;

use crate::abi::{NS_BUF_CHANGED, NS_MOREFRAG, NS_REPORT};
use crate::completion::{Done, Outstanding, Scheme, overtaken};
use crate::marks::Marks;
use crate::register::RegOffset;
use crate::reports::{Before, Reports};
use crate::ring::NicRing;
use crate::run::check_positions;
use crate::{
    Bus, ClientRing, Completion, DmaAddr, Doorbell, FrameLimits, Geometry, Nic, NmIdx, Outcome,
    Pool, Positions, SyncError, TxFormat,
};
use encode::Batch;
use slot::{Limit, SentLimits};
#[cfg(feature = "model")]
pub use state::TxState;

/// Syncs without progress after which a completed later descriptor is counted as a missing earlier completion.
const PATIENCE: u32 = 64;
/// Syncs without progress after which a NIC that loses kicks is kicked again.
const KICK_AGAIN: u32 = 16;

/// What happens at a reset to frames that were handed over and are not known to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Policy {
    /// Send them again; a frame that left but was not reported is sent twice.
    #[default]
    Resend,
    /// Drop and count them.
    Drop,
}

/// Counters of a transmit queue since it was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TxCounters {
    /// Frames handed over to the NIC, including resends.
    pub handed: u64,
    /// Frames that the NIC has finished with.
    pub sent: u64,
    /// Those of them that it reported as not sent, by an error in the descriptor. Only descriptors with a report have it.
    pub failed: u64,
    /// Frames dropped at a reset.
    pub dropped: u64,
    /// Syncs refused.
    pub refused: u64,
    /// Impossible device states seen: a reported head that is not outstanding, or, for 64 syncs in a row, a later
    /// descriptor done and not the oldest.
    pub faults: u64,
}

/// How a transmit queue communicates with its NIC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TxSetup {
    /// How new descriptors are announced.
    pub doorbell: Doorbell,
    /// The completion scheme.
    pub completion: Completion,
    /// The register with the NIC's head, if there is one.
    pub head: Option<RegOffset>,
    /// Limits of frames; those of the NIC apply where they are narrower.
    pub frames: FrameLimits,
}

impl TxSetup {
    /// The setup for `queue` of NIC `N`, without limits of a variant; `None` if there is no such queue.
    pub fn of<N: Nic>(queue: u32, completion: Completion) -> Option<TxSetup> {
        Some(TxSetup {
            doorbell: N::tx_doorbell(queue)?,
            completion,
            head: N::tx_head(queue),
            frames: FrameLimits::NONE,
        })
    }
}

/// A transmit ring of descriptors and its doorbell.
pub struct TxQueue<F, B: Bus> {
    ring: NicRing<B>,
    limits: SentLimits,
    scheme: Scheme,
    marked: Marked,
    /// Syncs in a row that found frames outstanding and none sent.
    stalled: u32,
    counters: TxCounters,
    format: PhantomData<fn() -> F>,
}

/// The queue's private marks of descriptors, because client and device can write everything else.
#[derive(Debug, Clone)]
struct Marked {
    /// Descriptors with a report request.
    reports: Reports,
    /// Descriptors whose frame continues in the next one.
    parts: Marks,
    /// The number of these.
    parts_left: u32,
}

impl Marked {
    const NONE: Marked = Marked {
        reports: Reports::NONE,
        parts: Marks::none(),
        parts_left: 0,
    };
}

impl<F: TxFormat, B: Bus> TxQueue<F, B> {
    /// A queue of `slots` descriptors in `ring`, which has [`bytes`](Self::bytes); the NIC is at 0.
    ///
    /// Call [`restart`](Self::restart) once the NIC runs. `None` if `ring` is too small, `slots` is above 8192, or the
    /// scheme needs a head register and there is none.
    pub fn new(bus: B, setup: TxSetup, ring: B::Dma, slots: u32) -> Option<Self> {
        if setup.completion == Completion::HeadRegister && setup.head.is_none() {
            return None;
        }
        let words = Self::bytes(slots) / 8;
        Some(TxQueue {
            ring: NicRing::new(bus, setup.doorbell, ring, slots, words)?,
            limits: SentLimits::of::<F>(setup.frames),
            scheme: Scheme {
                completion: setup.completion,
                head: setup.head,
            },
            marked: Marked::NONE,
            stalled: 0,
            counters: TxCounters::default(),
            format: PhantomData,
        })
    }

    /// Bytes of a ring of `slots` descriptors and the written-back head after them.
    pub const fn bytes(slots: u32) -> usize {
        slots as usize * 16 + 64
    }

    /// The queue's counters.
    pub fn counters(&self) -> TxCounters {
        self.counters
    }

    /// The ring's size and its offset between client and NIC.
    pub fn geometry(&self) -> Geometry {
        self.ring.geometry
    }

    /// The memory of the descriptor ring.
    pub fn ring(&self) -> &B::Dma {
        self.ring.memory()
    }

    /// The completion scheme.
    pub fn completion(&self) -> Completion {
        self.scheme.completion
    }

    /// The address for the head write-back.
    pub fn head_writeback(&self) -> DmaAddr {
        self.ring.head_writeback_address()
    }

    /// Initial positions of a ring.
    pub fn idle(&self) -> Positions {
        Positions {
            hwcur: NmIdx(0),
            hwtail: self.ring.geometry.before(NmIdx(0)),
            head: NmIdx(0),
        }
    }

    /// Hands over the complete frames between `hwcur` and `head` and reclaims sent ones.
    ///
    /// `hwcur` stops after the last complete frame. A batch with an error is refused whole: positions are unchanged,
    /// `head` is `hwcur`, and nothing reached the NIC. An invalid head reported by the device is an error, too, but
    /// frames already handed over stay handed over.
    #[inline]
    pub fn sync<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Outcome {
        let handed = check_positions(&self.ring.geometry, client.slots, at)
            .and_then(|()| self.hand_over(client, at.hwcur, at.head));
        let hwcur = match handed {
            Ok(hwcur) => hwcur,
            Err(fault) => {
                self.counters.refused += 1;
                return Outcome::refused(at, fault);
            }
        };
        if hwcur != at.hwcur {
            self.ring_doorbell(hwcur);
        }
        let (hwtail, fault) = self.reclaim(hwcur, at.hwtail, true);
        Outcome {
            at: Positions {
                hwcur,
                hwtail,
                head: at.head,
            },
            fault,
        }
    }

    /// Reclaims sent frames without handing over others: the last reclaim before a reset, when the NIC may have
    /// stopped.
    pub fn settle(&mut self, at: Positions) -> Positions {
        Positions {
            hwtail: self.reclaim(at.hwcur, at.hwtail, false).0,
            ..at
        }
    }

    /// Clears the ring for a NIC that starts at 0: the NIC owns no descriptor, and none is done.
    ///
    /// Call this before the NIC's queue is enabled, because some NICs read descriptors at once. Outstanding frames are
    /// kept for [`restart`](Self::restart).
    pub fn prepare(&mut self) {
        self.ring.clear_descriptors();
    }

    /// The NIC restarted at 0: the client's positions stay, the offset to the NIC changes, and outstanding frames are
    /// sent again from their slots, or dropped.
    ///
    /// Frames end at the same slots as when they were handed over. If an outstanding slot is invalid, all of these
    /// frames are dropped, and the error names the slot.
    pub fn restart<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        at: Positions,
        policy: Policy,
    ) -> Outcome {
        self.ring.clear_descriptors();
        self.stalled = 0;
        if let Err(fault) = check_positions(&self.ring.geometry, client.slots, at.withdrawn()) {
            self.marked = Marked::NONE;
            return Outcome {
                at,
                fault: Some(fault),
            };
        }

        let oldest = self.ring.geometry.advance(at.hwtail, 1);
        let outstanding = self.ring.geometry.distance(oldest, at.hwcur);
        let frames = u64::from(outstanding - self.marked.parts_left.min(outstanding));
        let fault = match policy {
            Policy::Resend => {
                self.restore_flags(client, oldest, outstanding);
                self.marked = Marked::NONE;
                self.ring.restart(oldest);
                match self.hand_over(client, oldest, at.hwcur) {
                    Ok(hwcur) if hwcur == at.hwcur => None,
                    Ok(_) => Some(SyncError::FrameChanged { slot: oldest.0 }),
                    Err(fault) => Some(fault),
                }
            }
            Policy::Drop => None,
        };
        let hwtail = if policy == Policy::Drop || fault.is_some() {
            self.ring.clear_descriptors();
            self.marked = Marked::NONE;
            self.ring.restart(at.hwcur);
            self.counters.dropped += frames;
            self.ring.geometry.before(at.hwcur)
        } else {
            at.hwtail
        };
        self.ring_doorbell(at.hwcur);
        Outcome {
            at: Positions { hwtail, ..at },
            fault,
        }
    }

    /// Rings the doorbell again for frames already handed over, for example when the link is up again.
    pub fn announce(&self, at: Positions) {
        self.ring_doorbell(at.hwcur);
    }

    #[inline(always)]
    fn ring_doorbell(&self, head: NmIdx) {
        self.ring.announce(self.ring.geometry.to_nic(head));
    }

    /// Encodes the complete frames of `from..to` and hands them over, without the doorbell. Returns their end.
    #[inline(always)]
    fn hand_over<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        from: NmIdx,
        to: NmIdx,
    ) -> Result<NmIdx, SyncError> {
        let limit = Limit::of::<F, P>(*client.pool, self.limits);
        let TxQueue { ring, marked, .. } = self;
        let geometry = ring.geometry;
        let total = geometry.distance(from, to);
        let all = ring.descriptors();
        let before = marked.reports.now();
        let batch = match encode::encode::<F, P>(&geometry, client, all, marked, limit, from, total)
        {
            Ok(batch) => batch,
            Err(fault) => {
                self.withdraw(from, total, before);
                return Err(fault);
            }
        };
        let Batch {
            slots,
            parts,
            flagged,
        } = batch;
        if flagged {
            self.clear_flags(client, from, slots);
        }
        if F::OWNER != 0 && slots > 0 {
            let first = geometry.to_nic(from);
            self.ring.hand_over(first, F::CONTROL, F::OWNER);
        }
        self.marked.parts_left += parts;
        self.counters.handed += u64::from(slots - parts);
        Ok(geometry.advance(from, slots))
    }

    /// Clears the descriptors and marks of a refused batch.
    #[cold]
    fn withdraw(&mut self, from: NmIdx, count: u32, before: Before) {
        self.marked.reports.back_to(before);
        for by in 0..count {
            let nic = self
                .ring
                .geometry
                .to_nic(self.ring.geometry.advance(from, by));
            self.marked.parts.clear(nic);
            if F::OWNER != 0 {
                self.ring.clear(nic, F::CONTROL);
            }
        }
    }

    fn clear_flags<P>(&self, client: &ClientRing<'_, P>, from: NmIdx, count: u32) {
        for by in 0..count {
            let at = self.ring.geometry.advance(from, by);
            if let Some(slot) = client.slots.get(at.0 as usize) {
                let (len, flags) = slot.len_flags();
                let handed = NS_BUF_CHANGED | NS_REPORT | NS_MOREFRAG;
                slot.set_len_flags(len, flags & !handed);
            }
        }
    }

    /// Restores the flags that mark where frames end, as when the slots were handed over: the client may have changed
    /// them.
    fn restore_flags<P>(&self, client: &ClientRing<'_, P>, from: NmIdx, count: u32) {
        for by in 0..count {
            let at = self.ring.geometry.advance(from, by);
            if let Some(slot) = client.slots.get(at.0 as usize) {
                let (len, flags) = slot.len_flags();
                let part = self.marked.parts.get(self.ring.geometry.to_nic(at));
                let more = if part { NS_MOREFRAG } else { 0 };
                slot.set_len_flags(len, flags & !NS_MOREFRAG | more);
            }
        }
    }

    /// Returns the last slot known to be sent, and the device error, if any. If the NIC `runs` and loses kicks, repeats
    /// the kick if needed.
    #[inline(always)]
    fn reclaim(&mut self, hwcur: NmIdx, hwtail: NmIdx, runs: bool) -> (NmIdx, Option<SyncError>) {
        let geometry = self.ring.geometry;
        let oldest = geometry.advance(hwtail, 1);
        let outstanding = Outstanding {
            oldest,
            count: geometry.distance(oldest, hwcur),
        };
        if outstanding.count == 0 {
            self.stalled = 0;
            return (hwtail, None);
        }
        let reported = self
            .scheme
            .done::<F, B>(&self.ring, &mut self.marked.reports, outstanding);
        let (done, parts) = match reported {
            Ok(Done { count, failed }) => {
                self.counters.failed += u64::from(failed);
                match self.marked.parts_left {
                    0 => (count, 0),
                    _ => self.take_parts(oldest, count),
                }
            }
            Err(device_error) => {
                self.counters.faults += 1;
                return (hwtail, Some(device_error));
            }
        };
        if done == 0 {
            self.wait(runs);
            return (hwtail, None);
        }
        self.stalled = 0;
        self.counters.sent += u64::from(done - parts);
        if runs && done < outstanding.count {
            self.ring.kick_again();
        }
        (geometry.advance(hwtail, done), None)
    }

    /// Of `done` descriptors, those up to the last frame end, and how many of them are not frame ends; clears their
    /// marks.
    #[cold]
    fn take_parts(&mut self, oldest: NmIdx, done: u32) -> (u32, u32) {
        let geometry = self.ring.geometry;
        let nic = |by: u32| geometry.to_nic(geometry.advance(oldest, by));
        let mut whole = done;
        while whole > 0 && self.marked.parts.get(nic(whole - 1)) {
            whole -= 1;
        }
        let mut parts = 0;
        for by in 0..whole {
            if self.marked.parts.get(nic(by)) {
                self.marked.parts.clear(nic(by));
                parts += 1;
            }
        }
        self.marked.parts_left -= parts;
        (whole, parts)
    }

    /// Another sync without progress: a kick or a report may have been lost.
    fn wait(&mut self, runs: bool) {
        self.stalled = self.stalled.wrapping_add(1);
        if runs && self.stalled.is_multiple_of(KICK_AGAIN) {
            self.ring.kick_again();
        }
        let by_descriptor = matches!(
            self.scheme.completion,
            Completion::DoneBit | Completion::OwnerBit
        );
        if by_descriptor
            && self.stalled.is_multiple_of(PATIENCE)
            && overtaken::<F, B>(&self.ring, &self.marked.reports)
        {
            self.counters.faults += 1;
        }
    }
}

impl<F, B: Bus> fmt::Debug for TxQueue<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TxQueue")
            .field("geometry", &self.ring.geometry)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}
