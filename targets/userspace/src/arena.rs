//! A first-fit allocator over a range of offsets.

use std::collections::BTreeMap;

/// The free parts of a range: length by start, never two adjacent ones.
#[derive(Debug)]
pub(crate) struct Arena {
    free: BTreeMap<usize, usize>,
}

impl Arena {
    /// An arena over `start..end`, initially all free.
    pub(crate) fn new(start: usize, end: usize) -> Arena {
        Arena {
            free: BTreeMap::from([(start, end.saturating_sub(start))]),
        }
    }

    /// Allocates the lowest `bytes` bytes that start at a multiple of `align`, a power of two.
    pub(crate) fn take(&mut self, bytes: usize, align: usize) -> Option<usize> {
        if bytes == 0 || !align.is_power_of_two() {
            return None;
        }
        let (start, len, at) = self.free.iter().find_map(|(&start, &len)| {
            let at = start.checked_next_multiple_of(align)?;
            (at - start)
                .checked_add(bytes)
                .is_some_and(|needed| needed <= len)
                .then_some((start, len, at))
        })?;
        self.free.remove(&start);
        if at > start {
            self.free.insert(start, at - start);
        }
        let (end, taken) = (start + len, at + bytes);
        if taken < end {
            self.free.insert(taken, end - taken);
        }
        Some(at)
    }

    /// Frees what [`take`](Self::take) allocated.
    pub(crate) fn give(&mut self, at: usize, bytes: usize) {
        let (mut start, mut len) = (at, bytes);
        if let Some((&before, &its_len)) = self.free.range(..at).next_back()
            && before + its_len == at
        {
            self.free.remove(&before);
            (start, len) = (before, its_len + len);
        }
        if let Some(its_len) = self.free.remove(&(at + bytes)) {
            len += its_len;
        }
        self.free.insert(start, len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn freed_blocks_merge_in_any_order() {
        let mut arena = Arena::new(100, 1100);
        let blocks: Vec<_> = (0..10).map(|_| arena.take(100, 4).unwrap()).collect();
        assert_eq!(arena.take(1, 1), None);
        for block in [3, 5, 4, 0, 9, 1, 2, 8, 7, 6] {
            arena.give(blocks[block], 100);
        }
        assert_eq!(arena.take(1000, 4), Some(100));
    }

    proptest! {
        #[test]
        fn no_two_blocks_overlap_and_all_are_aligned(
            wishes in prop::collection::vec((1usize..500, 0u32..9, any::<bool>()), 1..80)
        ) {
            let mut arena = Arena::new(64, 8192);
            let mut taken: Vec<(usize, usize)> = Vec::new();
            for (bytes, shift, give) in wishes {
                if give && !taken.is_empty() {
                    let (at, bytes) = taken.swap_remove(taken.len() / 2);
                    arena.give(at, bytes);
                } else if let Some(at) = arena.take(bytes, 1 << shift) {
                    prop_assert_eq!(at % (1 << shift), 0);
                    prop_assert!(at >= 64 && at + bytes <= 8192);
                    prop_assert!(taken.iter().all(|&(a, b)| at + bytes <= a || a + b <= at));
                    taken.push((at, bytes));
                }
            }
            for (at, bytes) in taken {
                arena.give(at, bytes);
            }
            prop_assert_eq!(arena.take(8192 - 64, 64), Some(64));
        }
    }
}
