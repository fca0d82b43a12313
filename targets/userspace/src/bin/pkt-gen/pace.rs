//! Rate limit in frames per second.

use std::num::NonZeroU64;
use std::time::{Duration, Instant};

/// Computes how many frames may be sent now.
#[derive(Debug)]
pub struct Pace {
    rate: Option<NonZeroU64>,
    since: Instant,
    /// Of the frames due since then, those already taken.
    taken: u64,
}

impl Pace {
    /// A pace of `rate` frames per second from now on; without a rate there is no limit.
    pub fn new(rate: Option<NonZeroU64>, now: Instant) -> Pace {
        Pace {
            rate,
            since: now,
            taken: 0,
        }
    }

    /// Takes as many frames as may be sent at `now`, at most `most`.
    ///
    /// Missed frames are caught up, but at most those of a tenth of a second.
    pub fn take(&mut self, most: u64, now: Instant) -> u64 {
        let Some(rate) = self.rate else { return most };
        let due = self.due(rate, now);
        self.taken = self.taken.max(due.saturating_sub(rate.get() / 10));
        let open = due.saturating_sub(self.taken).min(most);
        self.taken += open;
        open
    }

    /// Returns frames that were taken and not sent.
    pub fn give(&mut self, frames: u64) {
        self.taken = self.taken.saturating_sub(frames);
    }

    /// The time until the next frame may be sent.
    pub fn wait(&self, now: Instant) -> Duration {
        let Some(rate) = self.rate else {
            return Duration::ZERO;
        };
        let next = u128::from(self.taken + 1) * 1_000_000_000 / u128::from(rate.get());
        let next = Duration::from_nanos(next.try_into().unwrap_or(u64::MAX));
        (self.since + next).saturating_duration_since(now)
    }

    fn due(&self, rate: NonZeroU64, now: Instant) -> u64 {
        let nanos = now.saturating_duration_since(self.since).as_nanos();
        (nanos * u128::from(rate.get()) / 1_000_000_000) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, micros: u64) -> Instant {
        start + Duration::from_micros(micros)
    }

    #[test]
    fn frames_are_sent_when_they_are_due() {
        let start = Instant::now();
        let mut pace = Pace::new(NonZeroU64::new(1_000_000), start);
        assert_eq!(pace.take(100, start), 0);
        assert_eq!(pace.wait(start), Duration::from_micros(1));
        assert_eq!(pace.take(100, at(start, 10)), 10);
        assert_eq!(pace.take(100, at(start, 10)), 0);
        pace.give(4);
        assert_eq!(pace.take(100, at(start, 11)), 5);
    }

    #[test]
    fn short_delays_are_caught_up_and_long_ones_are_not() {
        let start = Instant::now();
        let mut pace = Pace::new(NonZeroU64::new(1_000_000), start);
        assert_eq!(pace.take(64, at(start, 50_000)), 64);
        assert_eq!(pace.take(u64::MAX, at(start, 50_000)), 50_000 - 64);
        assert_eq!(pace.take(64, at(start, 5_000_000)), 64);
        assert_eq!(pace.take(u64::MAX, at(start, 5_000_000)), 100_000 - 64);
        assert_eq!(pace.take(1, at(start, 5_000_000)), 0);
    }

    #[test]
    fn without_a_rate_there_is_no_limit() {
        let start = Instant::now();
        let mut pace = Pace::new(None, start);
        assert_eq!(pace.take(512, start), 512);
        assert_eq!(pace.wait(start), Duration::ZERO);
    }
}
