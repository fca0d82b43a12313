//! From descriptors to slots: received frames, checked.

use core::sync::atomic::Ordering::Relaxed;

use super::RxCounters;
use crate::abi::NS_MOREFRAG;
use crate::run::{Descriptor, Run, each};
use crate::{Geometry, NmIdx, RxFormat, SlotCell, SyncError};

/// A complete frame.
#[derive(Debug, Clone, Copy)]
struct Whole {
    /// Slots of the frame.
    slots: u32,
    /// Status of its last descriptor.
    last: u64,
}

/// The state for descriptors that are not a whole good frame.
#[derive(Debug, Default, Clone)]
pub(super) struct SlowPath {
    /// The beginning of the current frame was dropped, so the rest is dropped, too.
    pub(super) dropping: bool,
    pub(super) counters: RxCounters,
    /// Slots of frames over several slots, except the first slot of each.
    pub(super) further: u64,
    /// Slots returned empty.
    pub(super) empty: u64,
}

/// A ring to import from.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) geometry: Geometry,
    pub(super) slots: &'a [SlotCell],
    pub(super) descriptors: &'a [Descriptor],
    /// Bytes of a buffer.
    pub(super) buffer_size: u32,
    /// Bytes of CRC at the end of a frame.
    pub(super) crc: u16,
}

impl<'a> Source<'a> {
    fn status<F: RxFormat>(&self, at: NmIdx) -> Option<u64> {
        let nic = self.geometry.to_nic(at);
        let descriptor = self.descriptors.get(nic.0 as usize)?;
        Some(descriptor[F::STATUS_WORD].load(Relaxed))
    }

    fn slot(&self, at: NmIdx) -> Option<&'a SlotCell> {
        self.slots.get(at.0 as usize)
    }
}

/// Returns frames in one slot each from `from` on, up to the first descriptor that is not such a frame. Returns how
/// many.
#[inline(always)]
pub(super) fn import_good<F: RxFormat>(
    run: &Run<'_>,
    from: u32,
    buffer_size: u32,
    crc: u16,
) -> u32 {
    let (Some(slots), Some(all)) = (
        run.slots.get(from as usize..),
        run.descriptors.get(from as usize..),
    ) else {
        return 0;
    };
    each(slots, all, false, |slot, descriptor, _| {
        let status = descriptor[F::STATUS_WORD].load(Relaxed);
        let len = F::len(status).wrapping_sub(crc);
        let good = status & (F::DONE_MASK | F::GOOD_MASK) == F::DONE | F::GOOD;
        if !good || u32::from(len) > buffer_size {
            return false;
        }
        slot.set_len_flags(len, 0);
        true
    })
}

impl SlowPath {
    /// Returns the frame at `at` that `import_good` did not import: over several slots, or bad. Returns its slots; 0 if
    /// it is incomplete.
    #[cold]
    pub(super) fn import<F: RxFormat>(
        &mut self,
        source: Source<'_>,
        at: NmIdx,
        left: u32,
        device_error: &mut Option<SyncError>,
    ) -> u32 {
        let Some(whole) = self.find::<F>(source, at, left) else {
            return 0;
        };
        let dropped = self.dropping;
        self.dropping = whole.last & F::LAST != F::LAST;
        if dropped || self.dropping {
            // A frame is counted at its beginning.
            self.counters.errors += u64::from(!dropped);
            self.return_empty(source, at, whole.slots);
            return whole.slots;
        }
        let good = self.is_good::<F>(source, at, whole);
        let fits = good && self.set_lengths::<F>(source, at, whole).is_some();
        if !good {
            self.counters.errors += 1;
        } else if !fits {
            self.counters.overlong += 1;
            *device_error = Some(SyncError::ReceivedPastBuffer {
                slot: at.0,
                len: F::len(whole.last),
                buffer_size: source.buffer_size,
            });
        }
        if !fits {
            self.return_empty(source, at, whole.slots);
        }
        whole.slots
    }

    /// Descriptors from `at` up to the end of a frame, or up to the most that a ring can have of a frame without an
    /// end.
    fn find<F: RxFormat>(&self, source: Source<'_>, at: NmIdx, left: u32) -> Option<Whole> {
        for by in 0..left {
            let last = source.status::<F>(source.geometry.advance(at, by))?;
            if last & F::DONE_MASK != F::DONE {
                break;
            }
            let slots = by + 1;
            // After a dropped beginning, the rest is dropped slot by slot.
            if last & F::LAST == F::LAST || self.dropping || slots + 1 == source.geometry.slots() {
                return Some(Whole { slots, last });
            }
        }
        None
    }

    /// Whether first and last marks, lengths and error bits are those of a good frame.
    fn is_good<F: RxFormat>(&self, source: Source<'_>, at: NmIdx, whole: Whole) -> bool {
        let begins = |by: u32| {
            let status = source.status::<F>(source.geometry.advance(at, by));
            status.is_some_and(|status| status & F::FIRST == F::FIRST)
        };
        if whole.slots == 1 {
            return whole.last & F::GOOD_MASK == F::GOOD && F::len(whole.last) >= source.crc;
        }
        let mask = F::GOOD_MASK & !F::FIRST;
        // Without a first mark, the beginning of another frame shows in the part before it: all parts except the last
        // fill their buffer.
        let begins_once = match (F::FIRST, F::PART) {
            (0, 0) => Self::fills_buffers::<F>(source, at, whole),
            (0, _) => true,
            _ => begins(0) && !(1..whole.slots).any(begins),
        };
        begins_once && whole.last & mask == F::GOOD & mask
    }

    /// Whether all parts except the last are equally long, and the last is not longer.
    fn fills_buffers<F: RxFormat>(source: Source<'_>, at: NmIdx, whole: Whole) -> bool {
        let len = |by: u32| {
            let status = source.status::<F>(source.geometry.advance(at, by));
            status.map_or(0, F::len)
        };
        let full = len(0);
        (1..whole.slots - 1).all(|by| len(by) == full) && F::len(whole.last) <= full
    }

    /// Sets the lengths of a good frame's slots, without CRC; `None`, with some lengths set, if the device reports more
    /// than buffers hold.
    fn set_lengths<F: RxFormat>(
        &mut self,
        source: Source<'_>,
        at: NmIdx,
        whole: Whole,
    ) -> Option<()> {
        let crc = u32::from(source.crc);
        let parts = whole.slots - 1;
        let mut before = 0;
        for by in 0..parts {
            let nm = source.geometry.advance(at, by);
            let len = match F::PART {
                0 => u32::from(F::len(source.status::<F>(nm)?)),
                part => part,
            };
            if len == 0 || len > source.buffer_size {
                return None;
            }
            source.slot(nm)?.set_len_flags(len as u16, NS_MOREFRAG);
            before += len;
        }
        let reported = u32::from(F::len(whole.last));
        let last = match F::PART {
            0 => reported,
            _ => reported.checked_sub(before)?,
        };
        if last > source.buffer_size || (parts > 0 && last == 0) {
            return None;
        }
        let end = source.geometry.advance(at, parts);
        match last.checked_sub(crc) {
            Some(len) if len > 0 || parts == 0 => {
                source.slot(end)?.set_len_flags(len as u16, 0);
                self.further += u64::from(parts);
            }
            // The last slot has only CRC bytes, so the one before it ends the frame, and may have CRC bytes, too.
            _ => {
                let cut = crc - last;
                let before = source.slot(source.geometry.before(end))?;
                let len = u32::from(before.len_flags().0).checked_sub(cut)?;
                if len == 0 {
                    return None;
                }
                before.set_len_flags(len as u16, 0);
                source.slot(end)?.set_len_flags(0, 0);
                self.further += u64::from(parts - 1);
                self.empty += 1;
            }
        }
        Some(())
    }

    fn return_empty(&mut self, source: Source<'_>, at: NmIdx, count: u32) {
        for by in 0..count {
            if let Some(slot) = source.slot(source.geometry.advance(at, by)) {
                slot.set_len_flags(0, 0);
            }
        }
        self.empty += u64::from(count);
    }
}
