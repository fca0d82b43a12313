//! Waking an idle device.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

/// Wakes one device; clones wake the same.
#[derive(Debug, Clone, Default)]
pub struct Waker(Arc<Signal>);

#[derive(Debug, Default)]
struct Signal {
    /// [`CALLED`] and [`ENDED`]. One value, so that a worker cannot miss its end while it clears a call.
    state: AtomicU8,
    thread: OnceLock<Thread>,
}

/// There is work.
const CALLED: u8 = 1;
/// The device is being removed. It stays set.
const ENDED: u8 = 2;

impl Waker {
    /// Wakes the device because there is work. Costs one atomic operation if the device is already running.
    pub fn wake(&self) {
        self.set(CALLED);
    }

    /// Tells the worker to end.
    pub(crate) fn end(&self) {
        self.set(ENDED);
    }

    fn set(&self, bit: u8) {
        if self.0.state.fetch_or(bit, Ordering::SeqCst) & bit == 0
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

    /// Clears all calls so far: the device handles their work now. Returns false if it has to end.
    pub(crate) fn clear(&self) -> bool {
        self.0.state.fetch_and(!CALLED, Ordering::SeqCst) & ENDED == 0
    }

    /// Whether the worker has to end.
    pub(crate) fn has_ended(&self) -> bool {
        self.0.state.load(Ordering::SeqCst) & ENDED != 0
    }

    /// Sleeps until there was a call since the last `clear`, or the end.
    pub(crate) fn wait(&self) {
        while self.0.state.load(Ordering::SeqCst) == 0 {
            thread::park();
        }
    }

    /// The same, for at most 50 microseconds.
    pub(crate) fn wait_briefly(&self) {
        const MOMENT: Duration = Duration::from_micros(50);
        if self.0.state.load(Ordering::SeqCst) == 0 {
            thread::park_timeout(MOMENT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_not_lost_between_a_call_and_its_clearing() {
        let waker = Waker::default();
        assert!(waker.clear());
        waker.wake();
        waker.end();
        assert!(!waker.clear());
        // It would wait for ever.
        waker.wait();
        assert!(!waker.clear() && waker.has_ended());
    }

    #[test]
    fn a_call_ends_a_wait() {
        let waker = Waker::default();
        waker.wake();
        waker.wait();
        assert!(waker.clear());
        let sleeper = thread::spawn({
            let waker = waker.clone();
            move || {
                waker.register_thread();
                waker.wait();
            }
        });
        while waker.0.thread.get().is_none() {
            thread::yield_now();
        }
        waker.wake();
        sleeper.join().unwrap();
    }
}
