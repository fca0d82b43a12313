//! Runs the matrix on a test harness and records the results.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Completion, Conclusion, Failed, Trial};

use crate::behaviours::{self, Behaviour};
use crate::cell::Cell;
use crate::{lacks, laws};

/// The result of one behaviour in one cell.
#[derive(Debug)]
pub struct Record {
    pub cell: &'static Cell,
    pub behaviour: &'static Behaviour,
    pub verdict: Verdict,
    pub took: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    /// With its panic message.
    Failed(String),
    /// With the reason.
    Skipped(String),
}

thread_local! {
    /// The panic message of a failed trial; `None` on threads that run no trial.
    static SAID: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The trials under way, with their starts.
type UnderWay = Arc<Mutex<Vec<(String, Instant)>>>;

/// Ends the suite, with the names of the trials under way, as soon as one of them hangs: the harness waits for ever.
fn end_if_one_hangs(under_way: &UnderWay, limit: Duration) {
    let under_way = Arc::clone(under_way);
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_secs(1));
            let trials = lock(&under_way);
            if trials.iter().all(|(_, since)| since.elapsed() < limit) {
                continue;
            }
            eprintln!("\na trial hangs; these are under way:");
            for (name, since) in trials.iter() {
                eprintln!("{:>6} s  {name}", since.elapsed().as_secs());
            }
            std::process::exit(101);
        }
    });
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs every behaviour in every cell that `arguments` choose; if `quick`, none that repeats others at many places. Ends
/// the process if one of them runs for longer than `limit`.
pub fn all(
    mut arguments: Arguments,
    cells: &[&'static Cell],
    quick: bool,
    limit: Duration,
) -> (Conclusion, Vec<Record>) {
    // Trials on QEMU mostly wait, so more trials than processors run concurrently.
    let processors = thread::available_parallelism().map_or(1, usize::from);
    arguments.test_threads.get_or_insert(4 * processors);
    keep_what_trials_say();

    let records = Records::default();
    let under_way = UnderWay::default();
    end_if_one_hangs(&under_way, limit);
    let mut trials = trials(cells, &records, &under_way, &arguments, quick);
    trials.push(lacks::trial());
    let conclusion = libtest_mimic::run(&arguments, trials);
    (conclusion, std::mem::take(&mut *lock(&records)))
}

/// From now on a trial's panic message is kept for its verdict, and not printed.
pub fn keep_what_trials_say() {
    let default_hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let kept = SAID.with_borrow_mut(|said| match said {
            Some(said) => {
                *said = info.to_string();
                true
            }
            None => false,
        });
        if !kept {
            default_hook(info);
        }
    }));
}

type Records = Arc<Mutex<Vec<Record>>>;

fn trials(
    cells: &[&'static Cell],
    records: &Records,
    under_way: &UnderWay,
    arguments: &Arguments,
    quick: bool,
) -> Vec<Trial> {
    let mut trials = Vec::new();
    for behaviour in behaviours::all().filter(|behaviour| !(quick && behaviour.repeats)) {
        for &cell in cells {
            let keep = {
                let records = Arc::clone(records);
                move |verdict, took| {
                    lock(&records).push(Record {
                        cell,
                        behaviour,
                        verdict,
                        took,
                    });
                }
            };
            let name = format!("{cell}: {}", behaviour.name);
            let trial = Trial::ignorable_test(name.clone(), {
                let (keep, under_way) = (keep.clone(), Arc::clone(under_way));
                move || {
                    let since = Instant::now();
                    lock(&under_way).push((name.clone(), since));
                    let verdict = try_one(cell, behaviour);
                    if let Verdict::Failed(why) = &verdict {
                        // The harness tells only at the end, and each failure may take long.
                        let why = why.lines().nth(1).unwrap_or(why);
                        eprintln!(
                            "\nfailed after {} s: {name}: {why}",
                            since.elapsed().as_secs()
                        );
                    }
                    lock(&under_way).retain(|(other, _)| *other != name);
                    keep(verdict.clone(), since.elapsed());
                    match verdict {
                        Verdict::Passed => Ok(Completion::Completed),
                        Verdict::Failed(why) => Err(Failed::from(why)),
                        Verdict::Skipped(why) => Ok(Completion::ignored_with(why)),
                    }
                }
            });
            let trial = trial.with_ignored_flag(behaviour.is_long);
            if arguments.is_ignored(&trial) && !arguments.is_filtered_out(&trial) {
                let why = "takes long; `cargo xtask test --only long` runs it";
                keep(Verdict::Skipped(why.to_owned()), Duration::ZERO);
            }
            trials.push(trial);
        }
    }
    trials
}

/// One behaviour in one cell.
pub fn try_one(cell: &Cell, behaviour: &Behaviour) -> Verdict {
    SAID.set(Some(String::new()));
    let result = panic::catch_unwind(AssertUnwindSafe(|| {
        (behaviour.needs)(cell)?;
        if let Err(missing) = cell.is_here() {
            // On a build machine, a behaviour that cannot run must not appear as passed.
            let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
            assert!(!ci, "{missing}");
            return Err(missing);
        }
        laws::check(|| (behaviour.run)(cell));
        Ok(())
    }));
    let said = SAID.take().unwrap_or_default();
    match result {
        Ok(Ok(())) => Verdict::Passed,
        Ok(Err(why)) => Verdict::Skipped(why),
        Err(payload) if said.is_empty() => Verdict::Failed(text(&*payload)),
        Err(_) => Verdict::Failed(said),
    }
}

/// The message of a panic from another thread.
fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("panicked").to_owned()
}
