//! The number of frames left, shared by all threads.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Frames left.
#[derive(Debug)]
pub struct Budget {
    left: AtomicU64,
    endless: bool,
}

impl Budget {
    /// A budget of `count` frames; 0 is unlimited.
    pub fn new(count: u64) -> Budget {
        Budget {
            left: AtomicU64::new(count),
            endless: count == 0,
        }
    }

    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        !self.endless && self.left.load(Relaxed) == 0
    }

    /// Takes up to `most` frames. Returns how many.
    pub fn take(&self, most: u64) -> u64 {
        if self.endless {
            return most;
        }
        let before = self
            .left
            .fetch_update(Relaxed, Relaxed, |left| Some(left.saturating_sub(most)));
        before.unwrap_or_else(|left| left).min(most)
    }

    /// Returns frames that were taken and not processed. The calling thread must continue, so that none is left over.
    pub fn give(&self, frames: u64) {
        if !self.endless {
            self.left.fetch_add(frames, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_share_the_budget_to_the_last_frame() {
        let budget = Budget::new(1_000_003);
        let done = |every: u64| {
            let mut done = 0;
            while !budget.is_spent() {
                let taken = budget.take(512);
                let some = taken.min(every);
                budget.give(taken - some);
                done += some;
            }
            done
        };
        let total: u64 = std::thread::scope(|scope| {
            let threads = [512, 100, 7].map(|every| scope.spawn(move || done(every)));
            threads.map(|thread| thread.join().unwrap()).iter().sum()
        });
        // A thread that returns frames after another has ended processes them itself.
        assert_eq!(total, 1_000_003);
    }

    #[test]
    fn a_budget_without_a_count_is_unlimited() {
        let budget = Budget::new(0);
        assert_eq!(budget.take(9), 9);
        budget.give(9);
        assert!(!budget.is_spent());
    }
}
