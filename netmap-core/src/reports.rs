//! Report marks: which descriptors request a report.

use crate::{Geometry, NicIdx};

/// Most marks. A power of two, so that no index can be out of range.
const ROOM: usize = 64;

/// Descriptors with an outstanding report request, oldest first.
///
/// Private to the queue because client and device can write everything else. A report covers all descriptors up to its
/// own, so when the FIFO is full, the newest mark replaces the one before.
#[derive(Debug, Clone)]
pub(crate) struct Reports {
    at: [u16; ROOM],
    /// Numbers of the oldest mark and of the next one; they wrap freely.
    first: u32,
    end: u32,
}

/// A snapshot of the marks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before {
    end: u32,
    /// The newest mark, which another may have replaced since.
    newest: u16,
}

impl Reports {
    pub(crate) const NONE: Reports = Reports {
        at: [0; ROOM],
        first: 0,
        end: 0,
    };

    /// Adds a mark for the descriptor at `at`, unless it is already the newest.
    #[inline(always)]
    pub(crate) fn push(&mut self, at: NicIdx) {
        let at = at.0 as u16;
        let count = self.end.wrapping_sub(self.first) as usize;
        if count > 0 {
            let newest = self.place(self.end.wrapping_sub(1));
            if count == ROOM || *newest == at {
                *newest = at;
                return;
            }
        }
        *self.place(self.end) = at;
        self.end = self.end.wrapping_add(1);
    }

    #[inline(always)]
    fn place(&mut self, number: u32) -> &mut u16 {
        &mut self.at[number as usize % ROOM]
    }

    /// The oldest.
    #[inline(always)]
    pub(crate) fn oldest(&self) -> Option<NicIdx> {
        let at = self.at[self.first as usize % ROOM];
        (self.first != self.end).then_some(NicIdx(at.into()))
    }

    /// Removes the oldest mark.
    #[inline(always)]
    pub(crate) fn pop(&mut self) {
        if self.first != self.end {
            self.first = self.first.wrapping_add(1);
        }
    }

    /// Removes all marks.
    #[inline(always)]
    pub(crate) fn clear(&mut self) {
        self.first = self.end;
    }

    /// All, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = NicIdx> {
        let count = self.end.wrapping_sub(self.first);
        let at = move |by| self.at[self.first.wrapping_add(by) as usize % ROOM];
        (0..count).map(move |by| NicIdx(at(by).into()))
    }

    /// A snapshot for [`back_to`](Self::back_to).
    #[inline(always)]
    pub(crate) fn now(&self) -> Before {
        Before {
            end: self.end,
            newest: self.at[self.end.wrapping_sub(1) as usize % ROOM],
        }
    }

    /// Removes the marks added since the snapshot.
    pub(crate) fn back_to(&mut self, before: Before) {
        self.end = before.end;
        *self.place(before.end.wrapping_sub(1)) = before.newest;
    }
}

/// Descriptors from `start` up to and including the one at `at`.
#[inline(always)]
pub(crate) fn up_to(geometry: &Geometry, start: NicIdx, at: NicIdx) -> u32 {
    let by = at.0.wrapping_sub(start.0);
    if at.0 >= start.0 {
        by + 1
    } else {
        by.wrapping_add(geometry.slots()) + 1
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;

    fn all(reports: &Reports) -> Vec<u32> {
        reports.iter().map(|at| at.0).collect()
    }

    #[test]
    fn reports_are_returned_in_order() {
        let mut reports = Reports::NONE;
        assert_eq!(reports.oldest(), None);
        // Many times around, so that numbers wrap.
        for at in 0..1000 {
            reports.push(NicIdx(at));
            reports.push(NicIdx(at));
            reports.push(NicIdx(at + 1));
            assert_eq!(reports.oldest(), Some(NicIdx(at)));
            reports.pop();
            assert_eq!(reports.oldest(), Some(NicIdx(at + 1)));
            reports.pop();
            assert_eq!(reports.oldest(), None);
            reports.pop();
        }
    }

    #[test]
    fn the_newest_replaces_the_previous_one_when_full() {
        let mut reports = Reports::NONE;
        for at in 0..100 {
            reports.push(NicIdx(at));
        }
        let expected: Vec<u32> = (0..63).chain([99]).collect();
        assert_eq!(all(&reports), expected);
    }

    #[test]
    fn later_marks_are_removed_even_if_they_replaced_others() {
        for count in 0..70 {
            let mut reports = Reports::NONE;
            (0..count).for_each(|at| reports.push(NicIdx(at)));
            let (before, expected) = (reports.now(), all(&reports));
            (0..70).for_each(|at| reports.push(NicIdx(1000 + at)));
            reports.back_to(before);
            assert_eq!(all(&reports), expected, "{count}");
        }
    }
}
