//! Ports: a NIC on a bus, opened on a memory.
//!
//! The life cycle is in [`netmap_core::lifecycle`]. This module has the memory, rings, waits and configuration.

mod config;
mod control;
mod interrupts;
mod known;
mod limits;
mod rings;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use netmap_core::lifecycle::{
    Counter, Handlers, Lifecycle, PortSetup, RxGate, Target, TxGate, make_rx_queue, make_tx_queue,
};
use netmap_core::{Direction, Driver, Kring, RxQueue, TxQueue};

pub use config::{InterruptMode, PortConfig};
pub(crate) use interrupts::Woken;
pub use limits::{Limits, RingSize};
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

/// The life cycle of a port.
type Life<D, B> = Lifecycle<Parts<D, B>, Vec<Counter>>;

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
/// device; syncs of rings that outlive it return [`SyncError::PortClosed`](netmap_core::SyncError::PortClosed).
pub struct Port<D: Driver, B: UserBus> {
    parts: Parts<D, B>,
    life: Life<D, B>,
    config: PortConfig,
    tx_rings: Vec<Option<TxRing>>,
    rx_rings: Vec<Option<RxRing>>,
    /// An interrupt reported the link since the last tick.
    link_reported: bool,
    /// The link was up when it was last read.
    link_up: Arc<AtomicBool>,
}

impl<D: Driver, B: UserBus> Port<D, B> {
    /// Opens the device on `bus`, with rings on `memory`.
    ///
    /// # Errors
    /// The driver does not support the device, the device does not support `config`, or the memory is exhausted.
    pub fn open(memory: &Memory, bus: B, config: PortConfig) -> Result<Port<D, B>> {
        let pci = bus.pci();
        let driver = D::detect(&bus, &pci).ok_or(Error::NoDriver { id: pci.id })?;
        let limits = Limits::of::<D>(driver.variant(), driver.limits());
        limits.check(&config)?;
        let driver = config.choose(&limits, driver)?;
        let base = bus.attach(memory.region())?;
        let pool = memory.pool_at(base)?;
        let setup = PortSetup {
            queues: config.queues,
            frame_max: limits.longest_received(&config),
            buffer_size: BUFFER_SIZE,
            rss: config.spread(&limits),
            policy: config.policy,
        };
        let count = D::STATISTICS.len();
        let life = Lifecycle::new(driver, &bus, setup, vec![Counter::default(); count])?;
        let vectors = config.interrupts.choose(&limits, &bus, config.queues)?;
        let handlers = Handlers::new(driver, config.queues, vectors);
        let mut port = Port {
            parts: Parts {
                interrupts: Arc::new(Interrupts::new(handlers, bus.clone())),
                bus,
                tx: Vec::new(),
                rx: Vec::new(),
            },
            life,
            tx_rings: Vec::new(),
            rx_rings: Vec::new(),
            link_reported: false,
            link_up: Arc::default(),
            config,
        };
        if let Some(mac) = port.config.mac {
            port.life.set_mac(&port.parts, mac)?;
        }
        port.life
            .set_filter(&port.parts, port.config.filter::<D>())?;
        let [tx, rx] = limits.rings(&port.config);
        let (bus, interrupts) = (&port.parts.bus, &port.parts.interrupts);
        for queue in 0..tx.rings {
            let completion = port.config.completion;
            let queue_tx = make_tx_queue(&driver, bus, queue, tx.slots, completion)?;
            let ring = memory.ring(tx.slots, queue as u16, Direction::Tx)?;
            let kring = Kring::new(ring, queue_tx.idle());
            let tx = PortQueue::new(queue_tx, kring, pool, queue, interrupts);
            port.tx_rings.push(Some(tx.program_ring()));
            port.parts.tx.push(tx);
        }
        for queue in 0..rx.rings {
            let queue_rx = make_rx_queue(&driver, bus, queue, rx.slots)?;
            let ring = memory.ring(rx.slots, queue as u16, Direction::Rx)?;
            let kring = Kring::new(ring, queue_rx.idle());
            let rx = PortQueue::new(queue_rx, kring, pool, queue, interrupts);
            port.rx_rings.push(Some(rx.program_ring()));
            port.parts.rx.push(rx);
        }
        Ok(port)
    }

    /// The device's driver, with the options in force.
    pub fn driver(&self) -> &D {
        self.life.driver()
    }

    /// The bus, for tests and tools.
    pub fn bus(&self) -> &B {
        &self.parts.bus
    }
}

impl<D: Driver, B: UserBus> Drop for Port<D, B> {
    fn drop(&mut self) {
        // Errors cannot be returned here. After `detach` a device that did not stop cannot access memory.
        let _ = self.life.stop(&self.parts);
        self.parts.tx.iter().for_each(|queue| queue.close());
        self.parts.rx.iter().for_each(|queue| queue.close());
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
