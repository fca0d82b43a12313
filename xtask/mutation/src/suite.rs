//! Runs the conformance suite on drivers with a changed fact.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use miette::{IntoDiagnostic, Report, WrapErr, bail, miette};
use nicspecs::SpecFile;
use tempfile::TempDir;

use xtask_workspace::{cargo, interrupt, specs};

/// The suite's program, and a folder for changed specs.
pub struct Suite {
    program: PathBuf,
    folder: TempDir,
}

/// A driver to run the suite on.
pub struct Subject {
    program: PathBuf,
    spec: PathBuf,
    /// The folder of the spec if the sequences come from it, and not from the program itself.
    folder: Option<TempDir>,
}

impl Subject {
    fn trials(&self) -> Command {
        let mut call = Command::new(&self.program);
        call.arg("--mutant").arg(&self.spec);
        if self.folder.is_none() {
            call.arg("--compiled");
        }
        call
    }
}

/// Measurements of the suite on the unchanged driver.
pub struct Baseline {
    unchanged: Subject,
    /// A file with the duration of each behaviour in seconds, one per line.
    times: PathBuf,
    /// Seconds after which a behaviour is tried again alone.
    limit: f64,
}

/// A failed trial and its message.
#[derive(Debug, PartialEq, Eq)]
pub struct Caught {
    pub by: String,
    pub why: String,
}

/// The shortest such limit.
const SHORTEST_LIMIT: f64 = 1.5;

/// A behaviour times out if it takes this many times longer than without the change, plus [`SHORTEST_LIMIT`].
const FACTOR: f64 = 10.0;

/// Longer than the whole suite takes for any spec.
const LONGEST: Duration = Duration::from_secs(180);

impl Suite {
    /// A program that answers like the suite.
    #[cfg(test)]
    pub fn of_program(program: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { program, folder }
    }

    /// Builds it.
    pub fn build() -> miette::Result<Self> {
        Ok(Self {
            program: program(&mut cargo::building("the conformance suite", BUILD))?,
            folder: tempfile::tempdir().into_diagnostic()?,
        })
    }

    /// A driver whose sequences are interpreted from a spec.
    pub fn interpreted(&self, spec: &SpecFile) -> miette::Result<Subject> {
        // A spec has to be in a file of its name, in the same folder as those from which it inherits.
        let folder = tempfile::tempdir_in(&self.folder).into_diagnostic()?;
        let path = |file: &SpecFile| folder.path().join(format!("{}.yaml", file.stem()));
        for file in spec.lineage() {
            fs::write(path(file), &file.text).into_diagnostic()?;
        }
        Ok(Subject {
            program: self.program.clone(),
            spec: path(spec),
            folder: Some(folder),
        })
    }

    /// The driver of a NIC that is compiled into a program of the suite.
    pub fn compiled(&self, nic: &SpecFile, program: PathBuf) -> Subject {
        Subject {
            program,
            spec: specs::root().join(&nic.path),
            folder: None,
        }
    }

    /// The generated driver of a NIC.
    pub fn generated(&self, nic: &SpecFile) -> Subject {
        self.compiled(nic, self.program.clone())
    }

    /// Tries the unchanged driver. The inner error says why it does not pass, so that no change of it can be tried.
    pub fn baseline(
        &self,
        spec: &SpecFile,
        unchanged: Subject,
    ) -> miette::Result<Result<Baseline, Report>> {
        let name = spec.stem();
        let Some(text) = self.run(&mut unchanged.trials())? else {
            let longest = LONGEST.as_secs();
            let why =
                format!("the suite takes longer than {longest} s even with the unchanged spec");
            return Ok(Err(too_slow(&name, &why)));
        };
        match answer(&text)? {
            None => {}
            Some(Caught { by, why }) if why == TIMED_OUT => {
                let why = format!("a behaviour timed out even with the unchanged spec: {by}");
                return Ok(Err(too_slow(&name, &why)));
            }
            Some(Caught { by, why }) => {
                return Ok(Err(miette!(
                    help = format!("`cargo xtask test --nic {name} --bus sim` shows the failure"),
                    "no change of `{name}` was tried, because the suite fails for the unchanged spec: {by}: {why}"
                )));
            }
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
        let name = match unchanged.folder {
            Some(_) => format!("{}.times", spec.stem()),
            None => format!("{}.compiled.times", spec.stem()),
        };
        let file = self.folder.path().join(name);
        fs::write(&file, lines.collect::<String>()).into_diagnostic()?;
        Ok(Ok(Baseline {
            unchanged,
            times: file,
            limit: (2.0 * longest).max(SHORTEST_LIMIT),
        }))
    }

    /// Tries a changed driver; if `thorough`, with behaviours that repeat others at many places.
    ///
    /// A failing trial has to fail twice: the second time alone, right after it has passed without the change, with a
    /// timeout measured by that pass. So failures that a busy machine causes do not count.
    pub fn attempt(
        &self,
        changed: &Subject,
        baseline: &Baseline,
        thorough: bool,
    ) -> miette::Result<Option<Caught>> {
        let mut unsteady: Vec<String> = Vec::new();
        loop {
            let mut call = changed.trials();
            call.arg("--times").arg(&baseline.times);
            call.arg("--limit").arg(baseline.limit.to_string());
            if !thorough {
                call.arg("--quick");
            }
            for trial in &unsteady {
                call.arg("--without").arg(trial);
            }
            let Some(Caught { by, .. }) = answer(&self.call(&mut call)?)? else {
                return Ok(None);
            };
            if let Some(why) = self.objection(&by, changed, baseline)? {
                return Ok(Some(Caught { by, why }));
            }
            unsteady.push(by);
        }
    }

    /// The failure of a trial on the changed driver, if the trial passes on the unchanged one.
    fn objection(
        &self,
        trial: &str,
        changed: &Subject,
        baseline: &Baseline,
    ) -> miette::Result<Option<String>> {
        let mut alone = baseline.unchanged.trials();
        let since = Instant::now();
        let passed = answer(&self.call(alone.arg("--trial").arg(trial))?)?;
        if passed.is_some() {
            return Ok(None);
        }
        let limit = FACTOR * since.elapsed().as_secs_f64() + SHORTEST_LIMIT;
        let mut alone = changed.trials();
        alone.arg("--trial").arg(trial);
        alone.arg("--limit").arg(limit.to_string());
        let caught = answer(&self.call(&mut alone)?)?;
        Ok(caught.map(|caught| caught.why))
    }

    /// The output of the program, which must end.
    fn call(&self, command: &mut Command) -> miette::Result<String> {
        let output = self.run(command)?;
        output.ok_or_else(|| miette!("{} timed out", cargo::line(command)))
    }

    /// The output of the program. A program that does not end is killed and gives none, and one that fails to run gives no
    /// verdict.
    fn run(&self, command: &mut Command) -> miette::Result<Option<String>> {
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
            .wrap_err("cannot start the suite")?;
        let since = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().into_diagnostic()? {
                break status;
            }
            if since.elapsed() > LONGEST || interrupt::check().is_err() {
                child.kill().into_diagnostic()?;
                child.wait().into_diagnostic()?;
                interrupt::check().into_diagnostic()?;
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        if !status.success() {
            bail!("{} failed: {status}", cargo::line(command));
        }
        fs::read_to_string(&output).into_diagnostic().map(Some)
    }
}

/// Why a behaviour has failed that took too long.
const TIMED_OUT: &str = "timed out";

/// The error about a NIC whose unchanged driver takes too long.
fn too_slow(name: &str, why: &str) -> Report {
    miette!(
        help = format!(
            "other programs may keep the processors busy: end them and run `cargo xtask mutate --nic {name}`; if it still \
             takes too long, `cargo xtask test --nic {name} --bus sim` shows which behaviour does"
        ),
        "no change of `{name}` was tried, because {why}"
    )
}

/// How the suite is built, in this workspace as its other tests are.
const BUILD: &str = "test --workspace --locked --no-run --test conformance";

/// Builds the suite of another workspace, and says where its program is.
pub fn build_in(workspace: &Path) -> miette::Result<PathBuf> {
    let mut build = cargo::command(BUILD);
    build.arg("--quiet").current_dir(workspace);
    program(build.arg("--target-dir").arg(workspace.join("target")))
}

fn program(build: &mut Command) -> miette::Result<PathBuf> {
    let programs = cargo::programs(build)?;
    let is_suite = |program: &PathBuf| program.to_string_lossy().contains("/conformance-");
    let suite = programs.into_iter().find(is_suite);
    suite.ok_or_else(|| miette!("cargo does not report the path of the suite"))
}

/// What the suite has caught; nothing if the driver passes.
fn answer(text: &str) -> miette::Result<Option<Caught>> {
    let answer =
        text.lines().find_map(
            |line| match line.split('\t').collect::<Vec<_>>().as_slice() {
                ["survived", ..] => Some(None),
                ["slow", by] => Some(Some(Caught {
                    by: (*by).to_owned(),
                    why: TIMED_OUT.to_owned(),
                })),
                ["caught", by, why, ..] => Some(Some(Caught {
                    by: (*by).to_owned(),
                    why: (*why).to_owned(),
                })),
                _ => None,
            },
        );
    answer.ok_or_else(|| miette!("the suite printed no result: {text}"))
}

#[cfg(test)]
mod tests {
    use super::{Caught, answer};

    #[test]
    fn missing_output_is_no_verdict() {
        assert_eq!(answer("took\t1\ta\nsurvived\n").unwrap(), None);
        let caught = answer("caught\ta: b\tc\n").unwrap();
        let expected = Caught {
            by: "a: b".to_owned(),
            why: "c".to_owned(),
        };
        assert_eq!(caught, Some(expected));
        assert!(answer("").is_err());
        assert!(answer("took\t1\ta\n").is_err());
    }
}
