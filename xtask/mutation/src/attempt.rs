//! Tries changes, some concurrently.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use miette::IntoDiagnostic;
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
type Verdicts = BTreeMap<usize, Verdict>;

/// Baselines of specs, by path.
type Baselines<'a> = BTreeMap<&'a Path, Baseline>;

/// The verdict on each change; those whose drivers have to be compiled are tried last.
pub fn all(candidates: &[Candidate<'_>], thorough: bool) -> miette::Result<Vec<Verdict>> {
    let bar = ProgressBar::new(candidates.len() as u64);
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len}, {eta} left  {msg}");
    bar.set_style(style.into_diagnostic()?);
    let attempt = Attempt {
        candidates,
        thorough,
        suite: Suite::build()?,
        bar,
    };
    let mut verdicts = attempt.interpreted()?;
    let mut waiting: Vec<usize> = (0..candidates.len())
        .filter(|index| !verdicts.contains_key(index))
        .collect();
    if !waiting.is_empty() {
        verdicts.extend(attempt.compiled(&mut waiting)?);
    }
    attempt.bar.finish_and_clear();
    Ok(verdicts.into_values().collect())
}

impl<'a> Attempt<'a> {
    /// Tries all changes whose drivers need not be compiled.
    fn interpreted(&self) -> miette::Result<Verdicts> {
        let all: Vec<_> = (0..self.candidates.len()).collect();
        let unchanged = |spec: &SpecFile| {
            let subject = self.suite.interpreted(spec)?;
            self.suite.baseline(spec, subject)
        };
        let baselines = self.baselines(&all, unchanged)?;
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
        Ok(tried
            .filter_map(|(index, verdict)| Some((index, verdict?)))
            .collect())
    }

    /// Tries the changes whose drivers have to be compiled, one for each spec at a time.
    fn compiled(&self, waiting: &mut Vec<usize>) -> miette::Result<Verdicts> {
        let workshop = Workshop::open()?;
        let unchanged = |spec: &SpecFile| self.suite.baseline(spec, self.suite.generated(spec));
        let baselines = self.baselines(waiting, unchanged)?;
        let mut verdicts = Verdicts::new();
        while !waiting.is_empty() {
            let round = compiled::round(waiting, |index| &self.candidates[index].spec.path);
            self.bar.set_message("compiling");
            let changed = |&index: &usize| self.candidates[index].changed().compile();
            let nics: Result<Vec<_>, _> = round.iter().map(changed).collect();
            let program = workshop.compile(&nics?)?;
            self.bar.set_message("");
            verdicts.extend(at_once(&round, |&index| {
                let candidate = &self.candidates[index];
                let baseline = &baselines[candidate.spec.path.as_path()];
                let changed = self.suite.compiled(candidate.spec, program.clone());
                let answer = self.suite.attempt(&changed, baseline, self.thorough)?;
                let verdict = verdict::of_answer(candidate, answer)?;
                Ok((index, self.report(candidate, verdict)))
            })?);
        }
        Ok(verdicts)
    }

    /// The baselines of the changed specs.
    fn baselines(
        &self,
        changes: &[usize],
        baseline: impl Fn(&SpecFile) -> miette::Result<Baseline>,
    ) -> miette::Result<Baselines<'a>> {
        let mut baselines = Baselines::new();
        for &change in changes {
            let spec = self.candidates[change].spec;
            if !baselines.contains_key(spec.path.as_path()) {
                baselines.insert(&spec.path, baseline(spec)?);
            }
        }
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
