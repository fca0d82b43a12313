//! A port: one NIC, its queues, and the order in which it is brought up and taken down.

use core::array;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use core::time::Duration;

use netmap_core::{
    Bus as _, Closed, Crc, Driver, Duplex, Fault, Filter, Gate, Link, MacAddress, MulticastTable,
    RingLimits, Rss, RxQueue, Setup, TxFormat as _, TxQueue,
};

use crate::boundary::{CAUSE_LINK, CAUSE_RX, CAUSE_TX, Found, LinkState, TX, Wanted};
use crate::bus::{Device, KernelBus};
use crate::failure::Failure;
use crate::lane::{self, Lane};
use crate::owned::Owned;
use crate::statistics::Totals;
use crate::tree::Node;

/// How often control asks whether a sync or an interrupt handler has left.
const TICK: Duration = Duration::from_millis(1);
/// Most messages of a port.
const MESSAGES: usize = 64;

/// One NIC of driver `D`.
pub(crate) struct Port<D: Driver> {
    driver: D,
    bus: KernelBus,
    wanted: Wanted,
    pub(crate) tx: Owned<Lane<TxQueue<D::Tx, KernelBus>>>,
    pub(crate) rx: Owned<Lane<RxQueue<D::Rx, KernelBus>>>,
    /// The kernel's half calls one function of control at a time; one too many finds this in use.
    control: Gate<Control<D>>,
    /// Interrupts mean something: the device runs.
    listens: AtomicBool,
    /// Messages that tell of queues, the next one telling of the rest; 0 if one interrupt tells of everything.
    messages: AtomicU32,
    /// Who is inside one acknowledges that message. Filters of several messages are at work at once, and of one never.
    causes: [Gate<()>; MESSAGES],
    /// Who is inside kicks.
    kicks: Gate<()>,
}

/// What functions of control share.
struct Control<D> {
    state: State,
    /// The driver with what was chosen since the port was attached.
    chosen: D,
    mac: MacAddress,
    filter: Filter,
    link: Link,
    /// Transmit rings wait because the link was found down.
    held: bool,
    totals: Totals,
}

/// What the device may be doing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// No DMA.
    Stopped,
    /// What a driver wants.
    Running,
    /// A start or a stop failed half way.
    Unknown,
}

impl<D: Driver> Port<D> {
    /// Finds out what the device is, resets it, and allocates everything that the port will ever need.
    pub(crate) fn attach(device: Device, wanted: Wanted) -> Result<(Port<D>, Found), Failure> {
        let wanted = nearest::<D>(wanted);
        let bus = KernelBus::new(device);
        let id = netmap_core::PciId {
            vendor: wanted.vendor,
            device: wanted.device,
        };
        let driver = D::detect(&bus, id).ok_or(Failure::NoVariant)?;
        check(&driver, &wanted)?;
        driver.reset(&bus)?;
        let mac = driver.mac_read(&bus)?;
        let queues = wanted.queues as usize;
        let tx = Owned::new(device, queues, |number| {
            lane::transmit(&driver, &bus, number, wanted.tx_slots)
        })?;
        let rx = Owned::new(device, queues, |number| {
            lane::receive::<D>(&bus, number, wanted.rx_slots)
        })?;
        let totals = Totals::new::<D>(&bus)?;
        let variant = driver.variant();
        let limits = driver.frame_limits();
        let found = Found {
            mac: mac.0,
            variant_bytes: variant.len() as u16,
            slot_bytes: D::BUFFER_SIZE,
            frame_max: limits.sent.min(limits.received),
            queues: wanted.queues,
            tx_slots: wanted.tx_slots,
            rx_slots: wanted.rx_slots,
            address_bits: D::TX.address_bits.min(D::RX.address_bits),
            variant: variant.as_ptr().cast(),
        };
        let port = Port {
            driver,
            bus,
            wanted,
            tx,
            rx,
            control: Gate::new(Control {
                state: State::Stopped,
                chosen: driver,
                mac,
                filter: Filter {
                    promiscuous: false,
                    all_multicast: false,
                    multicast: MulticastTable::EMPTY,
                },
                link: Link::Down,
                held: false,
                totals,
            }),
            listens: AtomicBool::new(false),
            messages: AtomicU32::new(0),
            causes: array::from_fn(|_| Gate::new(())),
            kicks: Gate::new(()),
        };
        Ok((port, found))
    }

    /// Brings the device up with the rings that are in netmap mode; one that runs is reset.
    pub(crate) fn up(&self) -> Result<(), Failure> {
        let mut control = self.control.enter().ok_or(Failure::Busy)?;
        if control.state != State::Stopped {
            // Whoever resets a device expects it not to do as it is told; what counts is that it comes up again.
            let _ = self.bring_down(&mut control);
        }
        let brought = self.bring_up(&mut control);
        if brought.is_err() {
            // The first fault says more than what follows from it.
            let _ = self.bring_down(&mut control);
        }
        brought
    }

    /// Takes the device down; rings go on waiting where they are.
    pub(crate) fn down(&self) -> Result<(), Failure> {
        let mut control = self.control.enter().ok_or(Failure::Busy)?;
        if control.state == State::Running {
            control.totals.update(&self.driver, &self.bus);
        }
        control.link = Link::Down;
        if control.state == State::Stopped {
            return Ok(());
        }
        self.bring_down(&mut control)
    }

    fn bring_up(&self, control: &mut Control<D>) -> Result<(), Failure> {
        let (driver, bus) = (&{ control.chosen }, &self.bus);
        let queues = self.wanted.queues;
        let reached = D::RSS.map_or(1, |limits| limits.queues.min(queues));
        let setup = Setup {
            frame_max: self.wanted.frame_max,
            buffer_size: D::BUFFER_SIZE,
            queues,
            messages: self.messages.load(Ordering::Relaxed),
            rss: Rss::symmetric(reached),
        };
        control.state = State::Unknown;
        self.hush()?;
        let causes = self.close_causes()?;
        let kicks = self.close(&self.kicks)?;

        driver.reset(bus)?;
        driver.init(bus, &setup)?;
        driver.mac_write(bus, &control.mac)?;
        if !D::FILTER_AFTER_START {
            driver.filter_write(bus, &control.filter)?;
        }
        for (number, lane) in (0..).zip(self.tx.iter()) {
            let ring = self
                .close(&lane.gate)?
                .prepare(D::BUFFER_SIZE, driver.crc());
            driver.tx_enable(bus, number, &ring)?;
        }
        for (number, lane) in (0..).zip(self.rx.iter()) {
            let ring = self
                .close(&lane.gate)?
                .prepare(D::BUFFER_SIZE, driver.crc());
            driver.rx_enable(bus, number, &ring)?;
        }
        driver.start(bus, &setup)?;
        if D::FILTER_AFTER_START {
            driver.filter_write(bus, &control.filter)?;
        }
        driver.link_start(bus, false)?;
        drop((causes, kicks));
        self.listens.store(true, Ordering::Release);
        driver.listen(bus, &setup)?;
        for (number, lane) in (0..).zip(self.tx.iter()) {
            self.close(&lane.gate)?.started(bus, number);
        }
        for (number, lane) in (0..).zip(self.rx.iter()) {
            self.close(&lane.gate)?.started(bus, number);
        }
        control.state = State::Running;
        control.totals.started(driver, bus);
        Ok(())
    }
    /// Ends all DMA and takes back what the device has finished; every step is tried, the first fault is told.
    fn bring_down(&self, control: &mut Control<D>) -> Result<(), Failure> {
        let (driver, bus) = (&self.driver, &self.bus);
        control.state = State::Unknown;
        let mut result = self.hush();
        let _causes = self.close_causes()?;
        let _kicks = self.close(&self.kicks)?;
        let mut note = |step: Result<(), Fault>| {
            if result.is_ok() {
                result = step.map_err(Failure::Device);
            }
        };
        note(driver.interrupts_off(bus));
        note(driver.stop(bus));
        for (number, lane) in (0..).zip(self.tx.iter()) {
            self.close(&lane.gate)?.stopped(bus, number);
        }
        for (number, lane) in (0..).zip(self.rx.iter()) {
            self.close(&lane.gate)?.stopped(bus, number);
        }
        for number in 0..self.wanted.queues {
            note(driver.tx_disable(bus, number));
            note(driver.rx_disable(bus, number));
        }
        result?;
        control.state = State::Stopped;
        Ok(())
    }

    /// Masks interrupts while handlers still answer: a line that nobody would take back could stay raised for ever.
    fn hush(&self) -> Result<(), Failure> {
        if self.listens.load(Ordering::Acquire) {
            self.driver.interrupts_off(&self.bus)?;
            self.listens.store(false, Ordering::Release);
        }
        Ok(())
    }

    /// Waits until nobody is behind a gate, and keeps it closed.
    fn close<'a, T>(&self, gate: &'a Gate<T>) -> Result<Closed<'a, T>, Failure> {
        gate.close(|| self.bus.sleep(TICK)).ok_or(Failure::Busy)
    }

    /// Keeps every filter from touching the device.
    fn close_causes(&self) -> Result<[Option<Closed<'_, ()>>; MESSAGES], Failure> {
        let mut result = Ok(());
        let closed = self.causes.each_ref().map(|gate| {
            let closed = self.close(gate);
            result = result.and(closed.as_ref().map(drop).map_err(|failure| *failure));
            closed.ok()
        });
        result.map(|()| closed)
    }

    /// What message `message` told, as bits; acknowledges it. Touches registers of causes and masks only, and takes no lock.
    pub(crate) fn interrupt(&self, message: u32) -> u32 {
        if !self.listens.load(Ordering::Acquire) {
            return 0;
        }
        let messages = self.messages.load(Ordering::Relaxed);
        let gate = self.causes.get(message as usize);
        let gate = gate.filter(|_| message <= messages);
        let Some(_inside) = gate.and_then(Gate::enter) else {
            return 0;
        };
        let causes = self.driver.causes_of(&self.bus, message, messages);
        let bit = |is: bool, bit: u32| if is { bit } else { 0 };
        bit(causes.tx, CAUSE_TX) | bit(causes.rx, CAUSE_RX) | bit(causes.link, CAUSE_LINK)
    }

    /// What an interrupt for `causes` asks of the device before rings are synced: some forget kicks.
    pub(crate) fn service(&self, causes: u32) {
        if causes & CAUSE_TX == 0 || !self.listens.load(Ordering::Acquire) {
            return;
        }
        if let Some(_inside) = self.kicks.enter() {
            self.driver.kick_again(&self.bus, self.wanted.queues);
        }
    }

    /// Asks for the link; `told` by an interrupt, or by the clock. While it is down, slots wait in the rings; what the
    /// device had before is announced again when it comes up, because some forget a doorbell that rang without a link.
    pub(crate) fn link(&self, told: bool) -> Result<LinkState, Failure> {
        let mut control = self.control.enter().ok_or(Failure::Busy)?;
        let before = control.link;
        if control.state == State::Running {
            control.link = self.driver.link_poll(&self.bus)?;
            let down = control.link == Link::Down;
            if down != control.held || (!down && told) {
                for lane in self.tx.iter() {
                    self.close(&lane.gate)?.hold(down);
                }
                control.held = down;
            }
        }
        let (mbps, duplex) = match control.link {
            Link::Up { mbps, duplex } => (mbps, Some(duplex)),
            Link::Down => (0, None),
        };
        Ok(LinkState {
            mbps,
            full_duplex: u32::from(duplex == Some(Duplex::Full)),
            changed: u32::from(control.link != before),
            waiting: u32::from(self.is_waited_for(&control)),
        })
    }

    /// Whether a sync was paused last of a ring that nothing holds back now.
    fn is_waited_for(&self, control: &Control<D>) -> bool {
        let sent = !control.held && self.tx.iter().any(Lane::waits);
        control.state == State::Running && (sent || self.rx.iter().any(Lane::waits))
    }

    /// Negotiates the link again; queues stay as they are.
    pub(crate) fn renegotiate(&self) -> Result<(), Failure> {
        let control = self.control.enter().ok_or(Failure::Busy)?;
        match control.state {
            State::Running => Ok(self.driver.link_start(&self.bus, true)?),
            State::Stopped | State::Unknown => Ok(()),
        }
    }

    /// Has the device interrupt by `count` messages, the last of which is for everything but queues; 0 is one interrupt.
    pub(crate) fn set_messages(&self, count: u32) -> Result<(), Failure> {
        let control = self.control.enter().ok_or(Failure::Busy)?;
        if count == 1 || count > D::MESSAGES.min(MESSAGES as u32) {
            return Err(Failure::NotPossible(
                "the NIC has no such number of messages",
            ));
        }
        if control.state != State::Stopped {
            return Err(Failure::Busy);
        }
        self.messages
            .store(count.saturating_sub(1), Ordering::Relaxed);
        Ok(())
    }

    /// Chooses the frames that are received besides those to the station.
    pub(crate) fn set_filter(
        &self,
        promiscuous: bool,
        all_multicast: bool,
        groups: &[[u8; 6]],
    ) -> Result<(), Failure> {
        let mut control = self.control.enter().ok_or(Failure::Busy)?;
        let mut multicast = MulticastTable::EMPTY;
        for group in groups {
            multicast.insert(MacAddress(*group), D::MULTICAST_HASH);
        }
        control.filter = Filter {
            promiscuous,
            all_multicast,
            multicast,
        };
        match control.state {
            State::Running => Ok(self.driver.filter_write(&self.bus, &control.filter)?),
            State::Stopped | State::Unknown => Ok(()),
        }
    }

    /// Makes an address the station's.
    pub(crate) fn set_mac(&self, mac: [u8; 6]) -> Result<(), Failure> {
        let mut control = self.control.enter().ok_or(Failure::Busy)?;
        control.mac = MacAddress(mac);
        match control.state {
            State::Running => Ok(self.driver.mac_write(&self.bus, &control.mac)?),
            State::Stopped | State::Unknown => Ok(()),
        }
    }

    /// The number behind a name.
    pub(crate) fn number(&self, node: Node) -> Result<u64, Failure> {
        const NONE: Failure = Failure::NotPossible("there is no such number");
        if let Node::Ring {
            direction,
            queue,
            counter,
        } = node
        {
            let queue = queue as usize;
            let counters = match direction {
                TX => self.tx.get(queue).ok_or(NONE)?.counters(),
                _ => self.rx.get(queue).ok_or(NONE)?.counters(),
            };
            let counters = counters.ok_or(Failure::Busy)?;
            return counters.get(counter as usize).copied().ok_or(NONE);
        }
        let mut control = self.control.enter().ok_or(Failure::Busy)?;
        match node {
            Node::Total(at) => {
                if control.state == State::Running {
                    control.totals.update(&self.driver, &self.bus);
                }
                Ok(control.totals.total(at as usize))
            }
            Node::Choice(at) => Ok(control.chosen.chosen(at as usize).into()),
            Node::Ring { .. } | Node::Registers => Err(NONE),
        }
    }

    /// Chooses the value of an option, for the next start.
    pub(crate) fn choose(&self, node: Node, value: u32) -> Result<(), Failure> {
        let Node::Choice(at) = node else {
            return Err(Failure::NotPossible("there is no such option"));
        };
        if D::CHOICES
            .get(at as usize)
            .is_none_or(|choice| value > choice.max)
        {
            return Err(Failure::NotPossible("the option has no such value"));
        }
        let mut control = self.control.enter().ok_or(Failure::Busy)?;
        control.chosen = control.chosen.choose(at as usize, value);
        Ok(())
    }

    pub(crate) fn bus(&self) -> &KernelBus {
        &self.bus
    }

    pub(crate) fn variant(&self) -> &'static str {
        self.driver.variant()
    }

    pub(crate) fn device(&self) -> Device {
        self.bus.device()
    }
}

/// The same with rings that the NIC has.
fn nearest<D: Driver>(wanted: Wanted) -> Wanted {
    let slots = |limits: RingLimits, slots: u32| {
        let slots = slots.clamp(limits.min, limits.max);
        slots - slots % limits.multiple.max(1)
    };
    Wanted {
        queues: wanted.queues.clamp(1, D::TX.queues.min(D::RX.queues)),
        tx_slots: slots(D::TX, wanted.tx_slots),
        rx_slots: slots(D::RX, wanted.rx_slots),
        ..wanted
    }
}

/// Refuses what the NIC cannot have.
fn check<D: Driver>(driver: &D, wanted: &Wanted) -> Result<(), Failure> {
    let refuse = |what| Err(Failure::NotPossible(what));
    let limits = driver.frame_limits();
    let received = limits.received.min(D::FRAME_MAX);
    if wanted.frame_max == 0 || wanted.frame_max > received.min(limits.sent) {
        return refuse("the NIC has no frames of that size");
    }
    let in_slots = |frame: u32, slots: u32, bytes: u32| frame.div_ceil(bytes.max(1)) < slots;
    let sent = D::BUFFER_SIZE.min(D::Tx::MAX_LEN.into());
    // Whatever is chosen later, the CRC has room.
    let with_crc = wanted.frame_max + u32::from(Crc::Kept.bytes());
    if !in_slots(wanted.frame_max, wanted.tx_slots, sent)
        || !in_slots(with_crc, wanted.rx_slots, D::BUFFER_SIZE)
    {
        return refuse("a frame of that size does not fit into a ring");
    }
    Ok(())
}
