//! Code shared by the programs: signals, standard streams, captures, waiting for a link, counting, and exit status.

mod budget;
mod count;
mod frames;
mod sent;
mod streams;

use std::error::Error as StdError;
use std::fmt;
use std::fs;
use std::process::{self, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::Link;
use nix::sys::signal::{SigSet, Signal};

pub use budget::Budget;
pub use count::{Counters, Rate, Rates, Totals};
pub use frames::Frames;
pub use sent::{Left, Sent};
pub use streams::{parse, print, say, show};

use crate::{AnyPort, Error, Memory, PortConfig, PortName, Result};
use streams::OutputFailure;

/// The longest wait between checks for Ctrl-C.
pub const PATIENCE: Duration = Duration::from_millis(100);
/// The exit status that a shell reports after SIGINT.
const INTERRUPTED: u8 = 130;

/// A request to stop. Clones are the same request.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicU8>);

const FINISH: u8 = 1;
const NOW: u8 = 2;

impl Stop {
    /// Requests to stop now.
    pub fn ask(&self) {
        self.0.fetch_max(NOW, Relaxed);
    }

    /// Requests to process what has arrived, and then to stop.
    pub fn finish(&self) {
        self.0.fetch_max(FINISH, Relaxed);
    }

    /// Whether to stop now.
    pub fn asked(&self) -> bool {
        self.0.load(Relaxed) == NOW
    }

    /// Whether to stop once nothing more arrives, or now.
    pub fn finishing(&self) -> bool {
        self.0.load(Relaxed) >= FINISH
    }
}

/// Why a program failed.
pub type Failure = Box<dyn StdError + Send + Sync>;

/// What failed, and why.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
struct Context {
    what: String,
    source: Failure,
}

/// For `map_err`: adds what failed to an error.
pub fn context<E: Into<Failure>>(what: impl Into<String>) -> impl FnOnce(E) -> Failure {
    let what = what.into();
    move |error| {
        Box::new(Context {
            what,
            source: error.into(),
        })
    }
}

/// Keeps SIGHUP ignored if it was when the program started, as `nohup` has it: all threads block it.
fn keep_hangup_ignored() -> nix::Result<()> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|signals| u64::from_str_radix(signals.trim(), 16).ok());
    match ignored {
        Some(signals) if signals & 1 << (Signal::SIGHUP as u64 - 1) != 0 => {
            SigSet::from(Signal::SIGHUP).thread_block()
        }
        _ => Ok(()),
    }
}

/// Runs a program until it has ended or was stopped by Ctrl-C, SIGTERM or SIGHUP; may be called once in a process, before
/// it has other threads. A SIGHUP that was ignored at the start (`nohup`) does not stop it.
///
/// The first signal is a request to stop; the second ends the process at once. Prints the program's error, and what
/// caused it, to standard error. Returns the exit status: 0, 1 after an error, 130 after a signal.
pub fn run<E: Into<Failure>>(name: &str, program: impl FnOnce(&Stop) -> Result<(), E>) -> ExitCode {
    let (stop, signalled) = (Stop::default(), Stop::default());
    let hangup = keep_hangup_ignored();
    let handler = ctrlc::set_handler({
        let (stop, signalled) = (stop.clone(), signalled.clone());
        move || {
            if signalled.asked() {
                process::exit(INTERRUPTED.into());
            }
            signalled.ask();
            stop.ask();
        }
    });
    let result = match (hangup, handler) {
        (Ok(()), Ok(())) => program(&stop).map_err(Into::into),
        (Err(error), _) => Err(context("cannot keep SIGHUP ignored")(error)),
        (_, Err(error)) => Err(context("cannot handle Ctrl-C")(error)),
    };
    match result {
        Err(error) if !OutputFailure::is_closed(&error) => {
            say(format_args!("{name}: {}", with_causes(&*error)));
            ExitCode::FAILURE
        }
        _ if signalled.asked() => ExitCode::from(INTERRUPTED),
        _ => ExitCode::SUCCESS,
    }
}

/// An error with its causes, one a line.
fn with_causes(error: &dyn StdError) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        write!(f, "{error}")?;
        let mut cause = error.source();
        while let Some(error) = cause {
            write!(f, "\n  because {error}")?;
            cause = error.source();
        }
        Ok(())
    })
}

/// The end of a program's help: examples, the NICs, and what the exit status means.
pub fn help(examples: &str) -> String {
    let nics = netmap_nics::NAMES.join(", ");
    format!(
        "\
{examples}

NICs: {nics}
In an option's value, %26 stands for & and %25 for %, as in 'sim:NIC?replay=a%26b.pcap'.
Exit status: 0 success, 1 error, 2 invalid arguments, 130 stopped by Ctrl-C. A second Ctrl-C ends at once."
    )
}

/// The first and the last NIC, for examples.
pub fn two_nics() -> [&'static str; 2] {
    let names = netmap_nics::NAMES;
    [names.first(), names.last()].map(|name| *name.unwrap_or(&"NIC"))
}

/// Parses a time in seconds on the command line.
///
/// # Errors
/// The text is not a number of seconds.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

/// Parses an option on the command line: `NAME=VALUE`.
///
/// # Errors
/// The text is invalid.
pub fn option(text: &str) -> Result<(String, u32), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = parts.ok_or("not a name, `=` and a number")?;
    let value = value.parse().map_err(|_| "its value is not a number")?;
    Ok((name.to_owned(), value))
}

/// Opens a port, as [`PortName::open`]; `None` after a stop request, even while a QEMU starts.
///
/// # Errors
/// As [`PortName::open`].
pub fn open(
    name: &PortName,
    memory: &Memory,
    config: PortConfig,
    stop: &Stop,
) -> Result<Option<AnyPort>> {
    let (name, memory) = (name.clone(), memory.clone());
    let (opened, port) = mpsc::channel();
    // After a stop request nobody waits for it: the process ends.
    let opener = thread::spawn(move || {
        let _ = opened.send(name.open(&memory, config));
    });
    while !stop.asked() {
        match port.recv_timeout(PATIENCE) {
            Ok(port) => return port.map(Some),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => match opener.join() {
                Err(panic) => std::panic::resume_unwind(panic),
                Ok(()) => break,
            },
        }
    }
    Ok(None)
}

/// Waits until the link is up, at most for `within`; `None` after a stop request.
///
/// # Errors
/// The link did not come up, or the device did not respond.
pub fn wait_for_link(port: &mut AnyPort, within: Duration, stop: &Stop) -> Result<Option<Link>> {
    let since = Instant::now();
    while !stop.asked() {
        let left = within.saturating_sub(since.elapsed());
        match port.wait_for_link(left.min(PATIENCE)) {
            Ok(link) => return Ok(Some(link)),
            Err(Error::NoLink { .. }) if !left.is_zero() => {}
            Err(Error::NoLink { .. }) => return Err(Error::NoLink { waited: within }),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// A worker: the function of one thread.
pub type Work<'a, E> = Box<dyn FnOnce() -> Result<(), E> + Send + 'a>;

/// Runs every worker on its own thread, and calls `control` periodically until all have ended or it fails.
///
/// # Errors
/// The first error of a worker or of `control`. After one of a worker all others are asked to stop now; after one of
/// `control` they may process what has arrived before.
pub fn run_workers<E: Send>(
    workers: Vec<Work<'_, E>>,
    stop: &Stop,
    mut control: impl FnMut() -> Result<(), E>,
) -> Result<(), E> {
    /// The interval of calls to `control`: slots wait up to this long after the link came up.
    const TICK: Duration = Duration::from_millis(10);
    /// How long workers may continue after `control` has failed.
    const LAST: Duration = Duration::from_secs(2);
    thread::scope(|scope| {
        let (done, ended) = mpsc::channel();
        for work in workers {
            let done = done.clone();
            scope.spawn(move || {
                // The receiver lives as long as the scope.
                let _ = done.send(work());
            });
        }
        drop(done);
        let (mut result, mut failed) = (Ok(()), None::<Instant>);
        loop {
            let now = match (ended.recv_timeout(TICK), failed) {
                (Ok(result), _) => {
                    if result.is_err() {
                        stop.ask();
                    }
                    result
                }
                (Err(RecvTimeoutError::Timeout), None) => control().inspect_err(|_| {
                    failed = Some(Instant::now());
                    stop.finish();
                }),
                (Err(RecvTimeoutError::Timeout), Some(since)) => {
                    if since.elapsed() > LAST {
                        stop.ask();
                    }
                    Ok(())
                }
                // All workers have ended; if one panicked, the scope panics, too.
                (Err(RecvTimeoutError::Disconnected), _) => return result,
            };
            result = result.and(now);
        }
    })
}
