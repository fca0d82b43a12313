//! The transmit queue: the one `txsync`.

mod encode;
mod frame;
mod slot;
#[cfg(feature = "model")]
mod state;

use core::fmt;
use core::marker::PhantomData;

use crate::abi::{NS_BUF_CHANGED, NS_MOREFRAG, NS_REPORT};
use crate::completion::{Outstanding, Scheme, overtaken};
use crate::marks::Marks;
use crate::register::RegOffset;
use crate::reports::{Before, Reports};
use crate::ring::NicRing;
use crate::run::check_positions;
use crate::{
    Bus, ClientRing, Completion, DmaAddr, Doorbell, Geometry, Nic, NmIdx, Outcome, Pool, Positions,
    SyncError, TxFormat,
};
use encode::Batch;
use slot::Limit;
#[cfg(feature = "model")]
pub use state::TxState;

/// Syncs without progress after which a device that finished a later descriptor is taken to have lost an earlier one.
const PATIENCE: u32 = 64;
/// Syncs without progress after which a NIC that forgets kicks is kicked again.
const KICK_AGAIN: u32 = 16;

/// What becomes of frames that were handed over and are not known to be sent when the NIC is reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Policy {
    /// Send them again; one that left unreported goes twice.
    #[default]
    Resend,
    /// Drop them, and count them.
    Drop,
}

/// What a transmit queue counted since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TxCounters {
    /// Frames handed over to the NIC, each resend again.
    pub handed: u64,
    /// Frames known to be sent.
    pub sent: u64,
    /// Frames dropped at a reset.
    pub dropped: u64,
    /// Syncs refused.
    pub refused: u64,
    /// Times that the device told what cannot be: a position that no outstanding descriptor has, or, for
    /// 64 syncs in a row, a later descriptor done and not the oldest.
    pub faults: u64,
}

/// How a transmit queue talks to its NIC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TxSetup {
    /// How new slots are announced.
    pub doorbell: Doorbell,
    /// How it is learnt which frames were sent.
    pub completion: Completion,
    /// The register with the NIC's position, if there is one.
    pub head: Option<RegOffset>,
    /// Bytes of the longest frame, without CRC; the NIC's own limit counts if it is lower.
    pub frame_max: u32,
}

impl TxSetup {
    /// What NIC `N` says of `queue`, for the variant that sends the longest frames; `None` if there is no such queue.
    pub fn of<N: Nic>(queue: u32, completion: Completion) -> Option<TxSetup> {
        Some(TxSetup {
            doorbell: N::tx_doorbell(queue)?,
            completion,
            head: N::tx_head(queue),
            frame_max: N::Tx::FRAME_MAX,
        })
    }
}

/// A transmit ring of descriptors and its doorbell.
pub struct TxQueue<F, B: Bus> {
    ring: NicRing<B>,
    /// Bytes of the longest frame.
    frame_max: u32,
    scheme: Scheme,
    marked: Marked,
    /// Syncs in a row that found frames outstanding and none sent.
    stalled: u32,
    counters: TxCounters,
    format: PhantomData<fn() -> F>,
}

/// What the queue keeps of descriptors, because client and device can write everything else.
#[derive(Debug, Clone)]
struct Marked {
    /// They were asked to report completion.
    reports: Reports,
    /// Their frame goes on in the next one.
    parts: Marks,
    /// How many of those there are.
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
    /// A queue of `slots` descriptors in `ring`, which has [`bytes`](Self::bytes); the NIC's side stands at 0.
    ///
    /// Call [`restart`](Self::restart) once the NIC runs. `None` if `ring` is too small, `slots` above 8192, or the head
    /// register to be read and none there.
    pub fn new(bus: B, setup: TxSetup, ring: B::Dma, slots: u32) -> Option<Self> {
        if setup.completion == Completion::HeadRegister && setup.head.is_none() {
            return None;
        }
        let words = Self::bytes(slots) / 8;
        Some(TxQueue {
            ring: NicRing::new(bus, setup.doorbell, ring, slots, words)?,
            frame_max: setup.frame_max.min(F::FRAME_MAX),
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

    /// Bytes of a ring of `slots` descriptors and the NIC's position behind them.
    pub const fn bytes(slots: u32) -> usize {
        slots as usize * 16 + 64
    }

    /// What the queue counted.
    pub fn counters(&self) -> TxCounters {
        self.counters
    }

    /// Slots of the ring, and where the NIC's side stands.
    pub fn geometry(&self) -> Geometry {
        self.ring.geometry
    }

    /// The descriptor ring, as the device sees it.
    pub fn ring(&self) -> &B::Dma {
        self.ring.memory()
    }

    /// How it is learnt which frames were sent.
    pub fn completion(&self) -> Completion {
        self.scheme.completion
    }

    /// Where the NIC writes its position if that is how it is learnt.
    pub fn head_writeback(&self) -> DmaAddr {
        self.ring.head_writeback_address()
    }

    /// Positions of a ring that nothing was sent on.
    pub fn idle(&self) -> Positions {
        Positions {
            hwcur: NmIdx(0),
            hwtail: self.ring.geometry.before(NmIdx(0)),
            head: NmIdx(0),
        }
    }

    /// Hands over the whole frames between `hwcur` and `head` and takes back those that were sent.
    ///
    /// `hwcur` stops after the last frame whose end is there. A batch with a mistake is refused whole: positions are
    /// those before, `head` is `hwcur`, nothing reached the NIC. A device that tells what cannot be is a fault, too, but
    /// what was handed over stays so.
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

    /// Takes back what was sent and hands nothing over: the last look before a reset, at a NIC that may have stopped.
    pub fn settle(&mut self, at: Positions) -> Positions {
        Positions {
            hwtail: self.reclaim(at.hwcur, at.hwtail, false).0,
            ..at
        }
    }

    /// Makes the ring fit for a NIC that starts at 0: no descriptor is the NIC's, none is done.
    ///
    /// To be called before the NIC's queue is enabled, since some look at descriptors at once. What is outstanding is
    /// kept in mind for [`restart`](Self::restart).
    pub fn prepare(&mut self) {
        self.ring.forget();
    }

    /// The NIC restarted at 0: the client's side stays, the NIC's side moves, and what is outstanding is sent again from
    /// its slots, or dropped.
    ///
    /// Frames end where they ended when they were handed over. If an outstanding slot is no longer fit to be sent, all of
    /// them are dropped and the fault says which.
    pub fn restart<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        at: Positions,
        policy: Policy,
    ) -> Outcome {
        self.ring.forget();
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
            self.ring.forget();
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

    /// Rings the doorbell again for what was handed over already, as when the link came back.
    pub fn announce(&self, at: Positions) {
        self.ring_doorbell(at.hwcur);
    }

    #[inline(always)]
    fn ring_doorbell(&self, head: NmIdx) {
        self.ring.announce(self.ring.geometry.to_nic(head));
    }

    /// Encodes the whole frames of `from..to` and gives them to the NIC but for the doorbell; where they end.
    #[inline(always)]
    fn hand_over<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        from: NmIdx,
        to: NmIdx,
    ) -> Result<NmIdx, SyncError> {
        let limit = Limit::of::<F, P>(*client.pool, self.frame_max);
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

    /// Takes back what a refused batch left in descriptors and marks.
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

    /// Slots say again where frames end, as they did when they were handed over: the client has had no right to them.
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

    /// The last slot known to be sent, and what the device told that cannot be. A NIC that `runs` and forgets kicks is
    /// kicked again if it has to be.
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
        let told = self
            .scheme
            .done::<F, B>(&self.ring, &mut self.marked.reports, outstanding);
        let (done, parts) = match told {
            Ok(done) if self.marked.parts_left > 0 => self.take_parts(oldest, done),
            Ok(done) => (done, 0),
            Err(lie) => {
                self.counters.faults += 1;
                return (hwtail, Some(lie));
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

    /// Of `done` descriptors those up to the last frame end, and how many of them are no frame ends; those are forgotten.
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

    /// Another sync without progress: a kick may have been lost, or a report.
    fn wait(&mut self, runs: bool) {
        self.stalled = self.stalled.wrapping_add(1);
        if runs && self.stalled.is_multiple_of(KICK_AGAIN) {
            self.ring.kick_again();
        }
        let tells = matches!(
            self.scheme.completion,
            Completion::DoneBit | Completion::OwnerBit
        );
        if tells
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
