//! Ports whose NIC and bus are chosen at run time, by name.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use netmap_core::model::Model;
use netmap_core::register::RegOffset;
use netmap_core::{Link, MacAddress, PciId, Reset, Statistic};
use netmap_nics::{Modelled, Visitor};
use netmap_sim::DEFAULT_MAC;
use netmap_sim::wire::Loss;

use crate::bus::UserBus as _;
use crate::bus::qemu::{Qemu, QemuBus};
use crate::bus::sim::SimNic;
use crate::name::{BusKind, PortName};
use crate::wire::{DeviceEnd, PortWire, Worker, input_of};
use crate::{Error, Limits, Memory, Port, PortConfig, Result, RxRing, TxRing};

/// Opens a port by its name (see [`PortName`]).
///
/// # Errors
/// As [`PortName::open`]; or the name is invalid.
pub fn open(name: &str, memory: &Memory, config: PortConfig) -> Result<AnyPort> {
    name.parse::<PortName>()?.open(memory, config)
}

impl PortName {
    /// Opens the port of that name.
    ///
    /// Captures that it replays are open afterwards. Those that it records are known to be writable, and are replaced
    /// when the port starts.
    ///
    /// # Errors
    /// The NIC is unknown, its bus does not work here or does not support `config`, a capture cannot be used, or `memory`
    /// is too small.
    pub fn open(&self, memory: &Memory, config: PortConfig) -> Result<AnyPort> {
        self.check(&config)?;
        match self.bus {
            BusKind::Sim => {
                let opening = OnSim {
                    name: self,
                    memory,
                    config,
                };
                let opened = netmap_nics::by_name(&self.device, opening);
                opened.unwrap_or_else(|| Err(self.no_such_nic()))
            }
            BusKind::Qemu => {
                let qemu = Qemu::new(&self.device)?;
                let input = input_of(&self.wire)?;
                let (bus, far) = qemu.start(memory.region())?;
                let id = bus.pci().id;
                let opening = OnQemu {
                    bus,
                    memory,
                    config,
                };
                let control =
                    netmap_nics::by_pci(id, opening).unwrap_or(Err(Error::NoDriver { id }))?;
                let link_up = control.link_up();
                let mut port = AnyPort::of(control);
                let wire = PortWire::new(&self.wire, input)?;
                let carried = Arc::clone(&wire);
                port.wire = Some(Plugged(wire));
                port.connect = Some(Box::new(move || {
                    Ok(vec![Worker::carry(far, carried, link_up)?])
                }));
                Ok(port)
            }
        }
    }
}

/// Opens the visited driver on a new simulated device.
struct OnSim<'a> {
    name: &'a PortName,
    memory: &'a Memory,
    config: PortConfig,
}

impl Visitor for OnSim<'_> {
    type Output = Result<AnyPort>;

    fn visit<D: Modelled>(self) -> Result<AnyPort> {
        let name = self.name;
        let input = input_of(&name.wire)?;
        let nic = match &name.variant {
            None => SimNic::new::<D>()?,
            Some(variant) => SimNic::of_variant::<D>(variant, DEFAULT_MAC)?,
        };
        let port = Port::<D, _>::open(self.memory, nic.clone(), self.config)?;
        let wire = PortWire::new(&name.wire, input)?;
        let (plugged, flap) = (Arc::clone(&wire), name.flap);
        let mut port = AnyPort::new(port);
        port.wire = Some(Plugged(wire));
        port.connect = Some(Box::new(move || {
            nic.device().plug(DeviceEnd(plugged));
            let flapper = flap.map(|every| Worker::flap(&nic, every));
            Ok(flapper.transpose()?.into_iter().collect())
        }));
        Ok(port)
    }
}

/// Opens the visited driver on one of QEMU's NICs.
struct OnQemu<'a> {
    bus: QemuBus,
    memory: &'a Memory,
    config: PortConfig,
}

impl Visitor for OnQemu<'_> {
    type Output = Result<Box<dyn Control>>;

    fn visit<D: Modelled>(self) -> Result<Box<dyn Control>> {
        let bus = self.bus.with_bar(D::BAR)?;
        let port = Port::<D, _>::open(self.memory, bus, self.config)?;
        Ok(Box::new(port))
    }
}

/// A port whose NIC and bus were chosen at run time; its functions are those of [`Control`].
///
/// ```
/// use std::time::Duration;
/// use netmap_userspace::{Memory, NAMES, PortConfig, open};
///
/// let memory = Memory::create(2048)?;
/// let mut port = open(&format!("sim:{}", NAMES[0]), &memory, PortConfig::default())?;
/// port.start()?;
/// port.wait_for_link(Duration::from_secs(5))?;
/// # Ok::<(), netmap_userspace::Error>(())
/// ```
pub struct AnyPort {
    control: Box<dyn Control>,
    /// Connects the wire at the first start.
    connect: Option<Connect>,
    /// Dropped after the port, so that frames are carried until its device has stopped.
    workers: Vec<Worker>,
    /// Its wire, if it was opened by name. Dropped last.
    wire: Option<Plugged>,
}

/// The wire of a port; dropping it unplugs it, although rings that outlive the port keep the device.
struct Plugged(Arc<PortWire>);

impl Deref for Plugged {
    type Target = PortWire;

    fn deref(&self) -> &PortWire {
        &self.0
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        self.0.unplug();
    }
}

type Connect = Box<dyn FnOnce() -> Result<Vec<Worker>> + Send>;

/// Functions that concern the wire, too.
impl AnyPort {
    /// Wraps a port, without its NIC and bus types.
    pub fn new(port: impl Control + 'static) -> AnyPort {
        AnyPort::of(Box::new(port))
    }

    fn of(control: Box<dyn Control>) -> AnyPort {
        AnyPort {
            control,
            connect: None,
            workers: Vec::new(),
            wire: None,
        }
    }

    /// Starts the device with the rings at the clients' positions, and connects its wire at the first start: only then
    /// a capture to record is replaced.
    ///
    /// # Errors
    /// The device did not behave as its spec says, or the capture cannot be written.
    pub fn start(&mut self) -> Result<()> {
        self.control.start()?;
        if let Some(connect) = self.connect.take() {
            self.wire.as_ref().map_or(Ok(()), |wire| wire.begin())?;
            self.workers = connect()?;
        }
        Ok(())
    }

    /// Stops the device. The rings do not change. Sent frames have half a second to be recorded.
    ///
    /// # Errors
    /// The device did not behave as its spec says, or the wire has failed.
    pub fn stop(&mut self) -> Result<()> {
        self.settle();
        self.control.stop()?;
        self.check_wire()
    }

    /// Periodic work, to be called once a second. Returns the link state if it has changed.
    ///
    /// A tick without a link makes frames wait in transmit rings; one with a link lets them go.
    ///
    /// # Errors
    /// The device did not respond; or the wire has failed. Everything that arrived before has been delivered to the
    /// device: rings may still receive it.
    pub fn tick(&mut self) -> Result<Option<Link>> {
        let changed = self.control.tick()?;
        let wire = self.wire.as_ref();
        wire.map_or(Ok(()), |wire| wire.check_delivered())?;
        Ok(changed)
    }

    /// Waits until the link is up, at most for `timeout`.
    ///
    /// # Errors
    /// The link did not come up, also because the wire has failed, or the device did not respond.
    pub fn wait_for_link(&mut self, timeout: Duration) -> Result<Link> {
        let waited = self.control.wait_for_link(timeout);
        if let Err(Error::NoLink { .. }) = waited {
            self.check_wire()?;
        }
        waited
    }

    /// Waits until the capture that its wire replays was delivered, at most for `timeout`. Returns whether it was.
    ///
    /// # Errors
    /// The wire has failed.
    pub fn wait_for_replay(&mut self, timeout: Duration) -> Result<bool> {
        let since = Instant::now();
        let Some(wire) = &self.wire else {
            return Ok(true);
        };
        while !wire.has_ended() && since.elapsed() < timeout {
            thread::sleep(Duration::from_millis(1));
        }
        wire.check()?;
        Ok(wire.has_ended())
    }

    /// Frames that got lost since the port was opened, in the NIC, in its rings or on its wire, by reason; none of zero.
    /// Call it after [`stop`](Self::stop) to have all. A NIC may count a frame in more than one of its counters.
    pub fn losses(&mut self) -> Vec<Loss> {
        let mut losses = self.control.losses();
        let sent = self.control.sent();
        losses.extend(self.workers.iter().filter_map(|worker| worker.loss(sent)));
        if let Some(wire) = &self.wire {
            losses.extend(wire.losses());
        }
        losses.retain(|loss| loss.frames > 0);
        losses
    }

    /// What happened to frames besides arriving or leaving, for a program's last line: how many are cut in the capture or
    /// were passed over, and [`losses`](Self::losses).
    pub fn notes(&mut self) -> Vec<String> {
        let mut notes = self.wire.as_ref().map_or(Vec::new(), |wire| wire.notes());
        notes.extend(self.losses().iter().map(Loss::to_string));
        notes
    }

    fn check_wire(&self) -> Result<()> {
        self.wire.as_ref().map_or(Ok(()), |wire| wire.check())
    }

    /// Waits until the wire has taken what the device has sent.
    fn settle(&mut self) {
        const LAST: Duration = Duration::from_millis(500);
        let Some(wire) = &self.wire else { return };
        let deadline = Instant::now() + LAST;
        // A register access: a simulated device completes its step before. If it fails, stopping fails, too.
        let _ = self.control.link();
        for worker in &self.workers {
            worker.wait_until_idle(deadline);
        }
        while wire.waiting() != (0, 0) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Deref for AnyPort {
    type Target = dyn Control;

    fn deref(&self) -> &Self::Target {
        &*self.control
    }
}

impl DerefMut for AnyPort {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut *self.control
    }
}

impl fmt::Debug for AnyPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnyPort").field(&self.identity()).finish()
    }
}

/// Control of a port of any NIC and bus.
///
/// Rings need no such trait, because their types do not depend on NIC and bus.
pub trait Control: Send {
    /// Starts the device with the rings at the clients' positions.
    ///
    /// # Errors
    /// The device did not behave as its spec says.
    fn start(&mut self) -> Result<()>;
    /// Stops the device. The rings do not change.
    ///
    /// # Errors
    /// The device did not behave as its spec says.
    fn stop(&mut self) -> Result<()>;
    /// Resets the device, a ring or the link, invisibly to clients.
    ///
    /// # Errors
    /// The ring does not exist, or the device did not start again. In that case the rings stay paused.
    fn reset(&mut self, which: Reset) -> Result<()>;
    /// The current state of the link.
    ///
    /// # Errors
    /// The device did not respond.
    fn link(&mut self) -> Result<Link>;
    /// Whether the link was up when it was last read; a wire in this process may follow it.
    fn link_up(&self) -> Arc<AtomicBool>;
    /// The counters of the NIC's variant and their totals since the port was opened.
    fn statistics(&mut self) -> Vec<(&'static Statistic, u64)>;
    /// Frames that the NIC has sent from all rings since the port was opened.
    fn sent(&self) -> u64;
    /// Frames that got lost since the port was opened, in the NIC and in its rings, by reason.
    fn losses(&mut self) -> Vec<Loss>;
    /// The port's NIC, variant and MAC address.
    fn identity(&self) -> Identity;
    /// The limits of its NIC.
    fn limits(&self) -> Limits;
    /// Sets one of the [options](Limits::options) of its NIC, effective at the next device reset.
    ///
    /// # Errors
    /// The NIC has no such option, or the value is out of range.
    fn choose(&mut self, name: &str, value: u32) -> Result<()>;
    /// The chosen value of an option; `None` if the NIC has no option of that name.
    fn chosen(&self, name: &str) -> Option<u32>;
    /// The model of its device.
    fn model(&self) -> &'static Model;
    /// Reads a register of its device at `at` with `width` bits (8, 16, 32 or 64), including the side effects of the
    /// read.
    fn read_register(&self, at: RegOffset, width: u8) -> u64;
    /// Takes transmit ring `index`, once.
    ///
    /// # Errors
    /// The ring does not exist or is already taken.
    fn tx(&mut self, index: u32) -> Result<TxRing>;
    /// Takes receive ring `index`, once.
    ///
    /// # Errors
    /// The ring does not exist or is already taken.
    fn rx(&mut self, index: u32) -> Result<RxRing>;
    /// Waits until the link is up, at most for `timeout`.
    ///
    /// # Errors
    /// The link did not come up, or the device did not respond.
    fn wait_for_link(&mut self, timeout: Duration) -> Result<Link>;
    /// Periodic work, to be called once a second. Returns the link state if it has changed.
    ///
    /// # Errors
    /// The device did not respond.
    fn tick(&mut self) -> Result<Option<Link>>;
}

/// A port's NIC, variant and MAC address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The driver.
    pub nic: &'static str,
    /// The title of the driver's NIC.
    pub title: &'static str,
    /// The detected variant.
    pub variant: &'static str,
    /// The device's PCI id.
    pub pci: PciId,
    /// The MAC address, once the port was started.
    pub mac: Option<MacAddress>,
}
