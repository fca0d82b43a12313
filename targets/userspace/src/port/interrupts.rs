//! Interrupts of one device, shared by all who wait for its rings.
//!
//! A device may have fewer interrupts than rings, and reading its causes acknowledges them for everybody. So of the threads
//! that wait, one at a time waits for the device and the others for that one. Whichever does so does what an interrupt
//! handler does, for all rings of the port; those wake whose message came.

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use netmap_core::Driver;

use crate::bus::UserBus;

/// Longest single wait for the device: what a lost interrupt costs, and how long control may have to wait.
const LONGEST: Duration = Duration::from_millis(10);

pub(super) struct Interrupts<D, B> {
    driver: D,
    handler: Mutex<Handler<B>>,
    state: Mutex<State>,
    changed: Condvar,
    link: AtomicBool,
    /// Messages that tell of queues, the next one telling of the rest; 0 if there is one interrupt for everything.
    messages: u32,
}

/// Whoever has this reads causes; control has it while the device goes down or comes up.
pub(super) struct Handler<B> {
    bus: B,
    /// Transmit queues that run.
    pub(super) queues: u32,
}

/// Messages at most.
const MESSAGES: usize = 64;

struct State {
    /// How often each message came.
    counts: [u64; MESSAGES],
    /// Somebody waits for the device.
    led: bool,
}

impl<D, B> Interrupts<D, B> {
    pub(super) fn new(driver: D, bus: B, messages: u32) -> Interrupts<D, B> {
        Interrupts {
            driver,
            handler: Mutex::new(Handler { bus, queues: 0 }),
            state: Mutex::new(State {
                counts: [0; MESSAGES],
                led: false,
            }),
            changed: Condvar::new(),
            link: AtomicBool::new(false),
            messages,
        }
    }

    /// How many messages tell of queues.
    pub(super) fn messages(&self) -> u32 {
        self.messages
    }

    /// How many there were that tell of the queues of this number.
    pub(super) fn count(&self, queue: u32) -> u64 {
        lock(&self.state).counts[self.message(queue)]
    }

    fn message(&self, queue: u32) -> usize {
        queue.checked_rem(self.messages).unwrap_or(0) as usize % MESSAGES
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
    /// Waits until there were more than `seen` that tell of the queues of this number, `timeout` or 10 ms at most.
    pub(super) fn wait(&self, queue: u32, seen: u64, timeout: Duration) {
        let message = self.message(queue);
        let timeout = timeout.min(LONGEST);
        let mut state = lock(&self.state);
        if state.counts[message] != seen {
            return;
        }
        if state.led {
            let wait = self.changed.wait_timeout_while(state, timeout, |state| {
                state.led && state.counts[message] == seen
            });
            drop(wait);
            return;
        }
        state.led = true;
        drop(state);

        let until = Instant::now() + timeout;
        let handler = self.hold();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let told = handler.bus.wait_interrupt(left);
            self.serve(&handler, told);
            self.count_in(told);
            if lock(&self.state).counts[message] != seen || left.is_zero() {
                break;
            }
        }
        drop(handler);

        lock(&self.state).led = false;
        self.changed.notify_all();
    }

    /// The link is known to be up: what the device still has to tell of its coming up is old.
    ///
    /// Causes of frames that are acknowledged with it cost whoever waits for them one wait at most.
    pub(super) fn forget_link(&self) {
        let handler = self.hold();
        // The message of the link, or the only one.
        self.serve(&handler, 1 << self.messages);
        if self.messages > 0 {
            // A message that is on its way would tell of the link again; those of queues count as ever.
            let told = handler.bus.wait_interrupt(Duration::ZERO);
            self.serve(&handler, told);
            self.count_in(told);
        }
        self.link.store(false, Relaxed);
    }

    fn count_in(&self, told: u64) {
        let mut state = lock(&self.state);
        for (number, count) in state.counts.iter_mut().enumerate() {
            *count += told >> number & 1;
        }
        self.changed.notify_all();
    }

    /// Does what a handler does for each of these.
    fn serve(&self, handler: &Handler<B>, told: u64) {
        let (bus, queues) = (&handler.bus, handler.queues);
        if told == 0 {
            // An interrupt may have been lost, and with it the news that frames were sent.
            self.driver.kick_again(bus, queues);
        }
        for message in (0..=self.messages).filter(|message| told >> message & 1 == 1) {
            let causes = self.driver.interrupted(bus, queues, message, self.messages);
            if causes.link {
                self.link.store(true, Relaxed);
            }
        }
    }
}

/// None of these is left half changed, so a thread that panicked meanwhile does not matter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
