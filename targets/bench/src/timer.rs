//! The time-stamp counter.

use std::arch::x86_64::{__rdtscp, _mm_lfence, _rdtsc};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Times short pieces of code, and measures the machine's current speed.
pub struct Timer {
    overhead: u64,
    ghz: f64,
}

impl Timer {
    /// Measures the cost of timing itself, and the duration of a fixed loop on an undisturbed machine.
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

    /// Ticks per nanosecond.
    pub fn ghz(&self) -> f64 {
        self.ghz
    }

    /// Ticks of timing an empty function.
    pub fn overhead(&self) -> u64 {
        self.overhead
    }

    /// Ticks of `work`, without the cost of timing.
    #[inline(always)]
    pub fn time<T>(&self, work: impl FnOnce() -> T) -> (T, u64) {
        let mut result = None;
        let (_, ticks) = raw(|| result = Some(work()));
        match result {
            Some(result) => (result, ticks.saturating_sub(self.overhead)),
            None => unreachable!("`raw` calls its argument"),
        }
    }

    /// Current ticks of a fixed loop; a round is disturbed if this differs between its start and end.
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

/// The counter before `work`, and its increase during `work`.
#[inline(always)]
fn raw(work: impl FnOnce()) -> (u64, u64) {
    // SAFETY: every x86-64 processor has these instructions; they access no memory except `aux`.
    let start = unsafe {
        _mm_lfence();
        let start = _rdtsc();
        _mm_lfence();
        start
    };
    work();
    let mut aux = 0;
    // SAFETY: as above; `rdtscp` waits for earlier instructions, the fence orders later ones after it.
    let end = unsafe {
        let end = __rdtscp(&raw mut aux);
        _mm_lfence();
        end
    };
    (start, end.wrapping_sub(start))
}

/// The middle value; 0 if there are no values.
pub fn median<T: Copy + PartialOrd + Default>(values: &mut [T]) -> T {
    quantile(values, 0.5)
}

/// The value below which `part` of the values lie.
pub fn quantile<T: Copy + PartialOrd + Default>(values: &mut [T], part: f64) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let at = ((values.len().saturating_sub(1)) as f64 * part).round() as usize;
    values.get(at).copied().unwrap_or_default()
}
