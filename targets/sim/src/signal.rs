//! How a device that has nothing to do is woken.

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
    /// There is something to do. Costs one atomic while the device is at work anyway.
    pub fn wake(&self) {
        if !self.0.set.swap(true, Ordering::SeqCst)
            && let Some(thread) = self.0.thread.get()
        {
            thread.unpark();
        }
    }

    /// The calling thread is the one to be woken.
    pub(crate) fn is_mine(&self) {
        // Only the one worker of a device calls this, once.
        let _ = self.0.thread.set(thread::current());
    }

    /// Forgets all calls so far: what they announced will be looked at now.
    pub(crate) fn clear(&self) {
        self.0.set.store(false, Ordering::SeqCst);
    }

    /// Sleeps until there was a call since the last `clear`.
    pub(crate) fn wait(&self) {
        while !self.0.set.load(Ordering::SeqCst) {
            thread::park();
        }
    }

    /// The same, for no longer than a moment.
    pub(crate) fn doze(&self) {
        const MOMENT: Duration = Duration::from_micros(50);
        if !self.0.set.load(Ordering::SeqCst) {
            thread::park_timeout(MOMENT);
        }
    }
}
