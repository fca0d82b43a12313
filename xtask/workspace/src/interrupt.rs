//! Ctrl-C: a task that writes files checks for it between files.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// From now on an interrupt only sets a flag, which [`check`] reports.
pub fn defer() {
    // An existing handler (tests run several tasks) does the same.
    let _ = ctrlc::set_handler(|| REQUESTED.store(true, Ordering::Relaxed));
}

/// Fails after an interrupt.
pub fn check() -> io::Result<()> {
    match REQUESTED.load(Ordering::Relaxed) {
        true => Err(io::Error::new(io::ErrorKind::Interrupted, "interrupted")),
        false => Ok(()),
    }
}
