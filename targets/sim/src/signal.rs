//! Waking an idle device.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

/// Wakes one device; clones wake the same.
#[derive(Debug, Clone, Default)]
pub struct Waker(Arc<Signal>);

#[derive(Debug, Default)]
struct Signal {
    set: AtomicBool,
    thread: OnceLock<Thread>,
}

impl Waker {
    /// Wakes the device because there is work. Costs one atomic operation if the device is already running.
    pub fn wake(&self) {
        if !self.0.set.swap(true, Ordering::SeqCst)
            && let Some(thread) = self.0.thread.get()
        {
            thread.unpark();
        }
    }

    /// Registers the calling thread as the one to wake.
    pub(crate) fn register_thread(&self) {
        // Only the one worker of a device calls this, once.
        let _ = self.0.thread.set(thread::current());
    }

    /// Clears all calls so far: the device handles their work now.
    pub(crate) fn clear(&self) {
        self.0.set.store(false, Ordering::SeqCst);
    }

    /// Sleeps until there was a call since the last `clear`.
    pub(crate) fn wait(&self) {
        while !self.0.set.load(Ordering::SeqCst) {
            thread::park();
        }
    }

    /// The same, for at most 50 microseconds.
    pub(crate) fn wait_briefly(&self) {
        const MOMENT: Duration = Duration::from_micros(50);
        if !self.0.set.load(Ordering::SeqCst) {
            thread::park_timeout(MOMENT);
        }
    }
}
