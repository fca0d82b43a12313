//! The rate limit that all threads share.

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const SECOND: u128 = 1_000_000_000;

/// A number of frames in a time, as a fraction without rounding: 0.5 per second and 1 per minute are exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frequency {
    /// At least 1.
    frames: u64,
    /// In this many nanoseconds, at least 1.
    nanos: u128,
}

impl FromStr for Frequency {
    type Err = String;

    /// Parses frames per second: digits, with up to nine after a point, and optionally `/s`, `/min` or `/h`.
    fn from_str(text: &str) -> Result<Frequency, String> {
        let (number, unit) = text.split_once('/').unwrap_or((text, "s"));
        let seconds = match unit {
            "s" => 1,
            "min" => 60,
            "h" => 3600,
            _ => return Err(format!("unknown unit `{unit}`: use `s`, `min` or `h`")),
        };
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        let digits = [whole, part].concat();
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err("not a number like `1000`, `0.5` or `1/min`".to_owned());
        }
        if part.len() > 9 {
            return Err("more than nine digits after the point".to_owned());
        }
        match digits.parse() {
            Ok(0) => Err("the rate must be above 0".to_owned()),
            Ok(frames) => Ok(Frequency {
                frames,
                nanos: SECOND * seconds * 10u128.pow(part.len() as u32),
            }),
            Err(_) => Err("too many digits".to_owned()),
        }
    }
}

impl Frequency {
    /// Frames due `elapsed` after the first one, which is due at once.
    fn due(self, elapsed: Duration) -> u128 {
        // Two factors of 64 bits; 2^64 ns are 584 years.
        let nanos = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        1 + u128::from(nanos) * u128::from(self.frames) / self.nanos
    }

    /// When frame number `number` is due; the first one is number 0.
    fn time_of(self, number: u128) -> Duration {
        let nanos = number.saturating_mul(self.nanos);
        let nanos = nanos.div_ceil(u128::from(self.frames));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// Missed frames that may be caught up at once: those of a tenth of a second, rounded up.
    fn burst(self) -> u128 {
        (SECOND / 10 * u128::from(self.frames)).div_ceil(self.nanos)
    }
}

/// Computes how many frames may be sent now, for all threads together.
///
/// The clock is the caller's: the time since the start.
#[derive(Debug)]
pub struct Pace {
    frequency: Option<Frequency>,
    /// Frames that were due and were sent or missed.
    past: Mutex<u128>,
}

impl Pace {
    /// A pace of `frequency`; without one there is no limit.
    pub fn new(frequency: Option<Frequency>) -> Pace {
        Pace {
            frequency,
            past: Mutex::new(0),
        }
    }

    /// Takes as many frames as may be sent at `elapsed`, at most `most`; if none may be sent, the error is the time
    /// until the next one.
    ///
    /// The first frame is due at once. Missed frames are caught up, but at most those of a tenth of a second.
    pub fn take(&self, most: u64, elapsed: Duration) -> Result<u64, Duration> {
        let Some(frequency) = self.frequency else {
            return Ok(most);
        };
        let due = frequency.due(elapsed);
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        *past = (*past).max(due.saturating_sub(frequency.burst()));
        match due.saturating_sub(*past).min(most.into()) {
            0 => Err(frequency.time_of(*past).saturating_sub(elapsed)),
            open => {
                *past += open;
                Ok(open as u64)
            }
        }
    }

    /// Returns frames that were taken and not sent.
    pub fn give(&self, frames: u64) {
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        *past = past.saturating_sub(frames.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    use std::thread;

    const LONG_AGO: Duration = Duration::from_secs(3600);

    fn pace(text: &str) -> Pace {
        Pace::new(Some(text.parse().unwrap()))
    }

    fn at(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    #[test]
    fn a_rate_is_a_fraction() {
        for (text, frames, nanos) in [
            ("1", 1, SECOND),
            ("14880952", 14_880_952, SECOND),
            ("18446744073709551615", u64::MAX, SECOND),
            ("0.5", 5, 10 * SECOND),
            ("0.0167", 167, 10_000 * SECOND),
            (".25/s", 25, 100 * SECOND),
            ("1/min", 1, 60 * SECOND),
            ("2.5/h", 25, 36_000 * SECOND),
        ] {
            let frequency: Frequency = text.parse().unwrap();
            assert_eq!((frequency.frames, frequency.nanos), (frames, nanos));
        }
        for (text, why) in [
            ("", "not a number"),
            (".", "not a number"),
            ("-1", "not a number"),
            ("1e6", "not a number"),
            ("0", "above 0"),
            ("0.000/min", "above 0"),
            ("1/day", "unknown unit `day`"),
            ("0.0000000001", "nine digits"),
            ("18446744073709551616", "too many digits"),
        ] {
            let error = text.parse::<Frequency>().unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn the_first_frame_is_sent_at_once_and_the_others_when_they_are_due() {
        let pace = pace("1000000");
        assert_eq!(pace.take(100, at(0)), Ok(1));
        assert_eq!(pace.take(100, at(0)), Err(at(1)));
        assert_eq!(pace.take(100, at(10)), Ok(10));
        assert_eq!(pace.take(100, at(10)), Err(at(1)));
        pace.give(4);
        assert_eq!(pace.take(100, at(11)), Ok(5));
    }

    #[test]
    fn short_delays_are_caught_up_and_long_ones_are_not() {
        let pace = pace("1000000");
        assert_eq!(pace.take(64, at(50_000)), Ok(64));
        assert_eq!(pace.take(u64::MAX, at(50_000)), Ok(50_001 - 64));
        assert_eq!(pace.take(64, at(5_000_000)), Ok(64));
        assert_eq!(pace.take(u64::MAX, at(5_000_000)), Ok(100_000 - 64));
        assert_eq!(pace.take(1, at(5_000_000)), Err(at(1)));
    }

    #[test]
    fn rates_below_ten_a_second_send_one_frame_at_a_time() {
        for (text, interval) in [("5", 200), ("1", 1000), ("1/min", 60_000), ("0.25", 4000)] {
            let (pace, interval) = (pace(text), Duration::from_millis(interval));
            for number in 0..10 {
                assert_eq!(pace.take(512, interval * number), Ok(1), "{text}");
                assert_eq!(pace.take(512, interval * number), Err(interval), "{text}");
            }
            // After a long stall, a single frame.
            assert_eq!(pace.take(512, interval * 100), Ok(1), "{text}");
            assert!(pace.take(512, interval * 100).is_err(), "{text}");
        }
    }

    #[test]
    fn no_rate_and_no_time_overflows() {
        for text in ["18446744073709551615", "0.000000001/h"] {
            for elapsed in [Duration::ZERO, LONG_AGO, Duration::MAX] {
                let pace = pace(text);
                assert!(pace.take(u64::MAX, elapsed).is_ok(), "{text} {elapsed:?}");
                let _ = pace.take(u64::MAX, elapsed);
                pace.give(u64::MAX);
                assert!(pace.take(1, Duration::MAX).is_ok(), "{text} {elapsed:?}");
            }
        }
    }

    #[test]
    fn without_a_rate_there_is_no_limit() {
        assert_eq!(Pace::new(None).take(512, Duration::ZERO), Ok(512));
    }

    /// A rate from 1 a minute to line rate.
    fn rates() -> impl Strategy<Value = Frequency> {
        let per_second = (1u64..150_000_000).prop_map(|frames| format!("{frames}"));
        let per_minute = (1u64..600).prop_map(|frames| format!("{frames}/min"));
        let fraction = (1u64..100_000).prop_map(|frames| format!("0.{frames:05}"));
        prop_oneof![per_second, per_minute, fraction].prop_map(|text| text.parse().unwrap())
    }

    /// The exact number of frames due, computed in another way: with remainder, step by step.
    #[derive(Default)]
    struct Exact {
        whole: u128,
        rest: u128,
    }

    impl Exact {
        fn pass(&mut self, frequency: Frequency, nanos: u64) {
            self.rest += u128::from(nanos) * u128::from(frequency.frames);
            self.whole += self.rest / frequency.nanos;
            self.rest %= frequency.nanos;
        }
    }

    proptest! {
        /// However threads take turns, and whatever they return: as long as no step is longer than a tenth of a
        /// second, every frame is sent once it is due, and none earlier.
        #[test]
        fn after_any_time_exactly_the_frames_due_were_sent(
            frequency in rates(),
            steps in prop::collection::vec((0u64..=100_000_000, 1u64..2000, 0u64..2000), 1..200),
        ) {
            let pace = Pace::new(Some(frequency));
            let (mut elapsed, mut exact, mut sent) = (Duration::ZERO, Exact::default(), 0u128);
            for (nanos, most, returned) in steps {
                elapsed += Duration::from_nanos(nanos);
                exact.pass(frequency, nanos);
                // One thread takes some and may return some of them; the others take all that is left.
                if let Ok(taken) = pace.take(most, elapsed) {
                    let returned = returned.min(taken);
                    pace.give(returned);
                    sent += u128::from(taken - returned);
                }
                sent += u128::from(pace.take(u64::MAX, elapsed).unwrap_or(0));
                prop_assert_eq!(sent, exact.whole + 1);

                let wait = pace.take(1, elapsed).unwrap_err();
                prop_assert!(pace.take(1, elapsed + wait - Duration::from_nanos(1)).is_err());
                prop_assert_eq!(pace.take(1, elapsed + wait), Ok(1));
                pace.give(1);
            }
        }

        /// With stalls of any length, frames are missed, but none is early, and no burst is longer than a tenth of a
        /// second's frames.
        #[test]
        fn after_a_stall_no_more_than_a_burst_is_sent(
            frequency in rates(),
            steps in prop::collection::vec((0u64..20_000_000_000, 1u64..u64::MAX), 1..100),
        ) {
            let pace = Pace::new(Some(frequency));
            let (mut elapsed, mut exact, mut sent) = (Duration::ZERO, Exact::default(), 0u128);
            for (nanos, most) in steps {
                elapsed += Duration::from_nanos(nanos);
                exact.pass(frequency, nanos);
                let taken = pace.take(most, elapsed).unwrap_or(0);
                sent += u128::from(taken);
                prop_assert!(u128::from(taken) <= frequency.burst());
                prop_assert!(sent <= exact.whole + 1);
            }
        }
    }

    #[test]
    fn threads_at_one_pace_send_exactly_its_frames() {
        for (text, millis, due) in [
            ("7", 10_000, 71),
            ("1/min", 600_000, 11),
            ("14880952", 1000, 14_880_953),
        ] {
            for threads in [1, 2, 3, 128] {
                let (pace, clock, sent) = (pace(text), AtomicU64::new(0), AtomicU64::new(0));
                let take = || -> u64 {
                    let elapsed = Duration::from_millis(clock.load(Relaxed));
                    let taken = pace.take(100_000_000, elapsed).unwrap_or(0);
                    sent.fetch_add(taken, Relaxed);
                    taken
                };
                thread::scope(|scope| {
                    for _ in 0..threads {
                        scope.spawn(|| {
                            while clock.load(Relaxed) < millis {
                                take();
                                thread::yield_now();
                            }
                        });
                    }
                    // The next step begins when all frames of this one were sent, by any thread.
                    for now in (0..=millis).step_by((millis / 100) as usize) {
                        clock.store(now, Relaxed);
                        while take() > 0 {}
                    }
                });
                assert_eq!(sent.load(Relaxed), due, "{text} with {threads} threads");
            }
        }
    }
}
