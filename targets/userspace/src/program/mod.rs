//! What the programs of this crate have in common: Ctrl-C, waiting for a link, counting, and how they end.

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

/// Longest time without a look at Ctrl-C.
pub const PATIENCE: Duration = Duration::from_millis(100);
/// What a shell reports for a program that SIGINT ended.
const INTERRUPTED: u8 = 130;

/// A request to stop. Clones are the same request.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    wanted: Arc<AtomicBool>,
    by_signal: Arc<AtomicBool>,
}

impl Stop {
    /// A request that Ctrl-C makes (and SIGTERM and SIGHUP), once a process.
    ///
    /// # Errors
    /// There is a handler already, or the system refuses one.
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

    /// Tells on standard error why `program` failed, if it did, and gives its exit status: 0, 1 for a failure, 130 for a
    /// signal.
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

/// A choice of an option as a command line has it: `NAME=VALUE`.
///
/// # Errors
/// It is none, in words for whoever typed it.
pub fn option(text: &str) -> Result<(String, u32), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = parts.ok_or("not a name, `=` and a number")?;
    let value = value.parse().map_err(|_| "its value is not a number")?;
    Ok((name.to_owned(), value))
}

/// Waits until the link is up, `within` at most; `None` if it was asked to stop first.
///
/// # Errors
/// The link did not come up, or the device could not be asked.
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

/// A worker: what one thread does until it is done or asked to stop.
pub type Work<'a, E> = Box<dyn FnOnce() -> Result<(), E> + Send + 'a>;

/// Lets every worker work on a thread of its own and meanwhile calls `look_after` again and again, until all have ended.
///
/// # Errors
/// The first that a worker or `look_after` gives; everybody is then asked to stop.
pub fn beside<E: Send>(
    workers: Vec<Work<'_, E>>,
    stop: &Stop,
    mut look_after: impl FnMut() -> Result<(), E>,
) -> Result<(), E> {
    /// How often links are looked after: slots wait as long when one has come up.
    const TICK: Duration = Duration::from_millis(10);
    thread::scope(|scope| {
        let (done, told) = mpsc::channel();
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
            let now = match told.recv_timeout(TICK) {
                Ok(ended) => ended,
                Err(RecvTimeoutError::Timeout) => look_after(),
                // All have ended, or panicked: then the scope panics, too.
                Err(RecvTimeoutError::Disconnected) => return result,
            };
            if now.is_err() {
                stop.ask();
            }
            result = result.and(now);
        }
    })
}
