//! The suite on a driver that is run from another spec than the device was made of.
//!
//! `cargo xtask mutate` calls this once for each changed fact. What it wants to know is whether anything objects, so the
//! first objection ends it.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::Path;
use std::process::{self, ExitCode};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use netmap_userspace::{Memory, PortConfig};

use crate::behaviours::{self, Behaviour};
use crate::bench::{Slots, Stopped, put};
use crate::cell::{self, Bus, Cell};
use crate::frames::frame;
use crate::interpreted;
use crate::run::{self, Verdict};

/// Three frames each way take less, on a machine that is busy, too.
const SOON: Duration = Duration::from_secs(2);

/// Behaviours that run at once: they wait more than they work.
const AT_ONCE: usize = 8;

/// Runs the suite on the driver of the spec at `path`, in every variant; behaviours that `without` names
/// only in the first.
/// Prints `caught`, by what and why, or `survived` and how long each behaviour took, with tabs between.
pub fn run(path: &Path, without: Option<&Path>, limit: Duration) -> ExitCode {
    let failed = |what: &dyn Display| -> ! {
        eprintln!("{what}");
        process::exit(2)
    };
    let spec = nicspecs::load(path).unwrap_or_else(|error| failed(&error));
    let nic = spec
        .compile()
        .unwrap_or_else(|report| failed(&report.short()));
    let read = |path| std::fs::read_to_string(path).unwrap_or_else(|error| failed(&error));
    let without = without.map(read).unwrap_or_default();
    let without: BTreeSet<_> = without.lines().collect();
    let mut cells: Vec<_> = cell::all().iter().collect();
    cells.retain(|cell| cell.nic == nic.name() && cell.bus == Bus::Sim);
    interpreted::install(vec![nic]);
    run::keep_what_trials_say();

    for cell in &cells {
        start(cell);
    }
    let mut todo = Vec::new();
    for (index, cell) in cells.into_iter().enumerate() {
        let mut wanted: Vec<_> = behaviours::all().collect();
        wanted.retain(|behaviour| {
            !behaviour.is_long && (index == 0 || !without.contains(behaviour.name))
        });
        todo.extend(wanted.into_iter().map(|behaviour| (cell, behaviour)));
    }
    for (behaviour, took) in all(todo, limit) {
        println!("took\t{}\t{:.3}", behaviour.name, took.as_secs_f64());
    }
    println!("survived");
    ExitCode::SUCCESS
}

/// Ends the process: the mutant is caught.
fn caught(by: &str, why: &str) -> ! {
    let why = why
        .lines()
        .filter(|line| !line.starts_with("thread '") && !line.starts_with("panicked at"));
    let why: Vec<_> = why.collect();
    println!("caught\t{by}\t{}", why.join(" "));
    // Threads of other behaviours may be stuck.
    process::exit(0)
}

/// Brings a port up and lets some frames go both ways, to see at once what the device objects to.
fn start(cell: &Cell) {
    let what = format!("starting {cell}");
    let memory = Memory::create(1024).unwrap();
    let config = PortConfig::default();
    let stopped = cell.stopped(&memory, Slots::Some, config);
    let Stopped {
        mut port,
        nic,
        mut far,
    } = stopped.unwrap_or_else(|error| caught(&what, &error.to_string()));
    let lawful = || {
        let violations = nic.device().violations();
        if !violations.is_empty() {
            caught(&what, &violations.to_string());
        }
    };
    let started = port.start();
    lawful();
    if let Err(error) = started {
        caught(&what, &error.to_string());
    }
    if let Err(error) = port.wait_for_link(Duration::from_secs(1)) {
        caught(&what, &error.to_string());
    }
    let (mut tx, mut rx) = (port.tx(0).unwrap(), port.rx(0).unwrap());
    put(&mut tx, (0..3).map(|number| frame(number, 60)));
    (0..3).for_each(|number| {
        far.offer(&frame(number, 60));
    });
    let (mut arrived, since) = (0, Instant::now());
    while arrived < 3 || rx.available() < 3 {
        let (sent, received) = (tx.sync(), rx.sync());
        lawful();
        if let Err(error) = sent.map(|_| ()).and(received.map(|_| ())) {
            caught(&what, &error.to_string());
        }
        if since.elapsed() > SOON {
            let heard = rx.available();
            caught(
                &what,
                &format!("of 3 frames each way {arrived} were sent and {heard} received"),
            );
        }
        while let Some(found) = far.receive() {
            if found != frame(arrived, 60) {
                caught(&what, "another frame was sent");
            }
            arrived += 1;
        }
        thread::sleep(Duration::from_millis(1));
    }
    let stopped = port.stop();
    lawful();
    if let Err(error) = stopped {
        caught(&what, &error.to_string());
    }
}

/// Why a behaviour fails, if it does so each time: a machine that is busy can fail one as well.
fn fails(cell: &Cell, behaviour: &Behaviour) -> Option<String> {
    let mut why = None;
    for _ in 0..2 {
        match run::try_one(cell, behaviour) {
            Verdict::Failed(said) => why = Some(said),
            Verdict::Passed | Verdict::Skipped(_) => return None,
        }
    }
    why
}

type Trial = (&'static Cell, &'static Behaviour);

/// Runs trials, some at once, until one fails or takes longer than `limit`.
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
                    let Some((cell, behaviour)) = next else { break };
                    let since = Instant::now();
                    *mine.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(((cell, behaviour), since));
                    if let Some(why) = fails(cell, behaviour) {
                        caught(&format!("{cell}: {}", behaviour.name), &why);
                    }
                    *mine.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    lock().1.push((behaviour, since.elapsed()));
                }
            })
        });
        let workers: Vec<_> = workers.collect();
        while workers.iter().any(|worker| !worker.is_finished()) {
            thread::sleep(Duration::from_millis(2));
            for slot in &running {
                let slot = *slot.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(((cell, behaviour), since)) = slot
                    && since.elapsed() > limit
                {
                    caught(
                        &format!("{cell}: {}", behaviour.name),
                        "it does not end in time",
                    );
                }
            }
        }
    });
    let (_, took) = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
    took
}
