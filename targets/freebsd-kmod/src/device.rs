//! A port: one NIC and its queues. Its life cycle is [`netmap_core::lifecycle`].

use core::time::Duration;

use netmap_core::lifecycle::{
    Counter, Handlers, Lifecycle, MAX_VECTORS, PortSetup, RxGate, Target, TxGate, make_rx_queue,
    make_tx_queue,
};
use netmap_core::{
    Bus as _, Crc, Direction, Driver, Duplex, Filter, FrameLimits, Gate, Link, MacAddress,
    MulticastTable, NicLimits, Policy, Reset, Rss, RxQueue, TxFormat as _, TxQueue,
};

use crate::boundary::{CAUSE_LINK, CAUSE_RX, CAUSE_TX, Found, LinkState, TX, Wanted};
use crate::bus::{Device, KernelBus};
use crate::failure::Failure;
use crate::owned::Owned;
use crate::ring::{KernelRing, RingQueue};
use crate::tree::Node;

/// The interval at which control checks whether a sync or an interrupt handler has returned.
const TICK: Duration = Duration::from_millis(1);

/// One NIC of driver `D`.
pub(crate) struct Port<D: Driver> {
    bus: KernelBus,
    variant: &'static str,
    queues: u32,
    /// MSI-X vectors of the variant.
    vectors: u32,
    pub(crate) tx: Owned<RingQueue<TxQueue<D::Tx, KernelBus>>>,
    pub(crate) rx: Owned<RingQueue<RxQueue<D::Rx, KernelBus>>>,
    handlers: Handlers<D>,
    /// The kernel's half calls one function of control at a time; one too many finds this in use.
    control: Gate<Lifecycle<Self, Owned<Counter>>>,
}

impl<D: Driver> Target for Port<D> {
    type Driver = D;
    type Bus = KernelBus;
    type Ring = KernelRing;

    fn bus(&self) -> &KernelBus {
        &self.bus
    }

    fn tx(&self, queue: u32) -> Option<&TxGate<Self>> {
        Some(&self.tx.get(queue as usize)?.gate)
    }

    fn rx(&self, queue: u32) -> Option<&RxGate<Self>> {
        Some(&self.rx.get(queue as usize)?.gate)
    }

    fn handlers(&self) -> &Handlers<D> {
        &self.handlers
    }

    fn relax(&self) {
        self.bus.sleep(TICK);
    }
}

impl<D: Driver> Port<D> {
    /// Finds out what the device is, resets it, and allocates everything that the port will ever need.
    pub(crate) fn attach(device: Device, wanted: Wanted) -> Result<(Port<D>, Found), Failure> {
        let bus = KernelBus::new(device);
        let driver = D::detect(&bus, &wanted.pci.into()).ok_or(Failure::NoVariant)?;
        let limits = driver.limits();
        let frame_max = longest::<D>(&limits);
        let wanted = nearest(wanted, &limits, frame_max);
        check::<D>(&wanted)?;
        driver.reset(&bus)?;
        let mac = driver.mac_read(&bus)?;
        let queues = wanted.queues as usize;
        let tx = Owned::new(device, queues, |number| {
            let queue = make_tx_queue(&driver, &bus, number, wanted.tx_slots, None)?;
            Ok(RingQueue::new(device, number, queue))
        })?;
        let rx = Owned::new(device, queues, |number| {
            let queue = make_rx_queue(&driver, &bus, number, wanted.rx_slots)?;
            Ok(RingQueue::new(device, number, queue))
        })?;
        let setup = PortSetup {
            queues: wanted.queues,
            frame_max: wanted.frame_max,
            buffer_size: D::BUFFER_SIZE,
            rss: Rss::over_queues(wanted.queues, limits.rss),
            policy: Policy::Resend,
        };
        let counters = Owned::new(device, D::STATISTICS.len(), |_| Ok(Counter::default()))?;
        let life = Lifecycle::new(driver, &bus, setup, counters)?;
        let variant = driver.variant();
        let found = Found {
            mac: mac.0,
            variant_bytes: variant.len() as u16,
            slot_bytes: D::BUFFER_SIZE,
            frame_max,
            queues: wanted.queues,
            tx_slots: wanted.tx_slots,
            rx_slots: wanted.rx_slots,
            address_bits: limits.tx.address_bits.min(limits.rx.address_bits),
            vectors: limits.messages,
            variant: variant.as_ptr().cast(),
        };
        let port = Port {
            bus,
            variant,
            queues: wanted.queues,
            vectors: limits.messages,
            tx,
            rx,
            handlers: Handlers::new(driver, wanted.queues, 0),
            control: Gate::new(life),
        };
        port.set_mac(mac.0)?;
        Ok((port, found))
    }

    /// Runs `act` with control of the port; busy if another control function runs.
    fn control<R>(
        &self,
        act: impl FnOnce(&mut Lifecycle<Self, Owned<Counter>>) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        act(&mut *self.control.enter().ok_or(Failure::Busy)?)
    }

    /// Brings the device up with the rings that are in netmap mode; one that runs is reset.
    pub(crate) fn up(&self) -> Result<(), Failure> {
        self.control(|life| Ok(life.reset(self, Reset::Device)?))
    }

    /// Takes the device down; rings keep their positions.
    pub(crate) fn down(&self) -> Result<(), Failure> {
        self.control(|life| Ok(life.stop(self)?))
    }

    /// What interrupt `vector` reported, as bits; acknowledges it. Touches registers of causes and masks only, and takes no
    /// lock.
    pub(crate) fn interrupt(&self, vector: u32) -> u32 {
        let causes = self.handlers.causes(&self.bus, vector);
        let bit = |is: bool, bit: u32| if is { bit } else { 0 };
        bit(causes.tx, CAUSE_TX) | bit(causes.rx, CAUSE_RX) | bit(causes.link, CAUSE_LINK)
    }

    /// Handles an interrupt for `causes` before rings are synced: on NICs that lose kicks, it repeats the kick.
    pub(crate) fn service(&self, causes: u32) {
        if causes & CAUSE_TX != 0 {
            self.handlers.kick_again(&self.bus);
        }
    }

    /// Asks for the link; `reported` by an interrupt, or once a second.
    pub(crate) fn link(&self, reported: bool) -> Result<LinkState, Failure> {
        self.control(|life| {
            let (mbps, duplex) = match life.poll_link(self, reported)? {
                Link::Up { mbps, duplex } => (mbps, Some(duplex)),
                Link::Down => (0, None),
            };
            Ok(LinkState {
                mbps,
                full_duplex: u32::from(duplex == Some(Duplex::Full)),
                changed: u32::from(life.take_link_change()),
                waiting: u32::from(life.is_client_awaited(self)),
            })
        })
    }

    /// Negotiates the link again; queues stay as they are.
    pub(crate) fn renegotiate(&self) -> Result<(), Failure> {
        self.control(|life| Ok(life.renegotiate(self)?))
    }

    /// Makes the device use `count` interrupt vectors, the last one for everything except queues; 0 selects a single interrupt.
    pub(crate) fn set_vectors(&self, count: u32) -> Result<(), Failure> {
        if count == 1 || count > self.vectors.min(MAX_VECTORS as u32) {
            return Err(Failure::NotPossible(
                "the number of vectors is out of range",
            ));
        }
        self.control(
            |life| match life.set_queue_vectors(self, count.saturating_sub(1)) {
                true => Ok(()),
                false => Err(Failure::Busy),
            },
        )
    }

    /// Chooses the frames that are received besides those to the port's MAC address.
    pub(crate) fn set_filter(
        &self,
        promiscuous: bool,
        all_multicast: bool,
        groups: &[[u8; 6]],
    ) -> Result<(), Failure> {
        let mut filter = Filter {
            promiscuous,
            all_multicast,
            multicast: MulticastTable::EMPTY,
        };
        let groups = groups.iter().map(|group| MacAddress(*group));
        filter.accept_groups(groups, D::MULTICAST_HASH);
        self.control(|life| Ok(life.set_filter(self, filter)?))
    }

    /// Sets the MAC address of the port.
    pub(crate) fn set_mac(&self, mac: [u8; 6]) -> Result<(), Failure> {
        let mac = MacAddress(mac);
        if !mac.is_assignable() {
            return Err(Failure::NotPossible(
                "a group address or zero cannot be the port's own MAC address",
            ));
        }
        self.control(|life| Ok(life.set_mac(self, mac)?))
    }

    /// The program of a ring has left; the device is stopped.
    pub(crate) fn leave(&self, direction: u32, queue: u32) -> Result<(), Failure> {
        let direction = match direction {
            TX => Direction::Tx,
            _ => Direction::Rx,
        };
        self.control(|life| {
            life.client_left(self, direction, queue);
            Ok(())
        })
    }

    /// The number behind a name.
    pub(crate) fn number(&self, node: Node) -> Result<u64, Failure> {
        const NONE: Failure = Failure::NotPossible("unknown number");
        match node {
            Node::Ring {
                direction,
                queue,
                counter,
            } => {
                let queue = queue as usize;
                let counters = match direction {
                    TX => self.tx.get(queue).ok_or(NONE)?.counters(),
                    _ => self.rx.get(queue).ok_or(NONE)?.counters(),
                };
                let counters = counters.ok_or(Failure::Busy)?;
                counters.get(counter as usize).copied().ok_or(NONE)
            }
            Node::Total(at) => self.control(|life| {
                life.update_totals(self);
                Ok(life.total(at as usize))
            }),
            Node::Choice(at) => self.control(|life| Ok(life.chosen().chosen(at as usize).into())),
            Node::Registers => Err(NONE),
        }
    }

    /// Chooses the value of an option, for the next start.
    pub(crate) fn choose(&self, node: Node, value: u32) -> Result<(), Failure> {
        let Node::Choice(at) = node else {
            return Err(Failure::NotPossible("unknown option"));
        };
        let at = at as usize;
        if D::CHOICES.get(at).is_none_or(|choice| value > choice.max) {
            return Err(Failure::NotPossible(
                "the value of the option is out of range",
            ));
        }
        self.control(|life| {
            life.choose(life.chosen().choose(at, value));
            Ok(())
        })
    }

    pub(crate) fn bus(&self) -> &KernelBus {
        &self.bus
    }

    /// Pairs of queues.
    pub(crate) fn queues(&self) -> u32 {
        self.queues
    }

    pub(crate) fn variant(&self) -> &'static str {
        self.variant
    }

    pub(crate) fn device(&self) -> Device {
        self.bus.device()
    }
}
/// Bytes of one slot that a frame to send may use.
fn slot_bytes<D: Driver>() -> u32 {
    D::BUFFER_SIZE.min(D::Tx::MAX_LEN.into())
}

/// Longest frame that is both sent and received, in bytes without CRC.
fn longest<D: Driver>(limits: &NicLimits) -> u32 {
    let FrameLimits { received, .. } = limits.frames;
    limits.frames.sent_from(slot_bytes::<D>()).min(received)
}

/// The same with rings that the NIC has, and with frames of at most `frame_max` bytes.
fn nearest(wanted: Wanted, limits: &NicLimits, frame_max: u32) -> Wanted {
    Wanted {
        queues: wanted
            .queues
            .clamp(1, limits.tx.queues.min(limits.rx.queues)),
        tx_slots: limits.tx.nearest(wanted.tx_slots),
        rx_slots: limits.rx.nearest(wanted.rx_slots),
        frame_max: wanted.frame_max.min(frame_max),
        ..wanted
    }
}

/// Refuses frames that do not fit into the rings.
fn check<D: Driver>(wanted: &Wanted) -> Result<(), Failure> {
    let refuse = |what| Err(Failure::NotPossible(what));
    if wanted.frame_max == 0 {
        return refuse("frames must have at least one byte");
    }
    let in_slots = |frame: u32, slots: u32, bytes: u32| frame.div_ceil(bytes.max(1)) < slots;
    let sent = slot_bytes::<D>();
    // An option may later make the NIC store the CRC, too.
    let with_crc = wanted.frame_max + u32::from(Crc::Kept.bytes());
    if !in_slots(wanted.frame_max, wanted.tx_slots, sent)
        || !in_slots(with_crc, wanted.rx_slots, D::BUFFER_SIZE)
    {
        return refuse("a frame of that length does not fit into a ring");
    }
    Ok(())
}
