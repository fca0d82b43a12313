//! Code shared by the programs: Ctrl-C, waiting for a link, counting, and exit status.

mod count;

use std::error::Error as StdError;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::Link;

pub use count::{Counters, Rate, Totals};

use crate::{AnyPort, Error, Result};

/// The longest wait between checks for Ctrl-C.
pub const PATIENCE: Duration = Duration::from_millis(100);
/// The exit status that a shell reports after SIGINT.
const INTERRUPTED: u8 = 130;

/// A request to stop. Clones are the same request.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    wanted: Arc<AtomicBool>,
    by_signal: Arc<AtomicBool>,
}

impl Stop {
    /// A stop request made by Ctrl-C, SIGTERM or SIGHUP; may be created once in a process.
    ///
    /// # Errors
    /// There already is a handler, or the system refuses one.
    pub fn on_ctrl_c() -> Result<Stop, ctrlc::Error> {
        let stop = Stop::default();
        ctrlc::set_handler({
            let stop = stop.clone();
            move || {
                stop.by_signal.store(true, Relaxed);
                stop.ask();
            }
        })?;
        Ok(stop)
    }

    /// Makes the request.
    pub fn ask(&self) {
        self.wanted.store(true, Relaxed);
    }

    /// Whether it was made.
    pub fn asked(&self) -> bool {
        self.wanted.load(Relaxed)
    }

    /// Prints the error of `program` to standard error, if any. Returns its exit status: 0, 1 after an error, 130 after
    /// a signal.
    pub fn exit(&self, program: &str, result: Result<(), impl StdError>) -> ExitCode {
        match result {
            Ok(()) if self.by_signal.load(Relaxed) => ExitCode::from(INTERRUPTED),
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{program}: {error}");
                ExitCode::FAILURE
            }
        }
    }
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
    let until = Instant::now() + within;
    while !stop.asked() {
        let left = until.saturating_duration_since(Instant::now());
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
