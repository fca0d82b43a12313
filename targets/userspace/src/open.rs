//! Ports whose NIC and bus are chosen at run time, by name.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use netmap_core::model::Model;
use netmap_core::register::RegOffset;
use netmap_core::{Link, MacAddress, PciId, Reset, Statistic};
use netmap_nics::{Modelled, Visitor};
use netmap_sim::{DEFAULT_MAC, Wire};

use crate::bus::UserBus as _;
use crate::bus::qemu::{Qemu, QemuBus};
use crate::bus::sim::SimNic;
use crate::name::{BusKind, PortName};
use crate::wire::{Worker, wire_to};
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
    /// # Errors
    /// The NIC is unknown, its bus does not work here, or the port cannot be created on `memory` with `config`.
    pub fn open(&self, memory: &Memory, config: PortConfig) -> Result<AnyPort> {
        match self.bus {
            BusKind::Sim => {
                let opening = OnSim {
                    name: self,
                    wire: wire_to(&self.wire)?,
                    memory,
                    config,
                };
                netmap_nics::by_name(&self.device, opening).unwrap_or_else(|| {
                    Err(Error::Name {
                        name: self.to_string(),
                        why: format!("the NICs are {}", netmap_nics::NAMES.join(", ")),
                    })
                })
            }
            BusKind::Qemu => {
                let far = wire_to(&self.wire)?;
                let (bus, wire) = Qemu::new(&self.device)?.start(memory.region())?;
                let id = bus.pci_id();
                let opening = OnQemu {
                    bus,
                    memory,
                    config,
                };
                let mut port =
                    netmap_nics::by_pci(id, opening).unwrap_or(Err(Error::NoDriver { id }))?;
                port.carrier = Some(Worker::carry(wire, far, port.link_up())?);
                Ok(port)
            }
        }
    }
}

/// Opens the visited driver on a new simulated device.
struct OnSim<'a> {
    name: &'a PortName,
    wire: Box<dyn Wire>,
    memory: &'a Memory,
    config: PortConfig,
}

impl Visitor for OnSim<'_> {
    type Output = Result<AnyPort>;

    fn visit<D: Modelled>(self) -> Result<AnyPort> {
        let nic = match &self.name.variant {
            None => SimNic::new::<D>()?,
            Some(variant) if D::MODEL.variant(variant).is_some() => {
                SimNic::of_variant::<D>(variant, DEFAULT_MAC)?
            }
            Some(_) => {
                let names = D::MODEL.variants.iter().map(|variant| variant.name);
                return Err(Error::Name {
                    name: self.name.to_string(),
                    why: format!("its variants are {}", names.collect::<Vec<_>>().join(", ")),
                });
            }
        };
        nic.device().plug_boxed(self.wire);
        let flapper = self.name.flap.map(|every| Worker::flap(&nic, every));
        let port = Port::<D, _>::open(self.memory, nic, self.config)?;
        let mut port = AnyPort::new(port);
        port.flapper = flapper.transpose()?;
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
    type Output = Result<AnyPort>;

    fn visit<D: Modelled>(self) -> Result<AnyPort> {
        let bus = self.bus.with_bar(D::BAR)?;
        let port = Port::<D, _>::open(self.memory, bus, self.config)?;
        Ok(AnyPort::new(port))
    }
}

/// A port whose NIC and bus were chosen at run time; its functions are those of [`Control`].
///
/// ```
/// use std::time::Duration;
/// use netmap_nics::NAMES;
/// use netmap_userspace::{Memory, PortConfig, open};
///
/// let memory = Memory::create(2048)?;
/// let mut port = open(&format!("sim:{}", NAMES[0]), &memory, PortConfig::default())?;
/// port.start()?;
/// port.wait_for_link(Duration::from_secs(5))?;
/// # Ok::<(), netmap_userspace::Error>(())
/// ```
pub struct AnyPort {
    control: Box<dyn Control>,
    /// Dropped after the port, so that frames are carried until its device has stopped.
    carrier: Option<Worker>,
    flapper: Option<Worker>,
}

impl AnyPort {
    /// Wraps a port, without its NIC and bus types.
    pub fn new(port: impl Control + 'static) -> AnyPort {
        AnyPort {
            control: Box::new(port),
            carrier: None,
            flapper: None,
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
    fn tx(&mut self, index: usize) -> Result<TxRing>;
    /// Takes receive ring `index`, once.
    ///
    /// # Errors
    /// The ring does not exist or is already taken.
    fn rx(&mut self, index: usize) -> Result<RxRing>;
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
