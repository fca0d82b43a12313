//! The conformance suite, called on the driver of a changed spec.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use miette::{IntoDiagnostic, WrapErr, bail, miette};
use nicspecs::SpecFile;
use tempfile::TempDir;

use crate::{cargo, interrupt};

/// The suite's program, and a folder for changed specs.
pub struct Suite {
    program: PathBuf,
    folder: TempDir,
    /// How many changed specs there were.
    tried: AtomicUsize,
}

/// What the suite needs for a spec without a change.
pub struct Baseline {
    /// The spec.
    spec: PathBuf,
    /// Seconds that each behaviour takes, a line each, in a file.
    times: PathBuf,
    /// Seconds after which a behaviour is looked at more closely.
    limit: f64,
}

/// What the suite said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// What objected, and in what words.
    Caught {
        by: String,
        why: String,
    },
    Survived,
}

/// No behaviour is looked at more closely before.
const SHORTEST_LIMIT: f64 = 1.5;

/// A behaviour that takes so many times what it takes without the change, and [`SHORTEST_LIMIT`] more, does not end.
const FACTOR: f64 = 10.0;

/// The whole suite takes less for any spec.
const LONGEST: Duration = Duration::from_secs(180);

impl Suite {
    /// Builds it.
    pub fn build() -> miette::Result<Self> {
        let mut build = cargo::command([
            "test",
            "--quiet",
            "--package",
            "netmap-userspace",
            "--test",
            "conformance",
            "--no-run",
            "--message-format",
            "json",
        ]);
        let output = build.stderr(Stdio::inherit()).output().into_diagnostic()?;
        if !output.status.success() {
            bail!("{} failed: {}", cargo::line(&build), output.status);
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let programs = text.split("\"executable\":\"").skip(1);
        let mut programs = programs.filter_map(|rest| rest.split('"').next());
        let program = programs
            .find(|program| program.contains("/conformance-"))
            .ok_or_else(|| miette!("cargo does not tell where the suite is"))?;
        Ok(Self {
            program: program.into(),
            folder: tempfile::tempdir().into_diagnostic()?,
            tried: AtomicUsize::new(0),
        })
    }

    /// Tries a spec without a change: nothing may object.
    pub fn baseline(&self, spec: &SpecFile) -> miette::Result<Baseline> {
        let path = self.write("baseline", spec)?;
        let text = self.call(&mut self.trials(&path))?;
        if let Answer::Caught { by, why } = answer(&text)? {
            bail!("the suite fails for {} as it is: {by}: {why}", spec.stem());
        }
        let mut times: BTreeMap<&str, f64> = BTreeMap::new();
        for line in text.lines().filter_map(|line| line.strip_prefix("took\t")) {
            let (seconds, name) = line.split_once('\t').unwrap_or_default();
            let seconds: f64 = seconds.parse().into_diagnostic()?;
            let longest = times.entry(name).or_default();
            *longest = seconds.max(*longest);
        }
        let longest = times.values().copied().fold(0.0, f64::max);
        let lines = times.iter().map(|(name, took)| format!("{took}\t{name}\n"));
        let file = self.folder.path().join(format!("{}.times", spec.stem()));
        fs::write(&file, lines.collect::<String>()).into_diagnostic()?;
        Ok(Baseline {
            spec: path,
            times: file,
            limit: (2.0 * longest).max(SHORTEST_LIMIT),
        })
    }

    /// Tries a changed spec, with behaviours that repeat others at many places if it is to be `thorough`.
    ///
    /// What objects has to do so twice, the second time alone and right after it has passed without the change, in a
    /// time that is measured by that pass. So a busy machine catches nothing.
    pub fn attempt(
        &self,
        spec: &SpecFile,
        baseline: &Baseline,
        thorough: bool,
    ) -> miette::Result<Answer> {
        let number = self.tried.fetch_add(1, Ordering::Relaxed);
        let path = self.write(&number.to_string(), spec)?;
        let mut unsteady: Vec<String> = Vec::new();
        let said = loop {
            let mut call = self.trials(&path);
            call.arg("--times").arg(&baseline.times);
            call.arg("--limit").arg(baseline.limit.to_string());
            if !thorough {
                call.arg("--quick");
            }
            for trial in &unsteady {
                call.arg("--without").arg(trial);
            }
            let Answer::Caught { by, .. } = answer(&self.call(&mut call)?)? else {
                break Answer::Survived;
            };
            if let Some(why) = self.objection(&by, &path, baseline)? {
                break Answer::Caught { by, why };
            }
            unsteady.push(by);
        };
        fs::remove_dir_all(path.parent().unwrap_or(&path)).into_diagnostic()?;
        Ok(said)
    }

    /// What a trial has against a changed spec, if it has nothing against the spec as it is.
    fn objection(
        &self,
        trial: &str,
        changed: &Path,
        baseline: &Baseline,
    ) -> miette::Result<Option<String>> {
        let mut alone = self.trials(&baseline.spec);
        let since = Instant::now();
        let passed = answer(&self.call(alone.arg("--trial").arg(trial))?)?;
        if passed != Answer::Survived {
            return Ok(None);
        }
        let limit = FACTOR * since.elapsed().as_secs_f64() + SHORTEST_LIMIT;
        let mut alone = self.trials(changed);
        alone.arg("--trial").arg(trial);
        alone.arg("--limit").arg(limit.to_string());
        Ok(match answer(&self.call(&mut alone)?)? {
            Answer::Caught { why, .. } => Some(why),
            Answer::Survived => None,
        })
    }

    fn trials(&self, spec: &Path) -> Command {
        let mut call = Command::new(&self.program);
        call.arg("--mutant").arg(spec);
        call
    }

    /// A spec has to be in a file of its name, beside the one it is like.
    fn write(&self, folder: &str, spec: &SpecFile) -> miette::Result<PathBuf> {
        let folder = self.folder.path().join(format!("{}-{folder}", spec.stem()));
        fs::create_dir_all(&folder).into_diagnostic()?;
        for file in [spec].into_iter().chain(spec.parent()) {
            let path = folder.join(format!("{}.yaml", file.stem()));
            fs::write(path, &file.text).into_diagnostic()?;
        }
        Ok(folder.join(format!("{}.yaml", spec.stem())))
    }

    /// What the program prints. One that does not end is ended, and one that cannot do its work is no verdict.
    fn call(&self, command: &mut Command) -> miette::Result<String> {
        let output = format!("{:?}.out", std::thread::current().id());
        let output = self.folder.path().join(output);
        let file = fs::File::create(&output).into_diagnostic()?;
        command
            .stdout(file)
            .stderr(Stdio::null())
            .stdin(Stdio::null());
        let mut child = command
            .spawn()
            .into_diagnostic()
            .wrap_err("the suite does not start")?;
        let since = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().into_diagnostic()? {
                break status;
            }
            if since.elapsed() > LONGEST || interrupt::check().is_err() {
                child.kill().into_diagnostic()?;
                child.wait().into_diagnostic()?;
                interrupt::check().into_diagnostic()?;
                bail!("{} does not end", cargo::line(command));
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        if !status.success() {
            bail!("{} failed: {status}", cargo::line(command));
        }
        fs::read_to_string(&output).into_diagnostic()
    }
}

fn answer(text: &str) -> miette::Result<Answer> {
    for line in text.lines() {
        let mut parts = line.split('\t');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("survived"), ..) => return Ok(Answer::Survived),
            (Some("caught"), Some(by), Some(why)) => {
                return Ok(Answer::Caught {
                    by: by.to_owned(),
                    why: why.to_owned(),
                });
            }
            _ => {}
        }
    }
    bail!("the suite does not say what it found: {text}")
}

#[cfg(test)]
mod tests {
    use super::{Answer, answer};

    #[test]
    fn silence_is_no_verdict() {
        assert_eq!(answer("took\t1\ta\nsurvived\n").unwrap(), Answer::Survived);
        let caught = answer("caught\ta: b\tc\n").unwrap();
        let expected = Answer::Caught {
            by: "a: b".to_owned(),
            why: "c".to_owned(),
        };
        assert_eq!(caught, expected);
        assert!(answer("").is_err());
        assert!(answer("took\t1\ta\n").is_err());
    }
}
