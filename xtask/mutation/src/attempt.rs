//! Tries changes, some concurrently.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use miette::{IntoDiagnostic, Report};
use nicspecs::SpecFile;

use super::Candidate;
use super::compiled::{self, Workshop};
use super::suite::{Baseline, Suite};
use super::verdict::{self, Verdict};
use xtask_workspace::err_line;
use xtask_workspace::interrupt;

/// The context for all changes.
struct Attempt<'a> {
    candidates: &'a [Candidate<'a>],
    thorough: bool,
    suite: Suite,
    bar: ProgressBar,
}

/// Verdicts, by the index of the change.
pub type Verdicts = BTreeMap<usize, Verdict>;

/// Baselines of specs, by path.
type Baselines<'a> = BTreeMap<&'a Path, Baseline>;

/// What has come out of trying changes.
#[derive(Default)]
pub struct Outcome {
    /// The verdicts; there is none on a change of a NIC whose unchanged driver does not pass.
    pub verdicts: Verdicts,
    /// Why it does not, by the path of such a NIC's spec.
    pub refused: BTreeMap<PathBuf, Report>,
}

/// The verdict on each change; those whose drivers have to be compiled are tried last.
pub fn all(candidates: &[Candidate<'_>], thorough: bool) -> miette::Result<Outcome> {
    let bar = ProgressBar::new(candidates.len() as u64);
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len}, {eta} left  {msg}");
    bar.set_style(style.into_diagnostic()?);
    let attempt = Attempt {
        candidates,
        thorough,
        suite: Suite::build()?,
        bar,
    };
    let mut outcome = Outcome::default();
    attempt.interpreted(&mut outcome)?;
    attempt.compiled(&mut outcome)?;
    attempt.bar.finish_and_clear();
    Ok(outcome)
}

impl<'a> Attempt<'a> {
    /// Tries all changes whose drivers need not be compiled.
    fn interpreted(&self, outcome: &mut Outcome) -> miette::Result<()> {
        let mut all: Vec<_> = (0..self.candidates.len()).collect();
        let unchanged = |spec: &SpecFile| {
            let subject = self.suite.interpreted(spec)?;
            self.suite.baseline(spec, subject)
        };
        let baselines = self.baselines(&mut all, outcome, unchanged)?;
        let tried = at_once(&all, |&index| {
            let candidate = &self.candidates[index];
            let baseline = &baselines[candidate.spec.path.as_path()];
            let verdict = verdict::of(candidate, &self.suite, baseline, self.thorough)?;
            Ok((
                index,
                verdict.map(|verdict| self.report(candidate, verdict)),
            ))
        })?;
        let tried = tried.into_iter();
        let tried = tried.filter_map(|(index, verdict)| Some((index, verdict?)));
        outcome.verdicts.extend(tried);
        Ok(())
    }

    /// Tries the changes whose drivers have to be compiled, one for each spec at a time.
    fn compiled(&self, outcome: &mut Outcome) -> miette::Result<()> {
        let all = 0..self.candidates.len();
        let mut waiting: Vec<usize> = all
            .filter(|index| !outcome.verdicts.contains_key(index))
            .filter(|&index| {
                !outcome
                    .refused
                    .contains_key(&self.candidates[index].spec.path)
            })
            .collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let workshop = Workshop::open()?;
        let unchanged = |spec: &SpecFile| self.suite.baseline(spec, self.suite.generated(spec));
        let baselines = self.baselines(&mut waiting, outcome, unchanged)?;
        while !waiting.is_empty() {
            let round = compiled::round(&mut waiting, |index| &self.candidates[index].spec.path);
            self.bar.set_message("compiling");
            let changed = |&index: &usize| self.candidates[index].changed().compile();
            let nics: Result<Vec<_>, _> = round.iter().map(changed).collect();
            let program = workshop.compile(&nics?)?;
            self.bar.set_message("");
            outcome.verdicts.extend(at_once(&round, |&index| {
                let candidate = &self.candidates[index];
                let baseline = &baselines[candidate.spec.path.as_path()];
                let changed = self.suite.compiled(candidate.spec, program.clone());
                let answer = self.suite.attempt(&changed, baseline, self.thorough)?;
                let verdict = verdict::of_answer(candidate, answer)?;
                Ok((index, self.report(candidate, verdict)))
            })?);
        }
        Ok(())
    }

    /// The baselines of the changed specs. Changes of a spec that has none are taken out.
    fn baselines(
        &self,
        changes: &mut Vec<usize>,
        outcome: &mut Outcome,
        baseline: impl Fn(&SpecFile) -> miette::Result<Result<Baseline, Report>>,
    ) -> miette::Result<Baselines<'a>> {
        let mut baselines = Baselines::new();
        for &change in changes.iter() {
            let spec = self.candidates[change].spec;
            let path = spec.path.as_path();
            if baselines.contains_key(path) || outcome.refused.contains_key(path) {
                continue;
            }
            match baseline(spec)? {
                Ok(baseline) => {
                    baselines.insert(path, baseline);
                }
                Err(refused) => {
                    outcome.refused.insert(path.to_owned(), refused);
                }
            }
        }
        changes.retain(|&change| {
            let path = self.candidates[change].spec.path.as_path();
            baselines.contains_key(path)
        });
        Ok(baselines)
    }

    /// Prints the result of a change, if it is noteworthy.
    fn report(&self, candidate: &Candidate<'_>, verdict: Verdict) -> Verdict {
        if verdict == Verdict::Survived {
            let survivor = format!("survived: {}", candidate.name());
            self.bar.suspend(|| err_line!("{survivor}"));
        }
        self.bar.inc(1);
        verdict
    }
}

/// Processes `items` on all processors, until the first failure.
fn at_once<T: Sync, R: Send>(
    items: &[T],
    each: impl Fn(&T) -> miette::Result<R> + Sync,
) -> miette::Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Ok(Vec::new()));
    let work = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = interrupt::check()
                .into_diagnostic()
                .and_then(|()| each(item));
            let mut done = done.lock().expect("no panic");
            match (&mut *done, result) {
                (Ok(results), Ok(result)) => results.push(result),
                (Ok(_), Err(error)) => *done = Err(error),
                (Err(_), _) => break,
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    done.into_inner().expect("no panic")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use indicatif::ProgressBar;
    use miette::bail;
    use nicspecs::SpecFile;
    use nicspecs::mutants::mutants;

    use super::{Attempt, Outcome, at_once};
    use crate::Candidate;
    use crate::suite::Suite;

    #[test]
    fn a_nic_whose_unchanged_driver_does_not_pass_stops_no_other_one() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("suite");
        let answers = "#!/bin/sh\ncase \"$2\" in\n\
                       */slow.yaml) printf 'slow\\tsim: a port starts\\n' ;;\n\
                       */wrong.yaml) printf 'caught\\tsim: a port starts\\tno link\\n' ;;\n\
                       *) printf 'took\\t0.1\\tstart\\nsurvived\\n' ;;\nesac\n";
        fs::write(&program, answers).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let specs = ["slow", "toy", "wrong"].map(|name| {
            let text = nicspecs::TOY.replace("name: toy\n", &format!("name: {name}\n"));
            SpecFile::new(format!("{name}.yaml"), text)
        });
        let candidates: Vec<Candidate<'_>> = specs
            .iter()
            .flat_map(|spec| {
                let few = mutants(spec).unwrap().into_iter().take(3);
                few.map(move |mutant| Candidate { spec, mutant })
            })
            .collect();
        let attempt = Attempt {
            candidates: &candidates,
            thorough: true,
            suite: Suite::of_program(program),
            bar: ProgressBar::hidden(),
        };
        let mut outcome = Outcome::default();
        attempt.interpreted(&mut outcome).unwrap();
        let tried: Vec<usize> = outcome.verdicts.into_keys().collect();
        assert_eq!(tried, [3, 4, 5]);
        let shown = outcome.refused.values().map(|report| {
            let help = report.help().expect("what to do");
            format!("{report}\n  {help}\n")
        });
        insta::assert_snapshot!(shown.collect::<String>());
    }

    #[test]
    fn all_are_done_or_the_first_failure_is_returned() {
        let items: Vec<_> = (0..100).collect();
        let mut doubled = at_once(&items, |item| Ok(2 * item)).unwrap();
        doubled.sort_unstable();
        assert_eq!(doubled, (0..100).map(|item| 2 * item).collect::<Vec<_>>());

        let calls = AtomicUsize::new(0);
        let failed = at_once(&items, |&item| {
            calls.fetch_add(1, Ordering::Relaxed);
            if item < 3 { Ok(()) } else { bail!("no {item}") }
        });
        assert!(failed.unwrap_err().to_string().starts_with("no "));
        assert!(calls.into_inner() < 100);
    }
}
