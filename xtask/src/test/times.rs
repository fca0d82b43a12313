//! The times of tiers, stored between runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use miette::{IntoDiagnostic, WrapErr};

use xtask_workspace::cargo;

/// Seconds by tier, of the last run of each that passed.
pub struct Times {
    file: PathBuf,
    seconds: BTreeMap<String, f64>,
}

impl Times {
    /// Reads the times; none if the file is missing or unreadable.
    pub fn read() -> miette::Result<Times> {
        let file = cargo::target_directory()?.join("test-times");
        let text = fs::read_to_string(&file).unwrap_or_default();
        Ok(Times {
            file,
            seconds: parse(&text),
        })
    }

    /// The time of a tier in seconds.
    pub fn of(&self, tier: &str) -> Option<f64> {
        self.seconds.get(tier).copied()
    }

    /// Stores the time of a tier.
    pub fn keep(&mut self, tier: &str, seconds: f64) -> miette::Result<()> {
        self.seconds.insert(tier.to_owned(), seconds);
        let lines = self.seconds.iter();
        let lines = lines.map(|(tier, seconds)| format!("{tier}\t{seconds:.1}\n"));
        fs::write(&self.file, lines.collect::<String>())
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot write {}", self.file.display()))
    }
}

fn parse(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter_map(|line| {
        let (tier, seconds) = line.split_once('\t')?;
        Some((tier.to_owned(), seconds.parse().ok()?))
    });
    lines.collect()
}

/// A readable time: `40 s`, `3 min`.
pub fn spoken(seconds: f64) -> String {
    match seconds.round() {
        seconds if seconds < 100.0 => format!("{seconds} s"),
        seconds => format!("{} min", (seconds / 60.0).round()),
    }
}

#[cfg(test)]
mod tests {
    use super::{parse, spoken};

    #[test]
    fn times_are_read_line_by_line_and_nonsense_is_left_out() {
        let times = parse("format\t1.5\nclippy\tlong\n\ntests\t80\n");
        let times: Vec<_> = times.iter().map(|(tier, time)| (&**tier, *time)).collect();
        assert_eq!(times, [("format", 1.5), ("tests", 80.0)]);
    }

    #[test]
    fn times_are_spoken_in_the_unit_that_fits() {
        assert_eq!(spoken(0.4), "0 s");
        assert_eq!(spoken(99.4), "99 s");
        assert_eq!(spoken(170.0), "3 min");
    }
}
