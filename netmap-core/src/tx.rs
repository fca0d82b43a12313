//! The transmit queue: the one `txsync`.

use core::fmt;
use core::marker::PhantomData;
use core::sync::atomic::Ordering::{Acquire, Relaxed};

use crate::abi::{NS_BUF_CHANGED, NS_INDIRECT, NS_MOREFRAG, NS_REPORT};
use crate::marks::Marks;
use crate::register::RegOffset;
use crate::ring::NicRing;
use crate::run::{Run, check_positions};
use crate::{
    Bus, ClientRing, Completion, Doorbell, Geometry, Nic, NmIdx, Outcome, Pool, Positions,
    SyncError, TxFormat,
};

/// What becomes of frames that were handed over and are not known to be sent when the NIC is reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// Send them again; one that left unreported goes twice.
    #[default]
    Resend,
    /// Drop them, and count them.
    Drop,
}

/// What a transmit queue counted since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TxCounters {
    /// Frames handed over to the NIC, each resend again.
    pub handed: u64,
    /// Frames known to be sent.
    pub sent: u64,
    /// Frames dropped at a reset.
    pub dropped: u64,
    /// Syncs refused.
    pub refused: u64,
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
}

impl TxSetup {
    /// What NIC `N` says of `queue`; `None` if there is no such queue.
    pub fn of<N: Nic>(queue: u32, completion: Completion) -> Option<TxSetup> {
        Some(TxSetup {
            doorbell: N::tx_doorbell(queue)?,
            completion,
            head: N::tx_head(queue),
        })
    }
}

/// A transmit ring of descriptors and its doorbell.
pub struct TxQueue<F, B: Bus> {
    ring: NicRing<B>,
    marks: Marks,
    counters: TxCounters,
    format: PhantomData<fn() -> F>,
}

impl<F: TxFormat, B: Bus> TxQueue<F, B> {
    /// A queue of `slots` descriptors in `ring`, which has [`bytes`](Self::bytes); the NIC's side stands at 0.
    ///
    /// Call [`restart`](Self::restart) once the NIC runs. `None` if `ring` is too small or `slots` above 8192.
    pub fn new(bus: B, setup: TxSetup, ring: B::Dma, slots: u32) -> Option<Self> {
        Some(TxQueue {
            ring: NicRing::new(bus, setup.doorbell, ring, slots)?,
            marks: Marks::none(),
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

    /// Positions of a ring that nothing was sent on.
    pub fn idle(&self) -> Positions {
        Positions {
            hwcur: NmIdx(0),
            hwtail: self.ring.geometry.before(NmIdx(0)),
            head: NmIdx(0),
        }
    }

    /// Hands over the slots from `hwcur` to `head` and takes back those that were sent.
    ///
    /// A batch with a mistake is refused whole: positions are those before, `head` is `hwcur`, nothing reached the NIC.
    #[inline]
    pub fn sync<P: Pool>(&mut self, client: &ClientRing<'_, P>, at: Positions) -> Outcome {
        let handed = check_positions(&self.ring.geometry, client.slots, at)
            .and_then(|()| self.hand_over(client, at.hwcur, at.head));
        if let Err(fault) = handed {
            self.counters.refused += 1;
            return Outcome::refused(at, fault);
        }
        if at.hwcur != at.head {
            self.ring_doorbell(at.head);
        }
        let hwtail = self.reclaim(at.head, at.hwtail);
        Outcome {
            at: Positions {
                hwcur: at.head,
                hwtail,
                head: at.head,
            },
            fault: None,
        }
    }

    /// Takes back what was sent and hands nothing over: the last look before a reset.
    pub fn settle(&mut self, at: Positions) -> Positions {
        Positions {
            hwtail: self.reclaim(at.hwcur, at.hwtail),
            ..at
        }
    }

    /// The NIC restarted at 0: the client's side stays, the NIC's side moves, and what is outstanding is sent again from
    /// its slots, or dropped.
    ///
    /// If an outstanding slot is no longer fit to be sent, all of them are dropped and the fault says which.
    pub fn restart<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        at: Positions,
        policy: Policy,
    ) -> Outcome {
        self.ring.forget();
        self.marks.clear_all();
        if let Err(fault) = check_positions(&self.ring.geometry, client.slots, at.withdrawn()) {
            return Outcome {
                at,
                fault: Some(fault),
            };
        }

        let oldest = self.ring.geometry.advance(at.hwtail, 1);
        let outstanding = self.ring.geometry.distance(oldest, at.hwcur);
        let fault = match policy {
            Policy::Resend => {
                self.ring.restart(oldest);
                self.hand_over(client, oldest, at.hwcur).err()
            }
            Policy::Drop => None,
        };
        let hwtail = if policy == Policy::Drop || fault.is_some() {
            self.marks.clear_all();
            self.ring.restart(at.hwcur);
            self.counters.dropped += u64::from(outstanding);
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

    fn ring_doorbell(&self, head: NmIdx) {
        self.ring.announce(self.ring.geometry.to_nic(head));
    }

    /// Encodes `from..to`; on an error nothing is left behind but descriptors past the tail, which the NIC never reads.
    #[inline(always)]
    fn hand_over<P: Pool>(
        &mut self,
        client: &ClientRing<'_, P>,
        from: NmIdx,
        to: NmIdx,
    ) -> Result<(), SyncError> {
        let total = self.ring.geometry.distance(from, to);
        let limit = Limit::of::<F, P>(*client.pool);
        // A report in the middle of a very long batch lets the client go on before all of it is sent.
        let most = (self.ring.slots() / 2).max(1);
        let all = self.ring.descriptors();
        let (mut at, mut left, mut flagged) = (from, total, false);
        while left > 0 {
            let Some(run) = Run::next(&self.ring.geometry, client.slots, all, at, left.min(most))
            else {
                return Err(SyncError::NotThisRing {
                    slots: self.ring.slots(),
                });
            };
            match encode_run::<F, P>(&run, *client.pool, limit, &mut self.marks) {
                Ok(any) => flagged |= any,
                Err(fault) => {
                    self.forget_marks(from, total);
                    return Err(fault);
                }
            }
            // The last descriptor of a run reports, so that every slot comes back without the client asking.
            if let Some(last) = run.descriptors.last() {
                last[1].store(last[1].load(Relaxed) | F::REPORT, Relaxed);
                self.marks.set(
                    self.ring
                        .geometry
                        .to_nic(self.ring.geometry.advance(run.nm, run.len - 1)),
                );
            }
            at = self.ring.geometry.advance(at, run.len);
            left -= run.len;
        }
        if flagged {
            self.clear_flags(client, from, total);
        }
        self.counters.handed += u64::from(total);
        Ok(())
    }

    #[cold]
    fn forget_marks(&mut self, from: NmIdx, count: u32) {
        for by in 0..count {
            self.marks.clear(
                self.ring
                    .geometry
                    .to_nic(self.ring.geometry.advance(from, by)),
            );
        }
    }

    fn clear_flags<P>(&self, client: &ClientRing<'_, P>, from: NmIdx, count: u32) {
        for by in 0..count {
            if let Some(slot) = client
                .slots
                .get(self.ring.geometry.advance(from, by).0 as usize)
            {
                let (len, flags) = slot.len_flags();
                slot.set_len_flags(len, flags & !(NS_BUF_CHANGED | NS_REPORT));
            }
        }
    }

    /// The last slot known to be sent: that of the newest report that, like all before it, has arrived.
    #[inline(always)]
    fn reclaim(&mut self, hwcur: NmIdx, hwtail: NmIdx) -> NmIdx {
        let slots = self.ring.slots();
        let mut tail = hwtail;
        loop {
            let from = self.ring.geometry.advance(tail, 1);
            let outstanding = self.ring.geometry.distance(from, hwcur);
            if outstanding == 0 {
                break;
            }
            let nic = self.ring.geometry.to_nic(from).0;
            let end = nic + outstanding;
            let mark = self
                .marks
                .first(nic, end.min(slots))
                .or_else(|| self.marks.first(0, end.saturating_sub(slots)));
            let Some(mark) = mark else { break };
            match self.ring.descriptors().get(mark.0 as usize) {
                Some(descriptor) if descriptor[1].load(Acquire) & F::DONE == F::DONE => {}
                _ => break,
            }
            self.marks.clear(mark);
            tail = self.ring.geometry.to_nm(mark);
        }
        self.counters.sent += u64::from(self.ring.geometry.distance(hwtail, tail));
        tail
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

/// Lengths that fit both the NIC and a buffer.
#[derive(Clone, Copy)]
struct Limit {
    min: u16,
    max: u16,
}

impl Limit {
    #[inline(always)]
    fn of<F: TxFormat, P: Pool>(pool: P) -> Limit {
        Limit {
            min: F::MIN_LEN,
            max: u32::from(F::MAX_LEN).min(pool.buffer_size()) as u16,
        }
    }
}

/// Encodes a run; tells whether a slot had flags to clear.
#[inline(always)]
fn encode_run<F: TxFormat, P: Pool>(
    run: &Run<'_>,
    pool: P,
    limit: Limit,
    marks: &mut Marks,
) -> Result<bool, SyncError> {
    let mut done = 0;
    let mut flagged = false;
    while done < run.len {
        done += encode_plain::<F, P>(run, done, pool, limit);
        if done < run.len {
            done += encode_flagged::<F, P>(run, done, pool, limit, marks)?;
            flagged = true;
        }
    }
    Ok(flagged)
}

/// Encodes slots without flags from `from` on, up to the first that is not one or breaks a rule; returns how many.
#[inline(always)]
fn encode_plain<F: TxFormat, P: Pool>(run: &Run<'_>, from: u32, pool: P, limit: Limit) -> u32 {
    let (Some(slots), Some(all)) = (
        run.slots.get(from as usize..),
        run.descriptors.get(from as usize..),
    ) else {
        return 0;
    };
    let (min, span) = (
        u32::from(limit.min),
        u32::from(limit.max.saturating_sub(limit.min)),
    );
    let odd = slots.iter().zip(all).position(|(slot, descriptor)| {
        // Flags stand above the length, so one comparison checks that there are none and that the length fits.
        let word = slot.len_flags_word();
        let Some(buffer) = pool.dma(slot.buffer()) else {
            return true;
        };
        if word.wrapping_sub(min) > span {
            return true;
        }
        let [first, second] = F::encode(buffer, word as u16);
        descriptor[0].store(first, Relaxed);
        descriptor[1].store(second, Relaxed);
        false
    });
    odd.unwrap_or(slots.len()) as u32
}

/// Encodes slots with flags from `from` on, up to the first without; returns how many, at least one.
fn encode_flagged<F: TxFormat, P: Pool>(
    run: &Run<'_>,
    from: u32,
    pool: P,
    limit: Limit,
    marks: &mut Marks,
) -> Result<u32, SyncError> {
    let mut done = 0;
    let (Some(slots), Some(all)) = (
        run.slots.get(from as usize..),
        run.descriptors.get(from as usize..),
    ) else {
        return Ok(0);
    };
    for (slot, descriptor) in slots.iter().zip(all) {
        let (len, flags) = slot.len_flags();
        if flags == 0 && done > 0 {
            break;
        }
        let at = run.nm.0 + from + done;
        let buffer = slot.buffer();
        let Some(address) = pool.dma(buffer) else {
            return Err(SyncError::BufferOutOfRange {
                slot: at,
                buffer: buffer.0,
            });
        };
        if flags & (NS_MOREFRAG | NS_INDIRECT) != 0 {
            return Err(SyncError::FlagNotSupported { slot: at, flags });
        }
        if len < limit.min || len > limit.max {
            return Err(SyncError::LengthOutOfRange {
                slot: at,
                len,
                min: limit.min,
                max: limit.max,
            });
        }
        let [first, second] = F::encode(address, len);
        let report = flags & NS_REPORT != 0;
        descriptor[0].store(first, Relaxed);
        descriptor[1].store(if report { second | F::REPORT } else { second }, Relaxed);
        if report {
            marks.set(crate::NicIdx(run.nic.0 + from + done));
        }
        done += 1;
    }
    Ok(done)
}
