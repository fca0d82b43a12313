//! The conformance suite, called on the driver of a changed spec.

use std::fs;
use std::path::PathBuf;
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
    /// Behaviours that take long, a line each, in a file.
    slow: PathBuf,
    /// Seconds after which a behaviour does not end any more.
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

/// A behaviour that takes longer than this runs in one variant only, unless all has to be tried.
const SLOW: Duration = Duration::from_millis(100);

/// No behaviour is given up before.
const SHORTEST_LIMIT: f64 = 4.0;

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
        let text = self.call(Command::new(&self.program).arg("--mutant").arg(path))?;
        if let Answer::Caught { by, why } = answer(&text)? {
            bail!("the suite fails for {} as it is: {by}: {why}", spec.stem());
        }
        let (mut slow, mut longest) = (String::new(), 0.0_f64);
        for line in text.lines() {
            let mut parts = line.split('\t');
            let (Some("took"), Some(name), Some(seconds)) =
                (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            let seconds: f64 = seconds.parse().into_diagnostic()?;
            longest = longest.max(seconds);
            if seconds > SLOW.as_secs_f64() && !slow.lines().any(|line| line == name) {
                slow.push_str(name);
                slow.push('\n');
            }
        }
        let file = self.folder.path().join(format!("{}.slow", spec.stem()));
        fs::write(&file, slow).into_diagnostic()?;
        Ok(Baseline {
            slow: file,
            limit: (2.0 * longest).max(SHORTEST_LIMIT),
        })
    }

    /// Tries a changed spec, with every behaviour in every variant if it is to be `thorough`.
    pub fn attempt(
        &self,
        spec: &SpecFile,
        baseline: &Baseline,
        thorough: bool,
    ) -> miette::Result<Answer> {
        let number = self.tried.fetch_add(1, Ordering::Relaxed);
        let path = self.write(&number.to_string(), spec)?;
        let mut call = Command::new(&self.program);
        call.arg("--mutant").arg(&path);
        call.arg("--limit").arg(baseline.limit.to_string());
        let mut quick = Command::new(&self.program);
        quick
            .args(call.get_args())
            .arg("--without")
            .arg(&baseline.slow);
        let mut said = answer(&self.call(&mut quick)?)?;
        if said == Answer::Survived && thorough {
            said = answer(&self.call(&mut call)?)?;
        }
        fs::remove_dir_all(path.parent().unwrap_or(&path)).into_diagnostic()?;
        Ok(said)
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
                return Ok("caught\tall of it\tit does not end in time\n".to_owned());
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
        assert_eq!(answer("took\ta\t1\nsurvived\n").unwrap(), Answer::Survived);
        let caught = answer("caught\ta: b\tc\n").unwrap();
        let expected = Answer::Caught {
            by: "a: b".to_owned(),
            why: "c".to_owned(),
        };
        assert_eq!(caught, expected);
        assert!(answer("").is_err());
        assert!(answer("took\ta\t1\n").is_err());
    }
}
