//! Interrupts of one device, shared by all who wait for its rings.
//!
//! A device has fewer interrupts than rings, and reading its causes acknowledges them for everybody. So of the threads
//! that wait, one at a time waits for the device and the others for that one. Whichever does so does what an interrupt
//! handler does, for all rings of the port.

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use netmap_core::{Causes, Driver};

use crate::bus::UserBus;

/// Longest single wait for the device: what a lost interrupt costs, and how long control may have to wait.
const LONGEST: Duration = Duration::from_millis(10);

pub(super) struct Interrupts<D, B> {
    driver: D,
    handler: Mutex<Handler<B>>,
    state: Mutex<State>,
    changed: Condvar,
    link: AtomicBool,
}

/// Whoever has this reads causes; control has it while the device goes down or comes up.
pub(super) struct Handler<B> {
    bus: B,
    /// Transmit queues that run.
    pub(super) queues: u32,
}

#[derive(Default)]
struct State {
    count: u64,
    /// Somebody waits for the device.
    led: bool,
}

impl<D, B> Interrupts<D, B> {
    pub(super) fn new(driver: D, bus: B) -> Interrupts<D, B> {
        Interrupts {
            driver,
            handler: Mutex::new(Handler { bus, queues: 0 }),
            state: Mutex::default(),
            changed: Condvar::new(),
            link: AtomicBool::new(false),
        }
    }

    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        lock(&self.state).count
    }

    /// Whether one told of the link since this was last asked.
    pub(super) fn link_changed(&self) -> bool {
        self.link.swap(false, Relaxed)
    }

    /// Keeps everybody from reading causes.
    pub(super) fn hold(&self) -> MutexGuard<'_, Handler<B>> {
        lock(&self.handler)
    }
}

impl<D: Driver, B: UserBus> Interrupts<D, B> {
    /// Waits until there were more than `seen`, `timeout` or 10 ms at most.
    pub(super) fn wait(&self, seen: u64, timeout: Duration) {
        let timeout = timeout.min(LONGEST);
        let mut state = lock(&self.state);
        if state.count != seen {
            return;
        }
        if state.led {
            let wait = self
                .changed
                .wait_timeout_while(state, timeout, |state| state.led && state.count == seen);
            drop(wait);
            return;
        }
        state.led = true;
        drop(state);

        let handler = self.hold();
        let interrupted = handler.bus.wait_interrupt(timeout);
        if interrupted {
            if self.serve(&handler).link {
                self.link.store(true, Relaxed);
            }
        } else {
            // An interrupt may have been lost, and with it the news that frames were sent.
            self.driver.kick_again(&handler.bus, handler.queues);
        }
        drop(handler);

        let mut state = lock(&self.state);
        state.led = false;
        state.count += u64::from(interrupted);
        self.changed.notify_all();
    }

    /// The link is known to be up: what the device still has to tell of its coming up is old.
    ///
    /// Causes of frames that are acknowledged with it cost whoever waits for them one wait at most.
    pub(super) fn forget_link(&self) {
        let handler = self.hold();
        self.serve(&handler);
        self.link.store(false, Relaxed);
    }

    fn serve(&self, handler: &Handler<B>) -> Causes {
        self.driver.interrupted(&handler.bus, handler.queues)
    }
}

/// None of these is left half changed, so a thread that panicked meanwhile does not matter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
