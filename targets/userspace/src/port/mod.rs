//! Ports: a NIC on a bus, opened on a memory.
//!
//! The life cycle is in [`netmap_core::lifecycle`]. This module has the memory, rings, waits and configuration.

mod config;
mod control;
mod interrupts;
mod limits;
mod rings;

use std::fmt;
use std::sync::Arc;
use std::thread;

use netmap_core::lifecycle::{
    Counter, Handlers, Lifecycle, PortSetup, RxGate, State, Target, TxGate, make_rx_queue,
    make_tx_queue,
};
use netmap_core::{Direction, Driver, Kring, LinearPool, Link, RxQueue, TxQueue};

pub use config::{InterruptMode, PortConfig};
pub use limits::Limits;
pub(crate) use rings::RingQueue;

use crate::bus::UserBus;
use crate::{BUFFER_SIZE, Error, Memory, Result, RxRing, TxRing};
use interrupts::Interrupts;
use rings::{PortQueue, PortRing};

type PortTx<D, B> = Arc<PortQueue<TxQueue<<D as netmap_core::Nic>::Tx, B>, D, B>>;
type PortRx<D, B> = Arc<PortQueue<RxQueue<<D as netmap_core::Nic>::Rx, B>, D, B>>;

/// The parts of a port that the life cycle uses.
struct Parts<D: Driver, B: UserBus> {
    bus: B,
    interrupts: Arc<Interrupts<D, B>>,
    tx: Vec<PortTx<D, B>>,
    rx: Vec<PortRx<D, B>>,
}

impl<D: Driver, B: UserBus> Target for Parts<D, B> {
    type Driver = D;
    type Bus = B;
    type Ring = PortRing;

    fn bus(&self) -> &B {
        &self.bus
    }

    fn tx(&self, queue: u32) -> Option<&TxGate<Self>> {
        Some(&self.tx.get(queue as usize)?.gate)
    }

    fn rx(&self, queue: u32) -> Option<&RxGate<Self>> {
        Some(&self.rx.get(queue as usize)?.gate)
    }

    fn handlers(&self) -> &Handlers<D> {
        self.interrupts.handlers()
    }

    fn relax(&self) {
        thread::yield_now();
    }
}

/// Control of one NIC: driver `D` on bus `B`.
///
/// A port is opened stopped; its rings can be taken at any time and are paused until it starts. Dropping it stops the
/// device; rings that outlive it stay paused.
pub struct Port<D: Driver, B: UserBus> {
    parts: Parts<D, B>,
    life: Lifecycle<Parts<D, B>, Vec<Counter>>,
    config: PortConfig,
    memory: Memory,
    tx_rings: Vec<Option<TxRing>>,
    rx_rings: Vec<Option<RxRing>>,
    /// An interrupt reported the link since the last tick.
    link_reported: bool,
    totals: Vec<u64>,
}

impl<D: Driver, B: UserBus> Port<D, B> {
    /// Opens the device on `bus`, with rings on `memory`.
    ///
    /// # Errors
    /// The driver does not support the device, the device does not support `config`, or the memory is exhausted.
    pub fn open(memory: &Memory, bus: B, config: PortConfig) -> Result<Port<D, B>> {
        let id = bus.pci_id();
        let driver = D::detect(&bus, id).ok_or(Error::NoDriver { id })?;
        config.check(&driver)?;
        let driver = config.choose(driver)?;
        let base = bus.attach(memory.region())?;
        let pool = memory.pool_at(base)?;
        let setup = PortSetup {
            queues: config.queues,
            frame_max: config.frame_max,
            buffer_size: BUFFER_SIZE,
            rss: config.spread::<D>(),
            policy: config.policy,
        };
        let count = D::STATISTICS.len();
        let life = Lifecycle::new(driver, &bus, setup, vec![Counter::default(); count])?;
        let vectors = config.interrupts.choose(&driver, &bus, config.queues)?;
        let handlers = Handlers::new(driver, config.queues, vectors);
        let mut port = Port {
            parts: Parts {
                interrupts: Arc::new(Interrupts::new(handlers, bus.clone())),
                bus,
                tx: Vec::new(),
                rx: Vec::new(),
            },
            life,
            memory: memory.clone(),
            tx_rings: Vec::new(),
            rx_rings: Vec::new(),
            link_reported: false,
            totals: vec![0; count],
            config,
        };
        if let Some(mac) = port.config.mac {
            port.life.set_mac(&port.parts, mac)?;
        }
        port.life
            .set_filter(&port.parts, port.config.filter::<D>())?;
        for queue in 0..setup.queues {
            port.add_tx(&driver, queue, pool)?;
            port.add_rx(queue, pool)?;
        }
        Ok(port)
    }

    fn add_tx(&mut self, driver: &D, index: u32, pool: LinearPool) -> Result<()> {
        let (slots, completion) = (self.config.tx_slots, self.config.completion);
        let queue = make_tx_queue(driver, &self.parts.bus, index, slots, completion)?;
        let ring = self.memory.ring(slots, index as u16, Direction::Tx)?;
        let kring = Kring::new(ring.clone(), queue.idle());
        let queue = PortQueue::new(queue, kring, pool, index, &self.parts.interrupts);
        self.tx_rings
            .push(Some(TxRing::new(ring, Arc::clone(&queue) as _)));
        self.parts.tx.push(queue);
        Ok(())
    }

    fn add_rx(&mut self, index: u32, pool: LinearPool) -> Result<()> {
        let slots = self.config.rx_slots;
        let queue = make_rx_queue::<D, B>(&self.parts.bus, index, slots)?;
        let ring = self.memory.ring(slots, index as u16, Direction::Rx)?;
        let kring = Kring::new(ring.clone(), queue.idle());
        let queue = PortQueue::new(queue, kring, pool, index, &self.parts.interrupts);
        self.rx_rings
            .push(Some(RxRing::new(ring, Arc::clone(&queue) as _)));
        self.parts.rx.push(queue);
        Ok(())
    }

    /// The device's driver, with the options in force.
    pub fn driver(&self) -> &D {
        self.life.driver()
    }

    /// The bus, for tests and tools.
    pub fn bus(&self) -> &B {
        &self.parts.bus
    }

    /// Reads the state of the link, including changes that interrupts reported.
    fn poll_link(&mut self) -> Result<Link> {
        if self.life.state() != State::Running {
            return Ok(self.life.link());
        }
        let reported = self.parts.interrupts.link_changed();
        self.link_reported |= reported;
        Ok(self.life.poll_link(&self.parts, reported)?)
    }
}

impl<D: Driver, B: UserBus> Drop for Port<D, B> {
    fn drop(&mut self) {
        // Errors cannot be returned here. After `detach` a device that did not stop cannot access memory.
        let _ = self.life.stop(&self.parts);
        self.parts.bus.detach();
    }
}

impl<D: Driver, B: UserBus> fmt::Debug for Port<D, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Port")
            .field("driver", self.driver())
            .field("config", &self.config)
            .field("state", &self.life.state())
            .finish_non_exhaustive()
    }
}
