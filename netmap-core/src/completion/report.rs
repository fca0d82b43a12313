//! Completion in descriptors: a done bit that the NIC sets, or an owner bit that it clears.

use core::sync::atomic::Ordering::Acquire;

use super::Outstanding;
use crate::reports::{Reports, up_to};
use crate::ring::NicRing;
use crate::{Bus, NicIdx, TxFormat};

/// Descriptors up to the newest report that, like all before it, has arrived.
#[inline(always)]
pub(super) fn done<F: TxFormat, B: Bus>(
    ring: &NicRing<B>,
    reports: &mut Reports,
    outstanding: Outstanding,
) -> u32 {
    let start = ring.geometry.to_nic(outstanding.oldest);
    let mut done = 0;
    while let Some(at) = reports.oldest() {
        let count = up_to(&ring.geometry, start, at);
        // A report of nothing outstanding would take the tail past the head.
        if count > outstanding.count || !is_done::<F, B>(ring, at) {
            break;
        }
        reports.pop();
        done = count;
    }
    done
}

/// Whether a later report has arrived and the oldest has not.
///
/// The later one is checked first: a NIC finishes descriptors in order, so the oldest is then done, too.
pub(crate) fn overtaken<F: TxFormat, B: Bus>(ring: &NicRing<B>, reports: &Reports) -> bool {
    let mut later = reports.iter().skip(1);
    let Some(oldest) = reports.oldest() else {
        return false;
    };
    later.any(|at| is_done::<F, B>(ring, at)) && !is_done::<F, B>(ring, oldest)
}

#[inline(always)]
fn is_done<F: TxFormat, B: Bus>(ring: &NicRing<B>, at: NicIdx) -> bool {
    let descriptor = ring.descriptors().get(at.0 as usize);
    descriptor.is_some_and(|words| words[F::CONTROL].load(Acquire) & F::DONE_MASK == F::DONE)
}
