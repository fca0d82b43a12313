//! Ports: a NIC on a bus, opened on a memory.

mod config;
mod control;
mod interrupts;
mod lane;
mod limits;
mod statistics;

use std::fmt;
use std::sync::Arc;
use std::thread;

use netmap_core::{
    Closed, Direction, Driver, Fault, Filter, Kring, LinearPool, Link, MacAddress, MulticastTable,
    Reset, Restart, RxQueue, Setup, TxQueue, TxSetup,
};

pub use config::{InterruptMode, PortConfig};
pub(crate) use lane::Lane;
pub use limits::Limits;

use crate::bus::UserBus;
use crate::{BUFFER_SIZE, Error, Memory, Result, RxRing, TxRing};
use interrupts::Interrupts;
use lane::{Gated, Queue, Side};
use statistics::Totals;

/// What the device may be doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No DMA.
    Stopped,
    /// What a driver wants.
    Running,
    /// A start or a stop failed half way.
    Unknown,
}

/// Bytes of a descriptor.
const DESCRIPTOR: usize = 16;

type TxLane<D, B> = Arc<Gated<TxQueue<<D as netmap_core::Nic>::Tx, B>, D, B>>;
type RxLane<D, B> = Arc<Gated<RxQueue<<D as netmap_core::Nic>::Rx, B>, D, B>>;

/// Control of one NIC: driver `D` on bus `B`.
///
/// A port is opened stopped; its rings can be taken at any time and are paused until it starts. Dropping it stops the
/// device; rings that outlive it stay paused.
pub struct Port<D: Driver, B: UserBus> {
    /// With the options that the device runs with.
    driver: D,
    /// With those that it is to run with from its next start on.
    chosen: D,
    bus: B,
    config: PortConfig,
    mac: Option<MacAddress>,
    memory: Memory,
    interrupts: Arc<Interrupts<D, B>>,
    tx: Vec<TxLane<D, B>>,
    rx: Vec<RxLane<D, B>>,
    tx_rings: Vec<Option<TxRing>>,
    rx_rings: Vec<Option<RxRing>>,
    state: State,
    link: Link,
    /// The link changed since the last tick.
    changed: bool,
    /// Transmit rings are paused because the link was found down; they stay so over a reset, until it is found up.
    held: bool,
    statistics: Totals<B>,
}

impl<D: Driver, B: UserBus> Port<D, B> {
    /// Opens the device on `bus`, with rings on `memory`.
    ///
    /// # Errors
    /// The device is none of the driver's, cannot have what `config` asks for, or there is no memory left for it.
    pub fn open(memory: &Memory, bus: B, config: PortConfig) -> Result<Port<D, B>> {
        let id = bus.pci_id();
        let driver = D::detect(&bus, id).ok_or(Error::NoDriver { id })?;
        config.check(&driver)?;
        let driver = config.choose(driver)?;
        let base = bus.attach(memory.region())?;
        let pool = memory.pool_at(base)?;
        let statistics = Totals::new::<D>(&bus)?;
        let messages = config.interrupts.choose(&driver, &bus, config.queues)?;
        let mut port = Port {
            driver,
            chosen: driver,
            bus: bus.clone(),
            config,
            mac: None,
            memory: memory.clone(),
            interrupts: Arc::new(Interrupts::new(driver, bus, messages)),
            tx: Vec::new(),
            rx: Vec::new(),
            tx_rings: Vec::new(),
            rx_rings: Vec::new(),
            state: State::Stopped,
            link: Link::Down,
            changed: false,
            held: false,
            statistics,
        };
        for queue in 0..port.config.queues {
            port.add_tx(queue, pool)?;
            port.add_rx(queue, pool)?;
        }
        Ok(port)
    }

    fn add_tx(&mut self, index: u32, pool: LinearPool) -> Result<()> {
        let slots = self.config.tx_slots;
        let usual = D::COMPLETIONS.first().copied();
        let completion = self.config.completion.or(usual);
        let setup = completion
            .and_then(|completion| TxSetup::of::<D>(index, completion))
            .ok_or(no_queue("transmit doorbells", index))?;
        let setup = TxSetup {
            frame_max: self.driver.frame_limits().sent,
            ..setup
        };
        let descriptors = self.bus.dma_alloc(
            TxQueue::<D::Tx, B>::bytes(slots),
            D::TX.align as usize,
            D::TX.address_bits,
        )?;
        let queue = TxQueue::new(self.bus.clone(), setup, descriptors, slots)
            .ok_or(no_queue("transmit rings of that size", index))?;
        let ring = self.memory.ring(slots, index as u16, Direction::Tx)?;
        let kring = Kring::new(ring.clone(), queue.idle());
        let side = Side::new(queue, kring, pool);
        let lane = Gated::new(side, index, &self.interrupts);
        self.tx_rings
            .push(Some(TxRing::new(ring, Arc::clone(&lane) as _)));
        self.tx.push(lane);
        Ok(())
    }

    fn add_rx(&mut self, index: u32, pool: LinearPool) -> Result<()> {
        let slots = self.config.rx_slots;
        let doorbell = D::rx_doorbell(index).ok_or(no_queue("receive doorbells", index))?;
        let descriptors = self.bus.dma_alloc(
            slots as usize * DESCRIPTOR,
            D::RX.align as usize,
            D::RX.address_bits,
        )?;
        let queue = RxQueue::new(self.bus.clone(), doorbell, descriptors, slots)
            .ok_or(no_queue("receive rings of that size", index))?;
        let ring = self.memory.ring(slots, index as u16, Direction::Rx)?;
        let kring = Kring::new(ring.clone(), queue.idle());
        let side = Side::new(queue, kring, pool);
        let lane = Gated::new(side, index, &self.interrupts);
        self.rx_rings
            .push(Some(RxRing::new(ring, Arc::clone(&lane) as _)));
        self.rx.push(lane);
        Ok(())
    }

    /// The device's driver.
    pub fn driver(&self) -> &D {
        &self.driver
    }

    /// Another way to the device, for tests and tools.
    pub fn bus(&self) -> &B {
        &self.bus
    }

    /// Resets and starts the device and gives it the queues' share of the rings.
    fn bring_up(&mut self) -> Result<()> {
        self.state = State::Unknown;
        self.driver = self.chosen;
        let (driver, bus, config) = (&self.driver, &self.bus, &self.config);
        let setup = Setup {
            frame_max: config.frame_max,
            buffer_size: BUFFER_SIZE,
            queues: config.queues,
            messages: self.interrupts.messages(),
            rss: config.spread::<D>(),
        };
        let mut multicast = MulticastTable::EMPTY;
        for &group in &config.multicast {
            multicast.insert(group, D::MULTICAST_HASH);
        }
        let filter = Filter {
            promiscuous: config.promiscuous,
            all_multicast: config.all_multicast,
            multicast,
        };
        let mut held = self.interrupts.hold();
        let mut tx = close_all(&self.tx);
        let mut rx = close_all(&self.rx);

        driver.reset(bus)?;
        driver.init(bus, &setup)?;
        let mac = match config.mac {
            Some(mac) => mac,
            None => driver.mac_read(bus)?,
        };
        driver.mac_write(bus, &mac)?;
        if !D::FILTER_AFTER_START {
            driver.filter_write(bus, &filter)?;
        }
        for (queue, side) in (0..).zip(&mut tx) {
            driver.tx_enable(bus, queue, &side.prepare(driver.crc()))?;
        }
        for (queue, side) in (0..).zip(&mut rx) {
            driver.rx_enable(bus, queue, &side.prepare(driver.crc()))?;
        }
        driver.start(bus, &setup)?;
        if D::FILTER_AFTER_START {
            driver.filter_write(bus, &filter)?;
        }
        driver.link_start(bus, false)?;
        driver.listen(bus, &setup)?;
        for mut side in tx {
            side.started(config.policy);
        }
        for mut side in rx {
            side.started(config.policy);
        }
        held.queues = config.queues;
        drop(held);
        self.mac = Some(mac);
        self.state = State::Running;
        self.statistics.started(&self.driver, &self.bus);
        Ok(())
    }

    /// Ends all DMA and takes back what the device has finished; every step is tried, the first fault is told.
    fn bring_down(&mut self) -> Result<(), Fault> {
        self.state = State::Unknown;
        let (driver, bus) = (&self.driver, &self.bus);
        let mut held = self.interrupts.hold();
        held.queues = 0;
        let tx = close_all(&self.tx);
        let rx = close_all(&self.rx);

        let mut results = vec![driver.interrupts_off(bus), driver.stop(bus)];
        for mut side in tx {
            side.stopped();
        }
        for mut side in rx {
            side.stopped();
        }
        for queue in 0..self.config.queues {
            results.push(driver.tx_disable(bus, queue));
            results.push(driver.rx_disable(bus, queue));
        }
        drop(held);
        results.into_iter().collect::<Result<(), Fault>>()?;
        self.state = State::Stopped;
        Ok(())
    }

    /// Whoever resets a device expects it not to do as it is told; what counts is that it comes up again.
    fn reset_device(&mut self) -> Result<()> {
        let _ = netmap_core::Port::stop(self);
        netmap_core::Port::start(self)
    }

    /// Restarts one transmit queue while the others go on; if the device does not let it, the device.
    fn reset_tx(&mut self, queue: u32) -> Result<()> {
        let lane = self.tx.get(queue as usize).ok_or(Error::NoRing {
            direction: "tx",
            index: queue as usize,
        })?;
        if D::TX.restart == Restart::Queue {
            let (driver, bus) = (&self.driver, &self.bus);
            let mut side = close(lane);
            let done = driver.tx_disable(bus, queue).and_then(|()| {
                side.stopped();
                driver.tx_enable(bus, queue, &side.prepare(driver.crc()))
            });
            if done.is_ok() {
                side.started(self.config.policy);
                return Ok(());
            }
        }
        self.reset_device()
    }

    /// As [`reset_tx`](Self::reset_tx), of a receive queue.
    fn reset_rx(&mut self, queue: u32) -> Result<()> {
        let lane = self.rx.get(queue as usize).ok_or(Error::NoRing {
            direction: "rx",
            index: queue as usize,
        })?;
        if D::RX.restart == Restart::Queue {
            let (driver, bus) = (&self.driver, &self.bus);
            let mut side = close(lane);
            let done = driver.rx_disable(bus, queue).and_then(|()| {
                side.stopped();
                driver.rx_enable(bus, queue, &side.prepare(driver.crc()))
            });
            if done.is_ok() {
                side.started(self.config.policy);
                return Ok(());
            }
        }
        self.reset_device()
    }

    /// Negotiates the link again; queues stay as they are.
    fn reset_link(&mut self) -> Result<()> {
        self.driver.link_start(&self.bus, true)?;
        self.look_at_link().map(drop)
    }

    /// Asks for the link. While it is down, slots wait in the rings; what the NIC had before is announced again when it
    /// comes up, because some NICs forget a doorbell that rang without a link.
    fn look_at_link(&mut self) -> Result<Link> {
        if self.state != State::Running {
            return Ok(self.link);
        }
        let before = self.link;
        self.link = self.driver.link_poll(&self.bus)?;
        let told = self.interrupts.link_changed();
        self.changed |= told || self.link != before;
        let down = self.link == Link::Down;
        if down != self.held || (!down && told) {
            for mut side in close_all(&self.tx) {
                side.hold(down);
            }
            self.held = down;
        }
        Ok(self.link)
    }
}

impl<D: Driver, B: UserBus> netmap_core::Port for Port<D, B> {
    type Error = Error;

    fn start(&mut self) -> Result<()> {
        if self.state == State::Running {
            return Ok(());
        }
        self.bring_up().inspect_err(|_| {
            // The first fault says more than what follows from it.
            let _ = self.bring_down();
        })
    }

    fn stop(&mut self) -> Result<()> {
        if self.state == State::Stopped {
            return Ok(());
        }
        if self.state == State::Running {
            self.statistics.update(&self.driver, &self.bus);
        }
        self.link = Link::Down;
        Ok(self.bring_down()?)
    }

    fn reset(&mut self, which: Reset) -> Result<()> {
        match which {
            // A device that is down comes up as a whole.
            _ if self.state != State::Running => self.reset_device(),
            Reset::Device => self.reset_device(),
            Reset::Link => self.reset_link(),
            Reset::Tx(queue) => self.reset_tx(queue),
            Reset::Rx(queue) => self.reset_rx(queue),
        }
    }

    fn link(&mut self) -> Result<Link> {
        self.look_at_link()
    }

    fn statistics(&mut self) -> &[u64] {
        if self.state == State::Running {
            self.statistics.update(&self.driver, &self.bus);
        }
        self.statistics.totals()
    }
}

impl<D: Driver, B: UserBus> Drop for Port<D, B> {
    fn drop(&mut self) {
        // Nobody is left to tell. A device that does not stop reaches no memory afterwards.
        let _ = netmap_core::Port::stop(self);
        self.bus.detach();
    }
}

impl<D: Driver, B: UserBus> fmt::Debug for Port<D, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Port")
            .field("driver", &self.driver)
            .field("config", &self.config)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Keeps all rings of a direction from syncing.
fn close_all<Q: Queue, D, B>(lanes: &[Arc<Gated<Q, D, B>>]) -> Vec<Closed<'_, Side<Q>>> {
    lanes.iter().map(close).collect()
}

/// Keeps a ring from syncing.
fn close<Q: Queue, D, B>(lane: &Arc<Gated<Q, D, B>>) -> Closed<'_, Side<Q>> {
    lane.gate
        .close(thread::yield_now)
        .expect("only a port closes its gates, and it does so under `&mut self`")
}

fn no_queue(array: &'static str, index: u32) -> Fault {
    Fault::NoSuchElement { array, index }
}
