//! Counters that one worker writes and other threads read.

use std::fmt;
use std::iter::Sum;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Frames, bytes and batches.
#[derive(Debug, Default)]
pub struct Counters {
    frames: AtomicU64,
    bytes: AtomicU64,
    batches: AtomicU64,
}

/// The counters at one moment, or the difference between two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Frames.
    pub frames: u64,
    /// Their bytes without CRC.
    pub bytes: u64,
    /// Batches.
    pub batches: u64,
}

/// Totals over a time, printed as a rate.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// The totals.
    pub totals: Totals,
    /// The duration.
    pub over: Duration,
}

impl Counters {
    /// Adds a batch; called by one thread only.
    pub fn add(&self, frames: u64, bytes: u64) {
        let add = |counter: &AtomicU64, n| counter.store(counter.load(Relaxed) + n, Relaxed);
        add(&self.frames, frames);
        add(&self.bytes, bytes);
        add(&self.batches, 1);
    }

    /// The counters now.
    pub fn now(&self) -> Totals {
        Totals {
            frames: self.frames.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            batches: self.batches.load(Relaxed),
        }
    }
}

impl Sum for Totals {
    fn sum<I: Iterator<Item = Totals>>(all: I) -> Totals {
        all.fold(Totals::default(), |sum, each| Totals {
            frames: sum.frames + each.frames,
            bytes: sum.bytes + each.bytes,
            batches: sum.batches + each.batches,
        })
    }
}

/// Rates once a second.
#[derive(Debug)]
pub struct Rates {
    before: Totals,
    since: Instant,
}

impl Rates {
    /// Rates from now on, from counters that are zero.
    pub fn start() -> Rates {
        Rates {
            before: Totals::default(),
            since: Instant::now(),
        }
    }

    /// The rate since the last one, if that was at least a second ago.
    pub fn next(&mut self, now: impl FnOnce() -> Totals) -> Option<Rate> {
        let over = self.since.elapsed();
        if over < Duration::from_secs(1) {
            return None;
        }
        let (before, now) = (self.before, now());
        (self.before, self.since) = (now, self.since + over);
        let totals = now.since(before);
        Some(Rate { totals, over })
    }
}

impl Totals {
    /// The difference to `before`.
    pub fn since(self, before: Totals) -> Totals {
        Totals {
            frames: self.frames.saturating_sub(before.frames),
            bytes: self.bytes.saturating_sub(before.bytes),
            batches: self.batches.saturating_sub(before.batches),
        }
    }
}

impl Rate {
    /// The totals and the rate, for the end of a program.
    pub fn summary(&self) -> impl fmt::Display {
        let Totals { frames, bytes, .. } = self.totals;
        let seconds = self.over.as_secs_f64();
        fmt::from_fn(move |f| {
            write!(
                f,
                "{frames} frames, {bytes} bytes in {seconds:.3} s: {self}"
            )
        })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.over.as_secs_f64().max(1e-9);
        let each = |n: u64| n as f64 / seconds;
        let average = self.totals.frames as f64 / self.totals.batches.max(1) as f64;
        write!(
            f,
            "{}pps  {}bit/s  average batch {average:.1}",
            Scaled(each(self.totals.frames)),
            Scaled(each(self.totals.bytes) * 8.0)
        )
    }
}

/// A number with three decimals and a prefix.
struct Scaled(f64);

impl fmt::Display for Scaled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, prefix) = match self.0 {
            n if n >= 1e9 => (n / 1e9, "G"),
            n if n >= 1e6 => (n / 1e6, "M"),
            n if n >= 1e3 => (n / 1e3, "k"),
            n => (n, ""),
        };
        write!(f, "{value:.3} {prefix}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_formatted_readably() {
        let counters = Counters::default();
        let before = counters.now();
        counters.add(512, 512 * 60);
        counters.add(488, 488 * 60);
        let rate = Rate {
            totals: counters.now().since(before),
            over: Duration::from_millis(2),
        };
        assert_eq!(
            rate.to_string(),
            "500.000 kpps  240.000 Mbit/s  average batch 500.0"
        );
    }
}
