//! What an interrupt does: it asks the device for its causes, which acknowledges them, and repeats kicks that a NIC loses.

use core::array;
use core::sync::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

use crate::{Bus, Causes, Closed, Driver, Gate};

/// Most vectors of a port.
pub const MAX_VECTORS: usize = 64;

/// The interrupt handlers of a port.
///
/// They run on any thread or in an interrupt filter, take no lock and touch registers of causes, masks and kicks only.
/// While control brings the device up or down they do nothing. Handlers of several vectors may be at work at once, of one
/// vector never.
#[derive(Debug)]
pub struct Handlers<D> {
    /// Interrupts mean something: the device runs.
    listening: AtomicBool,
    /// Vectors that report queues, the next one reporting the rest; 0 if one interrupt reports everything.
    queue_vectors: AtomicU32,
    /// Transmit queues of the port.
    queues: u32,
    /// A handler of that vector is inside while it asks; the driver has the options in force.
    causes: [Gate<D>; MAX_VECTORS],
    /// A handler is inside while it kicks.
    kicks: Gate<D>,
}

/// All handlers, kept from touching the device.
pub(super) struct ClosedHandlers<'a, D> {
    causes: [Closed<'a, D>; MAX_VECTORS],
    kicks: Closed<'a, D>,
}

impl<D: Driver> Handlers<D> {
    /// The handlers of a port with `queues` transmit queues, `queue_vectors` of whose vectors report queues; 0 if one
    /// interrupt reports everything.
    pub fn new(driver: D, queues: u32, queue_vectors: u32) -> Handlers<D> {
        Handlers {
            listening: AtomicBool::new(false),
            queue_vectors: AtomicU32::new(queue_vectors),
            queues,
            causes: array::from_fn(|_| Gate::new(driver)),
            kicks: Gate::new(driver),
        }
    }

    /// Vectors that report queues: vector `q` modulo this reports the queues `q`, and the next one the rest. 0 if one
    /// interrupt reports everything.
    pub fn queue_vectors(&self) -> u32 {
        self.queue_vectors.load(Relaxed)
    }

    /// Changes how many vectors report queues, while the device is stopped.
    pub(super) fn set_queue_vectors(&self, count: u32) {
        self.queue_vectors.store(count, Relaxed);
    }

    /// What `vector` reported; acknowledges it. Nothing while the device is down, or if there is no such vector.
    ///
    /// A device that loses kicks wants [`kick_again`](Self::kick_again) after frames were sent.
    pub fn causes<B: Bus>(&self, bus: &B, vector: u32) -> Causes {
        let queue_vectors = self.queue_vectors();
        if vector > queue_vectors || !self.listening.load(Acquire) {
            return Causes::default();
        }
        let gate = self.causes.get(vector as usize);
        match gate.and_then(Gate::enter) {
            Some(driver) => driver.causes_of(bus, vector, queue_vectors),
            None => Causes::default(),
        }
    }

    /// Repeats the kicks of all transmit queues of a NIC that loses kicks; other NICs are left alone.
    pub fn kick_again<B: Bus>(&self, bus: &B) {
        if !self.listening.load(Acquire) {
            return;
        }
        if let Some(driver) = self.kicks.enter() {
            driver.kick_again(bus, self.queues);
        }
    }

    /// Has handlers do their work, or nothing. Control does so with the device; nobody else but tests of a target's way of
    /// waiting has to.
    pub fn set_listening(&self, listening: bool) {
        self.listening.store(listening, Release);
    }

    /// Waits until no handler is at work, and keeps all of them from the device.
    pub(super) fn close(&self, mut relax: impl FnMut()) -> ClosedHandlers<'_, D> {
        ClosedHandlers {
            causes: self
                .causes
                .each_ref()
                .map(|gate| gate.close_in_turn(&mut relax)),
            kicks: self.kicks.close_in_turn(&mut relax),
        }
    }
}

impl<D: Copy> ClosedHandlers<'_, D> {
    /// Gives them the driver with the options in force.
    pub(super) fn use_driver(&mut self, driver: D) {
        for gate in self.causes.iter_mut().chain([&mut self.kicks]) {
            **gate = driver;
        }
    }
}
