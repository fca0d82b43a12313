//! Ctrl-C: a task that writes files notices it between two of them.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// From now on an interrupt only sets a mark, which [`check`] reports.
pub fn defer() {
    // A handler that is there already (tests run several tasks) does the same.
    let _ = ctrlc::set_handler(|| REQUESTED.store(true, Ordering::Relaxed));
}

/// Fails if somebody asked to stop.
pub fn check() -> io::Result<()> {
    match REQUESTED.load(Ordering::Relaxed) {
        true => Err(io::Error::new(io::ErrorKind::Interrupted, "interrupted")),
        false => Ok(()),
    }
}
