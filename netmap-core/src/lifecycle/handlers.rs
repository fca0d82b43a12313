//! Interrupt handlers: they read and acknowledge the causes, and repeat kicks on NICs that lose them.

use core::array;
use core::sync::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

use crate::{Bus, Causes, Closed, Driver, Gate};

/// Maximum number of vectors of a port.
pub const MAX_VECTORS: usize = 64;

/// The interrupt handlers of a port.
///
/// They run on any thread or in an interrupt filter, take no lock and access only cause, mask and kick registers. While
/// control starts or stops the device they do nothing. Handlers of different vectors may run at the same time, those of
/// one vector do not.
#[derive(Debug)]
pub struct Handlers<D> {
    /// The device runs, so its interrupts are handled.
    listening: AtomicBool,
    /// The number of vectors for queues; the next vector reports the rest. 0 for a single interrupt.
    queue_vectors: AtomicU32,
    /// Queues of the direction that has more of them.
    queues: u32,
    /// One gate per vector, entered while its handler reads the causes. The driver has the options in force.
    causes: [Gate<D>; MAX_VECTORS],
    /// Entered while a handler kicks.
    kicks: Gate<D>,
}

/// All handlers, excluded from the device.
pub(super) struct ClosedHandlers<'a, D> {
    causes: [Closed<'a, D>; MAX_VECTORS],
    kicks: Closed<'a, D>,
}

impl<D: Driver> Handlers<D> {
    /// The handlers of a port with so many queues, in the direction that has more of them, and `queue_vectors` vectors for
    /// queues, 0 for a single interrupt.
    pub fn new(driver: D, queues: u32, queue_vectors: u32) -> Handlers<D> {
        Handlers {
            listening: AtomicBool::new(false),
            queue_vectors: AtomicU32::new(queue_vectors),
            queues,
            causes: array::from_fn(|_| Gate::new(driver)),
            kicks: Gate::new(driver),
        }
    }

    /// The number of vectors for queues: vector `q` modulo this number reports queue `q`, and the next vector the rest.
    /// 0 for a single interrupt.
    pub fn queue_vectors(&self) -> u32 {
        self.queue_vectors.load(Relaxed)
    }

    /// Changes the number of vectors for queues, while the device is stopped.
    pub(super) fn set_queue_vectors(&self, count: u32) {
        self.queue_vectors.store(count, Relaxed);
    }

    /// The causes that `vector` reports; acknowledges them. No cause if the device is stopped or
    /// the vector does not exist.
    ///
    /// If frames were sent, call [`kick_again`](Self::kick_again), because some NICs lose kicks.
    pub fn causes<B: Bus>(&self, bus: &B, vector: u32) -> Causes {
        let queue_vectors = self.queue_vectors();
        if vector > queue_vectors {
            return Causes::default();
        }
        let gate = self.causes.get(vector as usize);
        match gate.and_then(Gate::enter) {
            // Read inside the gate: control clears it before it closes the gates.
            Some(driver) if self.listening.load(Acquire) => {
                driver.causes_of(bus, vector, queue_vectors)
            }
            _ => Causes::default(),
        }
    }

    /// Repeats the kicks of all transmit queues of a NIC that loses kicks. Does nothing on other NICs.
    pub fn kick_again<B: Bus>(&self, bus: &B) {
        if let Some(driver) = self.kicks.enter()
            && self.listening.load(Acquire)
        {
            driver.kick_again(bus, self.queues);
        }
    }

    /// Enables or disables the handlers. The life cycle calls this; otherwise only tests of a target's interrupts do.
    pub fn set_listening(&self, listening: bool) {
        self.listening.store(listening, Release);
    }

    /// Waits until no handler runs, and excludes all of them from the device.
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
    /// Sets the driver with the options in force.
    pub(super) fn use_driver(&mut self, driver: D) {
        for gate in self.causes.iter_mut().chain([&mut self.kicks]) {
            **gate = driver;
        }
    }
}
