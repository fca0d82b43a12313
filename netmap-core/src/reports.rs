//! Which descriptors were asked to report.

use crate::{Geometry, NicIdx};

/// Reports that are kept apart. A power of two, so that no index can lie outside.
const ROOM: usize = 64;

/// Descriptors that were asked to report and have not yet, oldest first.
///
/// Kept in the queue because client and device can write everything else. A report stands for all descriptors up to its
/// own, so where there are more than fit, the newest takes the place of the one before.
#[derive(Debug, Clone)]
pub(crate) struct Reports {
    at: [u16; ROOM],
    /// Numbers of the oldest and of the one to come; they run freely.
    first: u32,
    end: u32,
}

/// The reports as they were at some time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before {
    end: u32,
    /// The newest, whose place another may have taken since.
    newest: u16,
}

impl Reports {
    pub(crate) const NONE: Reports = Reports {
        at: [0; ROOM],
        first: 0,
        end: 0,
    };

    /// Adds that of the descriptor at `at`, unless it is the newest already.
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

    /// Forgets the oldest.
    #[inline(always)]
    pub(crate) fn pop(&mut self) {
        if self.first != self.end {
            self.first = self.first.wrapping_add(1);
        }
    }

    /// Forgets all.
    #[inline(always)]
    pub(crate) fn forget(&mut self) {
        self.first = self.end;
    }

    /// All, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = NicIdx> {
        let count = self.end.wrapping_sub(self.first);
        let at = move |by| self.at[self.first.wrapping_add(by) as usize % ROOM];
        (0..count).map(move |by| NicIdx(at(by).into()))
    }

    /// How they are now, to go back to.
    #[inline(always)]
    pub(crate) fn now(&self) -> Before {
        Before {
            end: self.end,
            newest: self.at[self.end.wrapping_sub(1) as usize % ROOM],
        }
    }

    /// Forgets those that came since.
    pub(crate) fn back_to(&mut self, before: Before) {
        self.end = before.end;
        *self.place(before.end.wrapping_sub(1)) = before.newest;
    }
}

/// Descriptors from `start` up to the one at `at`, which is counted.
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
    fn reports_come_in_the_order_they_were_asked_for() {
        let mut reports = Reports::NONE;
        assert_eq!(reports.oldest(), None);
        // Many times around, so that numbers wrap within the places.
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
    fn the_newest_takes_the_place_of_another_where_there_is_no_room() {
        let mut reports = Reports::NONE;
        for at in 0..100 {
            reports.push(NicIdx(at));
        }
        let expected: Vec<u32> = (0..63).chain([99]).collect();
        assert_eq!(all(&reports), expected);
    }

    #[test]
    fn what_came_since_is_forgotten_even_if_it_took_places() {
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
