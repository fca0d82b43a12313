//! Tries changes, some concurrently.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use miette::IntoDiagnostic;
use nicspecs::SpecFile;

use super::compiled::{self, Workshop};
use super::suite::{Baseline, Suite};
use super::verdict::{self, Outcome, Verdict};
use crate::candidate::Candidate;
use xtask_workspace::interrupt;

/// The context for all changes.
struct Attempt<'a> {
    specs: &'a [SpecFile],
    candidates: &'a [Candidate],
    thorough: bool,
    suite: Suite,
    bar: ProgressBar,
}

/// Tries all changes; those whose drivers have to be compiled last.
pub fn all(
    specs: &[SpecFile],
    candidates: &[Candidate],
    thorough: bool,
) -> miette::Result<Vec<Outcome>> {
    let bar = ProgressBar::new(candidates.len() as u64);
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len}, {eta} left  {msg}");
    bar.set_style(style.into_diagnostic()?);
    let attempt = Attempt {
        specs,
        candidates,
        thorough,
        suite: Suite::build()?,
        bar,
    };
    let (mut outcomes, mut waiting) = attempt.interpreted()?;
    if !waiting.is_empty() {
        outcomes.extend(attempt.compiled(&mut waiting)?);
    }
    attempt.bar.finish_and_clear();
    outcomes.sort_by_key(|outcome| outcome.index);
    Ok(outcomes)
}

impl Attempt<'_> {
    /// Tries all changes whose drivers need not be compiled; returns the others second.
    fn interpreted(&self) -> miette::Result<(Vec<Outcome>, Vec<usize>)> {
        let all: Vec<_> = (0..self.candidates.len()).collect();
        let unchanged = |spec: &SpecFile| {
            let subject = self.suite.interpreted(spec)?;
            self.suite.baseline(spec, subject)
        };
        let baselines = self.baselines(&all, unchanged)?;
        let tried = at_once(&all, |&index| {
            let candidate = &self.candidates[index];
            let (spec, baseline) = self.original(&baselines, index);
            let verdict = verdict::of(spec, candidate, &self.suite, baseline, self.thorough)?;
            Ok((index, verdict.map(|verdict| self.outcome(index, verdict))))
        })?;
        let mut outcomes = Vec::new();
        let mut waiting = Vec::new();
        for (index, outcome) in tried {
            match outcome {
                Some(outcome) => outcomes.push(outcome),
                None => waiting.push(index),
            }
        }
        waiting.sort_unstable();
        Ok((outcomes, waiting))
    }

    /// Tries the changes whose drivers have to be compiled, one for each spec at a time.
    fn compiled(&self, waiting: &mut Vec<usize>) -> miette::Result<Vec<Outcome>> {
        let workshop = Workshop::open()?;
        let unchanged = |spec: &SpecFile| self.suite.baseline(spec, self.suite.generated(spec));
        let baselines = self.baselines(waiting, unchanged)?;
        let mut outcomes = Vec::new();
        while !waiting.is_empty() {
            let round = compiled::round(waiting, |index| self.candidates[index].spec);
            self.bar.set_message("compiling");
            let changed = |&index: &usize| {
                let (spec, _) = self.original(&baselines, index);
                self.candidates[index].mutant.file(spec).compile()
            };
            let nics: Result<Vec<_>, _> = round.iter().map(changed).collect();
            let program = workshop.compile(&nics?)?;
            self.bar.set_message("");
            outcomes.extend(at_once(&round, |&index| {
                let candidate = &self.candidates[index];
                let (spec, baseline) = self.original(&baselines, index);
                let changed = self.suite.compiled(spec, program.clone());
                let answer = self.suite.attempt(&changed, baseline, self.thorough)?;
                let verdict = verdict::of_answer(spec, candidate, answer)?;
                Ok(self.outcome(index, verdict))
            })?);
        }
        Ok(outcomes)
    }

    /// The baselines of the changed specs.
    fn baselines(
        &self,
        changes: &[usize],
        baseline: impl Fn(&SpecFile) -> miette::Result<Baseline>,
    ) -> miette::Result<Vec<Option<Baseline>>> {
        let specs = self.specs.iter().enumerate();
        let baselines = specs.map(|(index, spec)| {
            let mut changed = changes.iter().map(|&change| self.candidates[change].spec);
            changed
                .any(|spec| spec == index)
                .then(|| baseline(spec))
                .transpose()
        });
        baselines.collect()
    }

    /// The spec of a change.
    fn original<'s>(
        &'s self,
        baselines: &'s [Option<Baseline>],
        index: usize,
    ) -> (&'s SpecFile, &'s Baseline) {
        let spec = self.candidates[index].spec;
        let baseline = baselines[spec].as_ref();
        (
            &self.specs[spec],
            baseline.expect("each spec with a change has its baseline"),
        )
    }

    /// Prints the result of a change, if it is noteworthy.
    fn outcome(&self, index: usize, verdict: Verdict) -> Outcome {
        let Candidate { spec, mutant } = &self.candidates[index];
        if verdict == Verdict::Survived {
            let survivor = format!("survived: {}: {}", self.specs[*spec].stem(), mutant.name());
            self.bar.suspend(|| eprintln!("{survivor}"));
        }
        self.bar.inc(1);
        Outcome { index, verdict }
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

    use miette::bail;

    use super::at_once;

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
