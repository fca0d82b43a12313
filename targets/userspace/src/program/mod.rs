//! Code shared by the programs: Ctrl-C, waiting for a link, counting, and exit status.

mod count;

use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::Link;

pub use count::{Counters, Rate, Rates, Totals};

use crate::{AnyPort, Error, Result};

/// The longest wait between checks for Ctrl-C.
pub const PATIENCE: Duration = Duration::from_millis(100);
/// The exit status that a shell reports after SIGINT.
const INTERRUPTED: u8 = 130;

/// A request to stop. Clones are the same request.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Makes the request.
    pub fn ask(&self) {
        self.0.store(true, Relaxed);
    }

    /// Whether it was made.
    pub fn asked(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// Why a program failed.
pub type Failure = Box<dyn StdError + Send + Sync>;

/// A file that could not be used.
#[derive(Debug, thiserror::Error)]
#[error("{what} {}", path.display())]
struct FileFailure {
    what: &'static str,
    path: PathBuf,
    source: Failure,
}

/// For `map_err`: adds what failed with which file to an error.
pub fn at_file<E: Into<Failure>>(what: &'static str, path: &Path) -> impl FnOnce(E) -> Failure {
    move |error| {
        Box::new(FileFailure {
            what,
            path: path.to_owned(),
            source: error.into(),
        })
    }
}

/// Runs a program until it has ended or was stopped by Ctrl-C, SIGTERM or SIGHUP; may be called once in a process.
///
/// Prints the program's error, and what caused it, to standard error. Returns the exit status: 0, 1 after an error, 130
/// after a signal.
pub fn run<E: Into<Failure>>(name: &str, program: impl FnOnce(&Stop) -> Result<(), E>) -> ExitCode {
    let (stop, signalled) = (Stop::default(), Stop::default());
    let handler = ctrlc::set_handler({
        let (stop, signalled) = (stop.clone(), signalled.clone());
        move || {
            signalled.ask();
            stop.ask();
        }
    });
    let result = match handler {
        Ok(()) => program(&stop).map_err(Into::into),
        Err(error) => Err(format!("cannot handle Ctrl-C: {error}").into()),
    };
    match result {
        Ok(()) if signalled.asked() => ExitCode::from(INTERRUPTED),
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

/// The end of a program's help: examples, the NICs, and what the exit status means.
pub fn help(examples: &str) -> String {
    let nics = netmap_nics::NAMES.join(", ");
    format!(
        "\
{examples}

NICs: {nics}
Exit status: 0 success, 1 error, 2 invalid arguments, 130 stopped by Ctrl-C"
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

/// Runs every worker on its own thread, and calls `control` periodically until all have ended.
///
/// # Errors
/// The first error of a worker or of `control`; all workers are then asked to stop.
pub fn run_workers<E: Send>(
    workers: Vec<Work<'_, E>>,
    stop: &Stop,
    mut control: impl FnMut() -> Result<(), E>,
) -> Result<(), E> {
    /// The interval of calls to `control`: slots wait up to this long after the link came up.
    const TICK: Duration = Duration::from_millis(10);
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
        let mut result = Ok(());
        loop {
            let now = match ended.recv_timeout(TICK) {
                Ok(result) => result,
                Err(RecvTimeoutError::Timeout) => control(),
                // All workers have ended; if one panicked, the scope panics, too.
                Err(RecvTimeoutError::Disconnected) => return result,
            };
            if now.is_err() {
                stop.ask();
            }
            result = result.and(now);
        }
    })
}
