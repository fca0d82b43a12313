//! The number of frames left, shared by all threads.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A number of frames that threads process together, to the last one.
///
/// A thread takes frames before it processes them, so that all threads together never process more than there are.
#[derive(Debug)]
pub struct Budget {
    /// `None` is unlimited.
    total: Option<u64>,
    /// Frames that no thread has taken.
    left: AtomicU64,
    /// Frames that were processed.
    done: AtomicU64,
}

impl Budget {
    /// A budget of `count` frames; 0 is unlimited.
    pub fn new(count: u64) -> Budget {
        Budget {
            total: (count != 0).then_some(count),
            left: AtomicU64::new(count),
            done: AtomicU64::new(0),
        }
    }

    /// Whether all frames were processed. While another thread may still return frames, the budget is not spent.
    pub fn is_spent(&self) -> bool {
        self.total == Some(self.done.load(Relaxed))
    }

    /// Takes up to `most` frames. Returns how many: 0 if other threads have taken all, which they may return.
    ///
    /// Every call that returns more than 0 needs a call of [`settle`](Self::settle).
    pub fn take(&self, most: u64) -> u64 {
        if self.total.is_none() {
            return most;
        }
        let before = self
            .left
            .fetch_update(Relaxed, Relaxed, |left| Some(left.saturating_sub(most)));
        before.unwrap_or_else(|left| left).min(most)
    }

    /// Of `taken` frames, `done` were processed; the others are returned. Frames of one call of [`take`](Self::take) may
    /// be settled in several calls.
    pub fn settle(&self, taken: u64, done: u64) {
        if self.total.is_some() {
            self.left.fetch_add(taken - done, Relaxed);
            self.done.fetch_add(done, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    const COUNT: u64 = 1_000_003;

    /// Takes up to 512 frames at a time and processes up to `at_once` of them, at most `most` in all.
    fn work(budget: &Budget, at_once: u64, most: u64) -> u64 {
        let mut done = 0;
        while !budget.is_spent() {
            let taken = budget.take(512);
            if taken == 0 {
                thread::yield_now();
                continue;
            }
            let some = taken.min(at_once).min(most - done);
            budget.settle(taken, some);
            done += some;
        }
        done
    }

    fn share(threads: [(u64, u64); 3]) -> [u64; 3] {
        let budget = Budget::new(COUNT);
        thread::scope(|scope| {
            let budget = &budget;
            threads
                .map(|(at_once, most)| scope.spawn(move || work(budget, at_once, most)))
                .map(|thread| thread.join().unwrap())
        })
    }

    #[test]
    fn threads_share_the_budget_to_the_last_frame() {
        let done = share([512, 100, 7].map(|at_once| (at_once, u64::MAX)));
        assert_eq!(done.iter().sum::<u64>(), COUNT);
    }

    /// A thread that returns what it cannot process leaves it to others, which must not have ended.
    #[test]
    fn returned_frames_are_processed_by_other_threads() {
        let done = share([(512, 10), (1, 0), (3, u64::MAX)]);
        assert_eq!(done.iter().sum::<u64>(), COUNT);
    }

    #[test]
    fn a_budget_without_a_count_is_unlimited() {
        let budget = Budget::new(0);
        assert_eq!(budget.take(u64::MAX), u64::MAX);
        budget.settle(u64::MAX, 1);
        assert_eq!(budget.take(9), 9);
        assert!(!budget.is_spent());
    }
}
