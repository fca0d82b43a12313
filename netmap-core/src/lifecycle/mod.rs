//! The life cycle of a port, shared by all targets: start, stop, reset and link of a device.
//!
//! A target provides locks, memory, a way of waiting and a bus: it implements [`Target`], stores a [`QueueGate`] for
//! each queue and the [`Handlers`] of the port, and calls [`Lifecycle`] from one controller at a time. Everything else
//! is here: the order of sequences, the gates, the options in force, syncs for paused clients, and totals over resets.

mod client_gate;
mod handlers;
mod make;
mod queue;
#[cfg(test)]
mod tests;
mod totals;

pub use handlers::{Handlers, MAX_VECTORS};
pub use make::{QueueError, make_rx_queue, make_tx_queue};
pub use queue::{Queue, QueueGate, QueueState, RingAccess};
pub use totals::Counter;

use crate::{
    Bus, Choices as _, Direction, DmaError, Driver, Fault, Filter, Link, MacAddress,
    MulticastTable, Nic, Policy, Reset, Restart, RingLimits, RingSetup, Rss, RxQueue, Setup,
    TxQueue,
};
use totals::Totals;

/// A transmit queue of a target's port.
pub type TxGate<T> =
    QueueGate<TxQueue<<<T as Target>::Driver as Nic>::Tx, <T as Target>::Bus>, <T as Target>::Ring>;
/// A receive queue of a target's port.
pub type RxGate<T> =
    QueueGate<RxQueue<<<T as Target>::Driver as Nic>::Rx, <T as Target>::Bus>, <T as Target>::Ring>;

/// The parts that a target provides for a port's life cycle.
pub trait Target {
    /// The NIC's driver.
    type Driver: Driver;
    /// The bus to the device.
    type Bus: Bus;
    /// Access to the clients' rings.
    type Ring: RingAccess;

    /// The bus of control.
    fn bus(&self) -> &Self::Bus;
    /// Transmit queue `queue`.
    fn tx(&self, queue: u32) -> Option<&TxGate<Self>>;
    /// Receive queue `queue`.
    fn rx(&self, queue: u32) -> Option<&RxGate<Self>>;
    /// The interrupt handlers.
    fn handlers(&self) -> &Handlers<Self::Driver>;
    /// Yields the processor while control waits for a sync or an interrupt handler.
    fn relax(&self);
}

/// The configuration of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortSetup {
    /// Queues of the direction that has more of them.
    pub queues: u32,
    /// Longest frame received, in bytes without CRC. Frames sent are limited by the NIC alone.
    pub frame_max: u32,
    /// Bytes of one buffer.
    pub buffer_size: u32,
    /// The distribution of received frames over the queues.
    pub rss: Rss,
    /// The policy for unsent frames at a reset.
    pub policy: Policy,
}

/// The state of the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No DMA.
    Stopped,
    /// Running.
    Running,
    /// A start or a stop failed half way.
    Unknown,
    /// The device is gone, and needs no stop: syncs and polls of the link return this until a start succeeds.
    Gone,
}

/// The life cycle of one port of target `T`; its counters are in the target's memory `C`.
///
/// One controller at a time may call its functions. Clients notice only pauses.
pub struct Lifecycle<T: Target, C> {
    setup: PortSetup,
    state: State,
    /// The driver with the options of the last start, used until the next one.
    in_force: T::Driver,
    /// The driver with the options for the next start.
    chosen: T::Driver,
    /// The MAC address to set; `None` for the device's own.
    chosen_mac: Option<MacAddress>,
    mac: Option<MacAddress>,
    filter: Filter,
    link: Link,
    link_changed: bool,
    /// An interrupt reported a change that has not been read yet.
    link_reported: bool,
    /// Transmit rings wait because the link is down. They wait over a reset, too, until the link is up.
    deferred: bool,
    totals: Totals<T::Bus, C>,
}

impl<T: Target, C: AsRef<[Counter]> + AsMut<[Counter]>> Lifecycle<T, C> {
    /// The life cycle of a stopped port. `counters` has a [`Counter`] for each of the NIC's statistics.
    ///
    /// # Errors
    /// There is no memory for the device's dump of counters.
    pub fn new(
        driver: T::Driver,
        bus: &T::Bus,
        setup: PortSetup,
        counters: C,
    ) -> Result<Lifecycle<T, C>, DmaError> {
        Ok(Lifecycle {
            setup,
            state: State::Stopped,
            in_force: driver,
            chosen: driver,
            chosen_mac: None,
            mac: None,
            filter: Filter {
                promiscuous: false,
                all_multicast: false,
                multicast: MulticastTable::EMPTY,
            },
            link: Link::Down,
            link_changed: false,
            link_reported: false,
            deferred: false,
            totals: Totals::new(&driver, bus, counters)?,
        })
    }

    /// The configuration of the port.
    pub fn setup(&self) -> &PortSetup {
        &self.setup
    }

    /// The state of the device.
    pub fn state(&self) -> State {
        self.state
    }

    /// The driver with the options in force: those of the last start.
    pub fn driver(&self) -> &T::Driver {
        &self.in_force
    }

    /// The driver with the options of the next start.
    pub fn chosen(&self) -> &T::Driver {
        &self.chosen
    }

    /// The last known state of the link.
    pub fn link(&self) -> Link {
        self.link
    }

    /// The MAC address of the last start.
    pub fn mac(&self) -> Option<MacAddress> {
        self.mac
    }

    /// Sets the options for the next start.
    pub fn choose(&mut self, driver: T::Driver) {
        self.chosen = driver;
    }

    /// Records that the client of a ring of the stopped port has left: its unsent frames are not those of the next client,
    /// so the next start drops them.
    pub fn client_left(&self, target: &T, direction: Direction, queue: u32) {
        let relax = || target.relax();
        match direction {
            Direction::Tx => {
                if let Some(gate) = target.tx(queue) {
                    gate.close(relax).client_left();
                }
            }
            Direction::Rx => {
                if let Some(gate) = target.rx(queue) {
                    gate.close(relax).client_left();
                }
            }
        }
    }

    /// Changes the number of vectors for queues; see [`Handlers::queue_vectors`]. Returns false, without a change,
    /// unless the port is stopped.
    pub fn set_queue_vectors(&self, target: &T, count: u32) -> bool {
        let is_stopped = self.state == State::Stopped;
        if is_stopped {
            target.handlers().set_queue_vectors(count);
        }
        is_stopped
    }

    /// Sets the MAC address, at once if the port runs.
    ///
    /// # Errors
    /// The address is zero or a group's, the device is gone, or it did not behave as its spec says.
    pub fn set_mac(&mut self, target: &T, mac: MacAddress) -> Result<(), Fault> {
        check_mac(mac)?;
        self.chosen_mac = Some(mac);
        if self.state == State::Running {
            let written = self.in_force.mac_write(target.bus(), &mac);
            written.map_err(|fault| self.cause(target, fault))?;
            self.mac = Some(mac);
        }
        Ok(())
    }

    /// Sets the receive filter, at once if the port runs.
    ///
    /// # Errors
    /// The device is gone, or did not behave as its spec says.
    pub fn set_filter(&mut self, target: &T, filter: Filter) -> Result<(), Fault> {
        self.filter = filter;
        let written = match self.state {
            State::Running => self.in_force.filter_write(target.bus(), &self.filter),
            State::Stopped | State::Unknown | State::Gone => Ok(()),
        };
        written.map_err(|fault| self.cause(target, fault))
    }

    /// Starts the device with the rings at the clients' positions. Does nothing if it runs.
    ///
    /// # Errors
    /// The device did not do what its spec promises; rings stay paused.
    pub fn start(&mut self, target: &T) -> Result<(), Fault> {
        if self.state == State::Running {
            return Ok(());
        }
        let Err(fault) = self.bring_up(target) else {
            return Ok(());
        };
        // The first fault is the cause of later ones.
        let _ = self.bring_down(target);
        Err(self.cause(target, fault))
    }

    /// Stops the device. The positions of rings do not change. A device that is gone needs no stop.
    ///
    /// # Errors
    /// The device did not behave as its spec says.
    pub fn stop(&mut self, target: &T) -> Result<(), Fault> {
        if matches!(self.state, State::Stopped | State::Gone) {
            return Ok(());
        }
        self.link = Link::Down;
        let stopped = self.bring_down(target);
        // Not every stop has a wait that a device that is gone fails.
        let polled = self.in_force.link_poll(target.bus()).map(drop);
        let stopped = stopped.and(polled);
        stopped.map_err(|fault| self.cause(target, fault))
    }

    /// Resets the device, a ring or the link, invisibly to clients. A stopped device is started as a whole.
    ///
    /// # Errors
    /// The device did not start again; rings stay paused.
    pub fn reset(&mut self, target: &T, which: Reset) -> Result<(), Fault> {
        match which {
            _ if self.state != State::Running => self.reset_device(target),
            Reset::Device => self.reset_device(target),
            Reset::Link => {
                self.renegotiate(target)?;
                self.poll_link(target, false).map(drop)
            }
            Reset::Tx(queue) => {
                let gate = target.tx(queue).ok_or(no_queue("transmit queues", queue))?;
                let bus = target.bus();
                self.reset_queue(target, gate, T::Driver::TX, |driver, ring| match ring {
                    None => driver.tx_disable(bus, queue),
                    Some(ring) => driver.tx_enable(bus, queue, ring),
                })
            }
            Reset::Rx(queue) => {
                let gate = target.rx(queue).ok_or(no_queue("receive queues", queue))?;
                let bus = target.bus();
                self.reset_queue(target, gate, T::Driver::RX, |driver, ring| match ring {
                    None => driver.rx_disable(bus, queue),
                    Some(ring) => driver.rx_enable(bus, queue, ring),
                })
            }
        }
    }

    /// Negotiates the link again, if the port runs; queues stay as they are.
    ///
    /// # Errors
    /// The device is gone, or did not behave as its spec says.
    pub fn renegotiate(&mut self, target: &T) -> Result<(), Fault> {
        let started = match self.state {
            State::Running => self.in_force.link_start(target.bus(), true),
            State::Stopped | State::Unknown | State::Gone => Ok(()),
        };
        started.map_err(|fault| self.cause(target, fault))
    }

    /// Follows the link. `reported` says that an interrupt reported a change. Call this once a second, too, because some
    /// changes cause no interrupt, and because this is how a port notices that its device is gone.
    ///
    /// While the link is down, slots wait in transmit rings. When it comes up, the doorbells are repeated, because some
    /// devices ignore a doorbell without a link.
    ///
    /// # Errors
    /// [`Fault::Gone`] if the device is gone, or was when it was last used.
    pub fn poll_link(&mut self, target: &T, reported: bool) -> Result<Link, Fault> {
        self.follow_link(target, reported, true)
    }

    /// Reads the state of the link, for a port that does not promise to [`poll_link`](Self::poll_link) from now on: slots
    /// do not begin to wait in transmit rings, because nobody might end that.
    ///
    /// # Errors
    /// Those of [`poll_link`](Self::poll_link).
    pub fn read_link(&mut self, target: &T, reported: bool) -> Result<Link, Fault> {
        self.follow_link(target, reported, false)
    }

    fn follow_link(&mut self, target: &T, reported: bool, defers: bool) -> Result<Link, Fault> {
        match self.state {
            State::Running => {}
            State::Stopped | State::Unknown => return Ok(self.link),
            State::Gone => return Err(Fault::Gone),
        }
        let before = self.link;
        // Kept until the device has responded.
        self.link_reported |= reported;
        let polled = self.in_force.link_poll(target.bus());
        self.link = polled.map_err(|fault| self.cause(target, fault))?;
        let reported = core::mem::take(&mut self.link_reported);
        self.link_changed |= self.link != before;
        let down = self.link == Link::Down;
        let deferred = down && (defers || self.deferred);
        let returned = !down && (reported || before == Link::Down);
        if deferred != self.deferred || returned {
            for gate in self.queues().filter_map(|queue| target.tx(queue)) {
                gate.close(|| target.relax()).defer(deferred);
            }
            self.deferred = deferred;
        }
        self.serve_paused_clients(target);
        Ok(self.link)
    }

    /// Whether the link has changed since the last call.
    pub fn take_link_change(&mut self) -> bool {
        core::mem::take(&mut self.link_changed)
    }

    /// Whether a paused client could sync now.
    pub fn is_client_awaited(&self, target: &T) -> bool {
        let mut rings = self.queues();
        self.state == State::Running
            && rings.any(|queue| {
                let tx = target.tx(queue).filter(|_| !self.deferred);
                tx.is_some_and(QueueGate::is_client_paused)
                    || target.rx(queue).is_some_and(QueueGate::is_client_paused)
            })
    }

    /// Updates the totals of the NIC's counters, if the port runs.
    pub fn update_totals(&mut self, target: &T) {
        if self.state == State::Running {
            self.totals.update(&self.in_force, target.bus());
        }
    }

    /// The total of one of [`Nic::STATISTICS`] since the port was opened, as of the last update; 0 if there is no such
    /// counter.
    pub fn total(&self, at: usize) -> u64 {
        self.totals.total(at)
    }

    /// Numbers of the queues.
    fn queues(&self) -> core::ops::Range<u32> {
        0..self.setup.queues
    }

    /// Resets and starts the device and restarts the queues; all rings are paused.
    fn bring_up(&mut self, target: &T) -> Result<(), Fault> {
        self.state = State::Unknown;
        self.in_force = self.chosen;
        let (driver, bus, handlers) = (self.in_force, target.bus(), target.handlers());
        let relax = || target.relax();
        let setup = Setup {
            frame_max: self.setup.frame_max,
            buffer_size: self.setup.buffer_size,
            queues: self.setup.queues,
            messages: handlers.queue_vectors(),
            rss: self.setup.rss,
        };
        let mut closed = handlers.close(relax);
        closed.use_driver(driver);

        driver.reset(bus)?;
        driver.init(bus, &setup)?;
        self.totals.begin(&driver, bus);
        let mac = match self.chosen_mac {
            Some(mac) => mac,
            None => driver.mac_read(bus)?,
        };
        check_mac(mac)?;
        driver.mac_write(bus, &mac)?;
        if !T::Driver::FILTER_AFTER_START {
            driver.filter_write(bus, &self.filter)?;
        }
        for queue in self.queues() {
            if let Some(gate) = target.tx(queue) {
                let ring = gate.close(relax).prepare(driver.crc(), setup.buffer_size);
                driver.tx_enable(bus, queue, &ring)?;
            }
        }
        for queue in self.queues() {
            if let Some(gate) = target.rx(queue) {
                let ring = gate.close(relax).prepare(driver.crc(), setup.buffer_size);
                driver.rx_enable(bus, queue, &ring)?;
            }
        }
        driver.start(bus, &setup)?;
        if T::Driver::FILTER_AFTER_START {
            driver.filter_write(bus, &self.filter)?;
        }
        driver.link_start(bus, false)?;
        drop(closed);
        handlers.set_listening(true);
        driver.listen(bus, &setup)?;
        // The waits so far may have read all ones.
        driver.link_poll(bus)?;
        for gate in self.queues().filter_map(|queue| target.tx(queue)) {
            gate.close(relax).started(self.setup.policy);
        }
        for gate in self.queues().filter_map(|queue| target.rx(queue)) {
            gate.close(relax).started(self.setup.policy);
        }
        self.mac = Some(mac);
        self.state = State::Running;
        self.totals.started(&driver, bus);
        self.serve_paused_clients(target);
        Ok(())
    }

    /// Ends all DMA and returns finished slots to clients. Executes all steps and returns the first fault.
    fn bring_down(&mut self, target: &T) -> Result<(), Fault> {
        // Some devices dump counters only while they run.
        self.update_totals(target);
        let ran = self.state == State::Running;
        self.state = State::Unknown;
        let (driver, bus, handlers) = (self.in_force, target.bus(), target.handlers());
        let relax = || target.relax();
        for queue in self.queues() {
            if let Some(gate) = target.tx(queue) {
                gate.close(relax).stopping();
            }
            if let Some(gate) = target.rx(queue) {
                gate.close(relax).stopping();
            }
        }
        let mut first = Ok(());
        let mut note = |step: Result<(), Fault>| {
            if first.is_ok() {
                first = step;
            }
        };
        // Handlers work until interrupts are masked: an unacknowledged line could stay asserted forever.
        note(driver.interrupts_off(bus));
        handlers.set_listening(false);
        let _closed = handlers.close(relax);
        // A handler may have unmasked its queue, or all causes that it had masked, after that.
        note(driver.interrupts_off(bus));

        note(driver.stop(bus));
        for gate in self.queues().filter_map(|queue| target.tx(queue)) {
            gate.close(relax).stopped();
        }
        for gate in self.queues().filter_map(|queue| target.rx(queue)) {
            gate.close(relax).stopped();
        }
        let limits = driver.limits();
        for queue in self.queues() {
            if queue < limits.tx.queues {
                note(driver.tx_disable(bus, queue));
            }
            if queue < limits.rx.queues {
                note(driver.rx_disable(bus, queue));
            }
        }
        if ran {
            self.totals.stopped(&driver, bus);
        }
        if first.is_ok() {
            self.state = State::Stopped;
        }
        first
    }

    /// The cause of `fault`: if the device is gone, that. Syncs return it from now on, too.
    fn cause(&mut self, target: &T, fault: Fault) -> Fault {
        if self.in_force.link_poll(target.bus()) != Err(Fault::Gone) {
            return fault;
        }
        self.state = State::Gone;
        self.link_changed |= self.link != Link::Down;
        self.link = Link::Down;
        let relax = || target.relax();
        for queue in self.queues() {
            if let Some(gate) = target.tx(queue) {
                gate.close(relax).lost();
            }
            if let Some(gate) = target.rx(queue) {
                gate.close(relax).lost();
            }
        }
        Fault::Gone
    }

    /// Resets the device. A failed stop does not matter, if the start succeeds.
    fn reset_device(&mut self, target: &T) -> Result<(), Fault> {
        let _ = self.stop(target);
        self.start(target)
    }

    /// Restarts one queue while the others continue, or the device if it cannot restart one queue. `step` disables the
    /// queue without a setup of its ring, and enables it with one.
    fn reset_queue<Q: Queue>(
        &mut self,
        target: &T,
        gate: &QueueGate<Q, T::Ring>,
        limits: RingLimits,
        step: impl Fn(&T::Driver, Option<&RingSetup>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let driver = &self.in_force;
        let restart = || {
            let mut state = gate.close(|| target.relax());
            step(driver, None)?;
            state.stopped();
            let ring = state.prepare(driver.crc(), self.setup.buffer_size);
            step(driver, Some(&ring))?;
            // The waits so far may have read all ones.
            driver.link_poll(target.bus())?;
            state.started(self.setup.policy);
            drop(state);
            gate.serve_paused_client(|| target.relax());
            Ok::<_, Fault>(())
        };
        if limits.restart == Restart::Queue && restart().is_ok() {
            return Ok(());
        }
        self.reset_device(target)
    }

    /// Syncs for paused clients, because they may not sync again.
    fn serve_paused_clients(&self, target: &T) {
        for queue in self.queues() {
            if let Some(gate) = target.tx(queue) {
                gate.serve_paused_client(|| target.relax());
            }
            if let Some(gate) = target.rx(queue) {
                gate.serve_paused_client(|| target.relax());
            }
        }
    }
}

fn check_mac(mac: MacAddress) -> Result<(), Fault> {
    match mac.is_assignable() {
        true => Ok(()),
        false => Err(Fault::Verify {
            what: "the MAC address is zero or a group's: set another one",
        }),
    }
}

fn no_queue(array: &'static str, index: u32) -> Fault {
    Fault::NoSuchElement { array, index }
}
