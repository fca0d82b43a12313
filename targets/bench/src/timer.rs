//! The time-stamp counter.

use std::arch::x86_64::{__rdtscp, _mm_lfence, _rdtsc};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Times short stretches, and shows how fast the machine is at the moment.
pub struct Timer {
    overhead: u64,
    ghz: f64,
}

impl Timer {
    /// Measures what timing itself costs, and how long a fixed loop takes on an undisturbed machine.
    pub fn calibrate() -> Timer {
        let mut overhead: Vec<u64> = (0..10_001).map(|_| raw(|| ()).1).collect();
        let start = (Instant::now(), raw(|| ()).0);
        while start.0.elapsed() < Duration::from_millis(50) {}
        let (ticks, elapsed) = (raw(|| ()).0 - start.1, start.0.elapsed());
        Timer {
            overhead: median(&mut overhead),
            ghz: ticks as f64 / elapsed.as_nanos() as f64,
        }
    }

    /// Ticks a nanosecond.
    pub fn ghz(&self) -> f64 {
        self.ghz
    }

    /// Ticks that timing nothing shows.
    pub fn overhead(&self) -> u64 {
        self.overhead
    }

    /// Ticks that `work` takes, without what timing costs.
    #[inline(always)]
    pub fn time<T>(&self, work: impl FnOnce() -> T) -> (T, u64) {
        let mut result = None;
        let (_, ticks) = raw(|| result = Some(work()));
        match result {
            Some(result) => (result, ticks.saturating_sub(self.overhead)),
            None => unreachable!("`raw` calls its argument"),
        }
    }

    /// Ticks of a fixed loop now; a round whose start and end differ in this was disturbed.
    pub fn pace(&self) -> u64 {
        (0..5).map(|_| raw(fixed_loop).1).min().unwrap_or(0)
    }
}

fn fixed_loop() {
    let mut sum = 1u64;
    for i in 0..200u64 {
        sum = black_box(sum.wrapping_mul(3) ^ i);
    }
}

/// The counter before `work`, and how far it went on during it.
#[inline(always)]
fn raw(work: impl FnOnce()) -> (u64, u64) {
    // SAFETY: every x86-64 processor has these instructions; they touch no memory but `aux`.
    let start = unsafe {
        _mm_lfence();
        let start = _rdtsc();
        _mm_lfence();
        start
    };
    work();
    let mut aux = 0;
    // SAFETY: as above; `rdtscp` waits for what is before it, the fence keeps what is after it behind.
    let end = unsafe {
        let end = __rdtscp(&raw mut aux);
        _mm_lfence();
        end
    };
    (start, end.wrapping_sub(start))
}

/// The middle value; 0 of nothing.
pub fn median<T: Copy + PartialOrd + Default>(values: &mut [T]) -> T {
    quantile(values, 0.5)
}

/// The value below which `part` of the values lie.
pub fn quantile<T: Copy + PartialOrd + Default>(values: &mut [T], part: f64) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let at = ((values.len().saturating_sub(1)) as f64 * part).round() as usize;
    values.get(at).copied().unwrap_or_default()
}
