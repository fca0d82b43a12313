//! Descriptors that tell by themselves: a done bit that the NIC sets, or an owner bit that it clears.

use core::sync::atomic::Ordering::Acquire;

use super::Outstanding;
use crate::marks::Marks;
use crate::ring::NicRing;
use crate::{Bus, NicIdx, TxFormat};

/// Descriptors up to the newest report that, like all before it, has arrived.
#[inline(always)]
pub(super) fn done<F: TxFormat, B: Bus>(
    ring: &NicRing<B>,
    reports: &mut Marks,
    outstanding: Outstanding,
) -> u32 {
    let start = ring.geometry.to_nic(outstanding.oldest);
    let mut done = 0;
    while done < outstanding.count {
        let Some((mark, count)) = next(ring, reports, start, done, outstanding.count) else {
            break;
        };
        if !is_done::<F, B>(ring, mark) {
            break;
        }
        reports.clear(mark);
        done = count;
    }
    done
}

/// Whether a later report has arrived and the oldest has not.
///
/// The later one is looked at first: a NIC finishes descriptors in order, so the oldest is done by then.
pub(crate) fn overtaken<F: TxFormat, B: Bus>(
    ring: &NicRing<B>,
    reports: &Marks,
    outstanding: Outstanding,
) -> bool {
    let start = ring.geometry.to_nic(outstanding.oldest);
    let mut oldest = None;
    let mut at = 0;
    while let Some((mark, count)) = next(ring, reports, start, at, outstanding.count) {
        match oldest {
            None => oldest = Some(mark),
            Some(oldest) if is_done::<F, B>(ring, mark) => return !is_done::<F, B>(ring, oldest),
            Some(_) => {}
        }
        at = count;
    }
    false
}

/// The first mark after `done` of the `count` descriptors from `start` on, and how many there are up to it.
#[inline(always)]
fn next<B: Bus>(
    ring: &NicRing<B>,
    reports: &Marks,
    start: NicIdx,
    done: u32,
    count: u32,
) -> Option<(NicIdx, u32)> {
    let slots = ring.slots();
    let (from, end) = (start.0 + done, start.0 + count);
    if from < slots {
        let found = reports.first(from, end.min(slots));
        if let Some(mark) = found {
            return Some((mark, mark.0 - start.0 + 1));
        }
    }
    let mark = reports.first(from.saturating_sub(slots), end.saturating_sub(slots))?;
    Some((mark, mark.0 + slots - start.0 + 1))
}

#[inline(always)]
fn is_done<F: TxFormat, B: Bus>(ring: &NicRing<B>, at: NicIdx) -> bool {
    let descriptor = ring.descriptors().get(at.0 as usize);
    descriptor.is_some_and(|words| words[F::CONTROL].load(Acquire) & F::DONE_MASK == F::DONE)
}
