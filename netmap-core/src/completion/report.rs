//! Completion in descriptors: a done bit that the NIC sets, or an owner bit that it clears.

use core::sync::atomic::Ordering::Acquire;

use super::{Done, Outstanding};
use crate::reports::{Reports, up_to};
use crate::ring::NicRing;
use crate::{Bus, NicIdx, TxFormat};

/// Descriptors up to the newest report that, like all before it, has arrived.
#[inline(always)]
pub(super) fn done<F: TxFormat, B: Bus>(
    ring: &NicRing<B>,
    reports: &mut Reports,
    outstanding: Outstanding,
) -> Done {
    let start = ring.geometry.to_nic(outstanding.oldest);
    let mut done = Done {
        count: 0,
        failed: 0,
    };
    while let Some(at) = reports.oldest() {
        let count = up_to(&ring.geometry, start, at);
        // A report of nothing outstanding would take the tail past the head.
        if count > outstanding.count {
            break;
        }
        let Some(control) = completed::<F, B>(ring, at) else {
            break;
        };
        reports.pop();
        done.count = count;
        done.failed += u32::from(control & F::FAILED != 0);
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
    let is_done = |at| completed::<F, B>(ring, at).is_some();
    later.any(is_done) && !is_done(oldest)
}

/// The control word of a descriptor, if it is completed.
#[inline(always)]
fn completed<F: TxFormat, B: Bus>(ring: &NicRing<B>, at: NicIdx) -> Option<u64> {
    let descriptor = ring.descriptors().get(at.0 as usize)?;
    let control = descriptor[F::CONTROL].load(Acquire);
    (control & F::DONE_MASK == F::DONE).then_some(control)
}
