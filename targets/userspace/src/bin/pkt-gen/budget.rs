//! How many frames are left to do, for all threads together.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Frames left.
#[derive(Debug)]
pub struct Budget {
    left: AtomicU64,
    endless: bool,
}

impl Budget {
    /// A budget of `count` frames; 0 never ends.
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

    /// Takes up to `most` frames; how many.
    pub fn take(&self, most: u64) -> u64 {
        if self.endless {
            return most;
        }
        let before = self
            .left
            .fetch_update(Relaxed, Relaxed, |left| Some(left.saturating_sub(most)));
        before.unwrap_or_else(|left| left).min(most)
    }

    /// Gives back what was taken and not done. Whoever does goes on, so that no frame is forgotten.
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
    fn threads_share_what_is_left_to_the_last_frame() {
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
        // One that gives back after another has ended does it itself.
        assert_eq!(total, 1_000_003);
    }

    #[test]
    fn nothing_ends_that_has_no_count() {
        let budget = Budget::new(0);
        assert_eq!(budget.take(9), 9);
        budget.give(9);
        assert!(!budget.is_spent());
    }
}
