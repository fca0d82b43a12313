//! Runs: parts of a batch in which neither side of the ring wraps.

use crate::atomic::AtomicU64;
use crate::{Geometry, NicIdx, NmIdx, Positions, SlotCell, SyncError};

/// The two words of a descriptor, shared with the device.
pub(crate) type Descriptor = [AtomicU64; 2];

/// Consecutive slots and their descriptors.
///
/// Functions off the fast path take it by value: a reference would force it into memory.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) slots: &'a [SlotCell],
    pub(crate) descriptors: &'a [Descriptor],
    /// The client's index of the first slot.
    pub(crate) nm: NmIdx,
    /// The NIC's index of the first descriptor.
    pub(crate) nic: NicIdx,
    /// Slots of the run.
    pub(crate) len: u32,
}

impl<'a> Run<'a> {
    /// The longest run from `nm`, at most `most` slots; the last descriptor of the ring is a separate run if it is
    /// `marked`.
    ///
    /// `None` if there are fewer slots or descriptors than the geometry says, which constructors exclude.
    #[inline(always)]
    pub(crate) fn next(
        geometry: &Geometry,
        slots: &'a [SlotCell],
        descriptors: &'a [Descriptor],
        nm: NmIdx,
        most: u32,
        marked: bool,
    ) -> Option<Run<'a>> {
        let nic = geometry.to_nic(nm);
        let to_end = geometry.slots() - nic.0;
        let to_end = if marked && to_end > 1 {
            to_end - 1
        } else {
            to_end
        };
        let len = most.min(geometry.slots() - nm.0).min(to_end);
        Some(Run {
            slots: slots.get(nm.0 as usize..)?.get(..len as usize)?,
            descriptors: descriptors.get(nic.0 as usize..)?.get(..len as usize)?,
            nm,
            nic,
            len,
        })
    }
}

/// Slots between two checks of how many are left: a check after each slot would be a fifth of the work.
const STRIDE: usize = 16;

/// Calls `one` for each slot and its descriptor until it fails, possibly twice for the failing slot. Returns the number
/// of successes. With `deferred`, the owner bits of the first descriptor are deferred.
#[inline(always)]
pub(crate) fn each(
    slots: &[SlotCell],
    descriptors: &[Descriptor],
    deferred: bool,
    one: impl Fn(&SlotCell, &Descriptor, bool) -> bool,
) -> u32 {
    let plain = |(slot, descriptor): (&SlotCell, &Descriptor)| one(slot, descriptor, false);
    let mut done = 0;
    if deferred {
        let (Some(slot), Some(descriptor)) = (slots.first(), descriptors.first()) else {
            return 0;
        };
        if !one(slot, descriptor, true) {
            return 0;
        }
        done = 1;
    }
    let (Some(after), Some(descriptors_after)) = (slots.get(done..), descriptors.get(done..))
    else {
        return done as u32;
    };
    // Not zipped: two pointers take fewer registers than two bases, an offset and a count.
    let mut descriptor_strides = descriptors_after.as_chunks::<STRIDE>().0.iter();
    for slots in after.as_chunks::<STRIDE>().0 {
        let Some(descriptors) = descriptor_strides.next() else {
            break;
        };
        if !slots.iter().zip(descriptors).all(plain) {
            break;
        }
        done += STRIDE;
    }
    let (Some(rest), Some(rest_descriptors)) = (slots.get(done..), descriptors.get(done..)) else {
        return done as u32;
    };
    let rest = rest.iter().zip(rest_descriptors);
    (done + rest.take_while(|&pair| plain(pair)).count()) as u32
}

/// Bits to invert in control words.
#[derive(Clone, Copy)]
pub(crate) struct OwnerBits {
    /// In all descriptors of a run: the end mark of the ring's last descriptor, which is a separate run.
    pub(crate) all: u64,
    /// In the first descriptor of a batch: its owner bits, because it is handed over last.
    pub(crate) deferred: u64,
}

impl OwnerBits {
    /// The bits for a run that starts at `nic`, with the NIC's end mark and owner bits.
    #[inline(always)]
    pub(crate) fn of(geometry: &Geometry, nic: NicIdx, end: u64, owner: u64) -> OwnerBits {
        let last = end != 0 && nic.0 + 1 == geometry.slots();
        OwnerBits {
            all: if last { end } else { 0 },
            deferred: owner,
        }
    }

    /// The bits for one descriptor.
    #[inline(always)]
    pub(crate) fn bits(self, deferred: bool) -> u64 {
        self.all | if deferred { self.deferred } else { 0 }
    }
}

/// Refuses positions that do not belong to the ring, and a head outside what the client owns.
///
/// The same for both directions: the client owns `hwcur..hwtail`, and may release all of these slots.
#[inline(always)]
pub(crate) fn check_positions(
    geometry: &Geometry,
    slots: &[SlotCell],
    at: Positions,
) -> Result<(), SyncError> {
    if slots.len() != geometry.slots() as usize
        || !geometry.contains(at.hwcur)
        || !geometry.contains(at.hwtail)
    {
        return Err(SyncError::NotThisRing {
            slots: geometry.slots(),
        });
    }
    if !geometry.contains(at.head)
        || geometry.distance(at.hwcur, at.head) > geometry.distance(at.hwcur, at.hwtail)
    {
        return Err(SyncError::HeadOutOfRange {
            head: at.head.0,
            hwcur: at.hwcur.0,
            hwtail: at.hwtail.0,
        });
    }
    Ok(())
}
