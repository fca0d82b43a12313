//! Ports: a NIC on a bus, opened on a memory.

mod config;
mod control;
mod interrupts;
mod lane;

use std::fmt;
use std::sync::Arc;
use std::thread;

use netmap_core::{
    Closed, Direction, Driver, Fault, Filter, Kring, LinearPool, Link, MacAddress, MulticastTable,
    Reset, Rss, RxQueue, Setup, Statistic, TxQueue, TxSetup,
};

pub use config::PortConfig;
pub(crate) use lane::Lane;

use crate::bus::UserBus;
use crate::{BUFFER_SIZE, Error, Memory, Result, RxRing, TxRing};
use interrupts::Interrupts;
use lane::{Gated, Queue, Side};

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
    driver: D,
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
    /// Totals since the port was opened, and the part of them from before the last reset.
    totals: Vec<u64>,
    carried: Vec<u64>,
}

impl<D: Driver, B: UserBus> Port<D, B> {
    /// Opens the device on `bus`, with rings on `memory`.
    ///
    /// # Errors
    /// The device is none of the driver's, cannot have what `config` asks for, or there is no memory left for it.
    pub fn open(memory: &Memory, bus: B, config: PortConfig) -> Result<Port<D, B>> {
        config.check::<D>()?;
        let base = bus.attach(memory.region())?;
        let pool = memory.pool_at(base)?;
        let id = bus.pci_id();
        let driver = D::detect(&bus, id).ok_or(Error::NoDriver { id })?;
        let mut port = Port {
            driver,
            bus: bus.clone(),
            config,
            mac: None,
            memory: memory.clone(),
            interrupts: Arc::new(Interrupts::new(driver, bus)),
            tx: Vec::new(),
            rx: Vec::new(),
            tx_rings: Vec::new(),
            rx_rings: Vec::new(),
            state: State::Stopped,
            link: Link::Down,
            totals: vec![0; D::STATISTICS.len()],
            carried: vec![0; D::STATISTICS.len()],
        };
        for queue in 0..port.config.queues {
            port.add_tx(queue, pool)?;
            port.add_rx(queue, pool)?;
        }
        Ok(port)
    }

    fn add_tx(&mut self, index: u32, pool: LinearPool) -> Result<()> {
        let slots = self.config.tx_slots;
        let completion = D::COMPLETIONS[0];
        let setup =
            TxSetup::of::<D>(index, completion).ok_or(no_queue("transmit doorbells", index))?;
        let descriptors = self.bus.dma_alloc(
            TxQueue::<D::Tx, B>::bytes(slots),
            D::TX.align as usize,
            D::TX.address_bits,
        )?;
        let queue = TxQueue::new(self.bus.clone(), setup, descriptors, slots)
            .ok_or(no_queue("transmit rings of that size", index))?;
        let ring = self.memory.ring(slots, index as u16, Direction::Tx)?;
        let kring = Kring::new(ring.clone(), queue.idle());
        let lane = Gated::new(Side::new(queue, kring, pool), &self.interrupts);
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
        let lane = Gated::new(Side::new(queue, kring, pool), &self.interrupts);
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
        let (driver, bus, config) = (&self.driver, &self.bus, &self.config);
        let setup = Setup {
            frame_max: config.frame_max,
            buffer_size: BUFFER_SIZE,
            queues: config.queues,
            rss: Rss::symmetric(config.queues),
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
        let held = self.interrupts.hold();
        let tx = close_all(&self.tx);
        let rx = close_all(&self.rx);

        driver.reset(bus)?;
        driver.init(bus, &setup)?;
        let mac = match config.mac {
            Some(mac) => mac,
            None => driver.mac_read(bus)?,
        };
        driver.mac_write(bus, &mac)?;
        driver.filter_write(bus, &filter)?;
        for (queue, side) in (0..).zip(&tx) {
            driver.tx_enable(bus, queue, &side.setup())?;
        }
        for (queue, side) in (0..).zip(&rx) {
            driver.rx_enable(bus, queue, &side.setup())?;
        }
        driver.start(bus, &setup)?;
        driver.link_start(bus)?;
        driver.interrupts_on(bus, &setup)?;
        for mut side in tx {
            side.started(config.policy);
        }
        for mut side in rx {
            side.started(config.policy);
        }
        drop(held);
        self.mac = Some(mac);
        self.state = State::Running;
        Ok(())
    }

    /// Ends all DMA and takes back what the device has finished; every step is tried, the first fault is told.
    fn bring_down(&mut self) -> Result<(), Fault> {
        self.state = State::Unknown;
        let (driver, bus) = (&self.driver, &self.bus);
        let held = self.interrupts.hold();
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

    /// Brings the totals of the NIC's counters up to date.
    fn count(&mut self) {
        if self.state != State::Running {
            return;
        }
        let read = |statistic: &Statistic| statistic.read(&self.bus, &[]);
        let values: Vec<u64> = D::STATISTICS.iter().map(read).collect();
        if values.iter().all(|&value| value >= u64::from(u32::MAX)) {
            // All ones: the device is gone.
            return;
        }
        for (at, (statistic, value)) in D::STATISTICS.iter().zip(values).enumerate() {
            let before = if statistic.clears {
                self.totals[at]
            } else {
                self.carried[at]
            };
            self.totals[at] = before.wrapping_add(value);
        }
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
        self.count();
        self.carried.clone_from(&self.totals);
        self.link = Link::Down;
        Ok(self.bring_down()?)
    }

    fn reset(&mut self, which: Reset) -> Result<()> {
        match which {
            Reset::Device | Reset::Link | Reset::Tx(_) | Reset::Rx(_) => {
                // Whoever resets a device expects it not to do as it is told; what counts is that it comes up again.
                let _ = self.stop();
                self.start()
            }
        }
    }

    fn link(&mut self) -> Result<Link> {
        if self.state == State::Running {
            self.link = self.driver.link_poll(&self.bus)?;
        }
        Ok(self.link)
    }

    fn statistics(&mut self) -> &[u64] {
        self.count();
        &self.totals
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
    lanes
        .iter()
        .map(|lane| {
            lane.gate
                .close(thread::yield_now)
                .expect("only a port closes its gates, and it does so under `&mut self`")
        })
        .collect()
}

fn no_queue(array: &'static str, index: u32) -> Fault {
    Fault::NoSuchElement { array, index }
}
