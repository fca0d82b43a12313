//! Runs the suite on a driver with other facts than its device.
//!
//! `cargo xtask mutate` calls this once for each changed fact, and again for the behaviour that failed. The first
//! failure ends the run, because it shows that the change is noticed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use netmap_userspace::PortConfig;

use crate::behaviours::{self, Behaviour};
use crate::bench::{Slots, put};
use crate::cell::{self, Bus, Cell};
use crate::frames::frame;
use crate::interpreted;
use crate::run::{self, Verdict};

/// Options for a mutant.
#[derive(Args)]
pub struct Mutant {
    /// Run the driver of this spec instead of the generated one, on the simulator, until a behaviour fails
    #[arg(long = "mutant", value_name = "SPEC")]
    spec: Option<PathBuf>,
    /// With a mutant: run the compiled driver, which was generated with other facts than its device
    #[arg(long, requires = "spec")]
    compiled: bool,
    /// With a mutant: file of durations, with seconds, a tab and a name on each line; the quickest behaviours run first
    #[arg(long, value_name = "FILE", requires = "spec")]
    times: Option<PathBuf>,
    /// With a mutant: seconds after which a behaviour counts as failed
    #[arg(long, value_name = "SECONDS", default_value_t = 20.0)]
    limit: f64,
    /// With a mutant: run only this trial, by its printed name
    #[arg(long, value_name = "TRIAL", requires = "spec")]
    trial: Option<String>,
    /// With a mutant: skip this trial; may be repeated
    #[arg(long, value_name = "TRIAL", requires = "spec")]
    without: Vec<String>,
}

/// Behaviours that run concurrently; they mostly wait.
const AT_ONCE: usize = 8;

/// The first behaviour. It quickly finds most violations.
static START: Behaviour = Behaviour {
    name: "a port starts, passes three frames each way and stops",
    needs: |_| Ok(()),
    is_long: false,
    repeats: false,
    run: start,
};

/// A behaviour in a cell.
type Trial = (&'static Cell, &'static Behaviour);

fn name((cell, behaviour): Trial) -> String {
    format!("{cell}: {}", behaviour.name)
}

impl Mutant {
    /// Runs the suite on the requested mutant, if any.
    ///
    /// Prints `caught`, by which trial and why; `slow` and the trial that took too long; or `survived` and how long each
    /// trial took, with tabs between.
    pub fn run(&self, quick: bool) -> Option<ExitCode> {
        let failed = |what: &dyn Display| -> ! {
            eprintln!("{what}");
            process::exit(2)
        };
        let spec = nicspecs::load(self.spec.as_ref()?).unwrap_or_else(|error| failed(&error));
        let nic = spec
            .compile()
            .unwrap_or_else(|report| failed(&report.short()));
        let times = match &self.times {
            Some(path) => times(path).unwrap_or_else(|error| failed(&error)),
            None => BTreeMap::new(),
        };
        let todo = self.chosen(nic.name(), quick, &times);
        if !self.compiled {
            interpreted::install(vec![nic]);
        }
        run::keep_what_trials_say();
        for (behaviour, took) in all(todo, Duration::from_secs_f64(self.limit)) {
            println!("took\t{:.3}\t{}", took.as_secs_f64(), behaviour.name);
        }
        println!("survived");
        Some(ExitCode::SUCCESS)
    }

    /// The trials to run, in order.
    fn chosen(&self, nic: &str, quick: bool, times: &BTreeMap<String, f64>) -> Vec<Trial> {
        let cells = cell::all().iter();
        let cells = cells.filter(|cell| cell.nic == nic && cell.bus == Bus::Sim);
        let takes = |behaviour: &Behaviour| times.get(behaviour.name).copied().unwrap_or(0.0);
        let mut todo = Vec::new();
        for cell in cells {
            let behaviours = [&START].into_iter().chain(behaviours::all());
            let wanted =
                behaviours.filter(|behaviour| !(behaviour.is_long || quick && behaviour.repeats));
            todo.extend(wanted.map(|behaviour| (cell, behaviour)));
        }
        let without: BTreeSet<_> = self.without.iter().collect();
        todo.retain(|&trial| {
            let name = name(trial);
            !without.contains(&name) && self.trial.as_ref().is_none_or(|only| *only == name)
        });
        let key = |&(_, behaviour): &Trial| (behaviour.name != START.name, takes(behaviour));
        todo.sort_by(|a, b| key(a).partial_cmp(&key(b)).expect("durations are numbers"));
        todo
    }
}

fn times(path: &Path) -> std::io::Result<BTreeMap<String, f64>> {
    let text = std::fs::read_to_string(path)?;
    let pairs = text.lines().filter_map(|line| {
        let (seconds, name) = line.split_once('\t')?;
        Some((name.to_owned(), seconds.parse().ok()?))
    });
    Ok(pairs.collect())
}

/// Ends the process: the mutant is caught.
fn caught(trial: Trial, why: &str) -> ! {
    let why = why
        .lines()
        .filter(|line| !line.starts_with("thread '") && !line.starts_with("panicked at"));
    let why: Vec<_> = why.collect();
    end(format!("caught\t{}\t{}", name(trial), why.join(" ")))
}

/// Ends the process with an answer.
fn end(answer: String) -> ! {
    println!("{answer}");
    // Threads of other behaviours may be stuck.
    process::exit(0)
}

fn start(cell: &Cell) {
    let mut bench = cell.open_as(Slots::Some, PortConfig::default());
    put(&mut bench.tx, (0..3).map(|number| frame(number, 60)));
    bench.tx.sync().unwrap();
    (0..3).for_each(|number| bench.far.send(&frame(number, 60)));
    bench.expect_arrivals((0..3).map(|number| frame(number, 60)));
    bench.expect_received((0..3).map(|number| frame(number, 60)));
    bench.port.stop().unwrap();
}

/// Runs trials, some concurrently, until one fails or takes longer than `limit`.
fn all(mut todo: Vec<Trial>, limit: Duration) -> Vec<(&'static Behaviour, Duration)> {
    todo.reverse();
    let queue = Mutex::new((todo, Vec::new()));
    let running: Vec<_> = (0..AT_ONCE)
        .map(|_| Mutex::new(None::<(Trial, Instant)>))
        .collect();
    let lock = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        let workers = running.iter().map(|mine| {
            scope.spawn(|| {
                loop {
                    let next = lock().0.pop();
                    let Some(trial) = next else { break };
                    let since = Instant::now();
                    *mine.lock().unwrap_or_else(PoisonError::into_inner) = Some((trial, since));
                    if let Verdict::Failed(why) = run::try_one(trial.0, trial.1) {
                        caught(trial, &why);
                    }
                    *mine.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    lock().1.push((trial.1, since.elapsed()));
                }
            })
        });
        let workers: Vec<_> = workers.collect();
        while workers.iter().any(|worker| !worker.is_finished()) {
            thread::sleep(Duration::from_millis(2));
            for slot in &running {
                let slot = *slot.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some((trial, since)) = slot
                    && since.elapsed() > limit
                {
                    end(format!("slow\t{}", name(trial)));
                }
            }
        }
    });
    let (_, took) = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
    took
}
