//! Interrupts of one device, shared by all who wait for its rings.
//!
//! A device has fewer interrupts than rings, and reading its causes acknowledges them for everybody. So of the threads
//! that wait, one at a time waits for the device and the others for that one.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use netmap_core::Driver;

use crate::bus::UserBus;

/// Longest single wait for the device: what a lost interrupt costs, and how long control may have to wait.
const LONGEST: Duration = Duration::from_millis(10);

pub(super) struct Interrupts<D, B> {
    driver: D,
    /// Whoever has this reads causes; control has it while the device is down.
    bus: Mutex<B>,
    state: Mutex<State>,
    changed: Condvar,
    link: AtomicBool,
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
            bus: Mutex::new(bus),
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
    pub(super) fn hold(&self) -> MutexGuard<'_, B> {
        lock(&self.bus)
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

        let bus = self.hold();
        let interrupted = bus.wait_interrupt(timeout);
        if interrupted && self.driver.causes(&*bus).link {
            self.link.store(true, Relaxed);
        }
        drop(bus);

        let mut state = lock(&self.state);
        state.led = false;
        state.count += u64::from(interrupted);
        self.changed.notify_all();
    }

    /// The link is known to be up: what the device still has to tell of its coming up is old.
    ///
    /// Causes of frames that are acknowledged with it cost whoever waits for them one wait at most.
    pub(super) fn forget_link(&self) {
        let bus = self.hold();
        self.driver.causes(&*bus);
        self.link.store(false, Relaxed);
    }
}

/// None of these is left half changed, so a thread that panicked meanwhile does not matter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
