//! Interrupts of one device, shared by all threads that wait for its rings.
//!
//! A device may have fewer interrupts than rings, and reading its causes acknowledges them for all rings. So one of the
//! waiting threads waits for the device, and the others wait for that thread. It runs the interrupt handlers of all
//! rings of the port and wakes the threads whose vector arrived.

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use netmap_core::Driver;
use netmap_core::lifecycle::{Handlers, MAX_VECTORS};

use crate::bus::UserBus;
use crate::lock;

/// Longest single wait for the device. It limits the cost of a lost interrupt and the waits of control.
const LONGEST: Duration = Duration::from_millis(10);

/// What ended a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// An interrupt, or a thread that no longer waits for the device.
    Reported,
    /// The caller's timeout.
    TimedOut,
    /// The longest wait: an interrupt may have been lost.
    Late,
}

pub(super) struct Interrupts<D, B> {
    handlers: Handlers<D>,
    /// Locked by the thread that waits for the device.
    bus: Mutex<B>,
    state: Mutex<State>,
    changed: Condvar,
    link: AtomicBool,
    /// [`LONGEST`], except in tests.
    longest: Duration,
}

struct State {
    /// The number of interrupts of each vector.
    counts: [u64; MAX_VECTORS],
    /// A thread waits for the device.
    led: bool,
    /// Threads that wait for that one.
    followers: usize,
}

impl State {
    /// Counts the vectors in `came`.
    fn count(&mut self, came: u64) {
        for (number, count) in self.counts.iter_mut().enumerate() {
            *count += came >> number & 1;
        }
    }
}

impl<D: Driver, B> Interrupts<D, B> {
    pub(super) fn new(handlers: Handlers<D>, bus: B) -> Interrupts<D, B> {
        Interrupts {
            handlers,
            bus: Mutex::new(bus),
            state: Mutex::new(State {
                counts: [0; MAX_VECTORS],
                led: false,
                followers: 0,
            }),
            changed: Condvar::new(),
            link: AtomicBool::new(false),
            longest: LONGEST,
        }
    }

    pub(super) fn handlers(&self) -> &Handlers<D> {
        &self.handlers
    }

    /// The number of interrupts that have reported queue `queue`.
    pub(super) fn count(&self, queue: u32) -> u64 {
        lock(&self.state).counts[self.vector(queue)]
    }

    fn vector(&self, queue: u32) -> usize {
        let vectors = self.handlers.queue_vectors();
        queue.checked_rem(vectors).unwrap_or(0) as usize % MAX_VECTORS
    }

    /// Whether an interrupt has reported the link since the last call.
    pub(super) fn link_changed(&self) -> bool {
        self.link.swap(false, Relaxed)
    }
}

impl<D: Driver, B: UserBus> Interrupts<D, B> {
    /// Waits until more than `seen` interrupts have reported queue `queue`, at most `timeout` or 10 ms; may return early.
    pub(super) fn wait(&self, queue: u32, seen: u64, timeout: Duration) -> Woken {
        let vector = self.vector(queue);
        let expired = match timeout < self.longest {
            true => Woken::TimedOut,
            false => Woken::Late,
        };
        let until = Instant::now() + timeout.min(self.longest);
        let left = || until.saturating_duration_since(Instant::now());
        let mut state = lock(&self.state);
        if state.counts[vector] != seen {
            return Woken::Reported;
        }
        if state.led {
            state.followers += 1;
            let nothing = |state: &mut State| state.led && state.counts[vector] == seen;
            let waited = self.changed.wait_timeout_while(state, left(), nothing);
            let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
            state.followers -= 1;
            drop(state);
            return match waited.timed_out() {
                true => expired,
                false => Woken::Reported,
            };
        }
        state.led = true;
        drop(state);

        let bus = lock(&self.bus);
        let woken = loop {
            let left = left();
            let came = bus.wait_interrupt(left);
            self.handle(&bus, came);
            let mut state = lock(&self.state);
            state.count(came);
            let woken = match state.counts[vector] != seen {
                true => Some(Woken::Reported),
                false => left.is_zero().then_some(expired),
            };
            // A thread that this wakes sees at once that it has to wait for the device itself.
            state.led = woken.is_none();
            let followers = state.followers;
            drop(state);
            if followers > 0 {
                self.changed.notify_all();
            }
            if let Some(woken) = woken {
                break woken;
            }
        };
        drop(bus);
        woken
    }

    /// Discards pending reports of the link, once it is known to be up.
    ///
    /// This may acknowledge causes of frames, too: a thread that waits for them loses at most one wait.
    pub(super) fn forget_link(&self) {
        let bus = lock(&self.bus);
        let last = self.handlers.queue_vectors();
        // The vector of the link, or the only one.
        self.handle(&bus, 1 << last);
        if last > 0 {
            // A message in flight would report the link again. Messages of queues count as usual.
            let came = bus.wait_interrupt(Duration::ZERO);
            self.handle(&bus, came);
            lock(&self.state).count(came);
            self.changed.notify_all();
        }
        self.link.store(false, Relaxed);
    }

    /// Runs the handler of each vector in `came`.
    fn handle(&self, bus: &B, came: u64) {
        if came == 0 {
            // An interrupt may have been lost, and with it the report of sent frames.
            self.handlers.kick_again(bus);
        }
        for vector in (0..=self.handlers.queue_vectors()).filter(|vector| came >> vector & 1 == 1) {
            let causes = self.handlers.causes(bus, vector);
            if causes.tx {
                self.handlers.kick_again(bus);
            }
            if causes.link {
                self.link.store(true, Relaxed);
            }
        }
    }
}
