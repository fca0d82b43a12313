//! `sim:<nic>`: a simulated NIC in this process.
//!
//! Tests and first steps need no hardware and no privileges: the NIC is built from the same facts as its driver and
//! runs on its own thread. Each descriptor ring is in separately attached memory, so that an access past its end is
//! detected. Buffers are in the [`Region`] as with every bus.
//!
//! ```
//! use netmap_userspace::bus::UserBus as _;
//! use netmap_userspace::bus::sim::SimNic;
//! use netmap_userspace::netmap_core::Bus as _;
//! use netmap_userspace::netmap_nics::{Modelled, Visitor, by_name};
//! use netmap_userspace::{NAMES, PciId, Result};
//!
//! struct Plugged;
//!
//! impl Visitor for Plugged {
//!     type Output = Result<PciId>;
//!     fn visit<D: Modelled>(self) -> Result<PciId> {
//!         let nic = SimNic::new::<D>()?;
//!         let first = &D::MODEL.registers[0];
//!         let at = first.pieces[0].offset;
//!         let value = match first.width {
//!             8 => nic.read8(at).into(),
//!             16 => nic.read16(at).into(),
//!             _ => nic.read32(at),
//!         };
//!         println!("{} of {} holds {value:#x}", first.name, D::NAME);
//!         assert!(nic.device().violations().is_empty());
//!         Ok(nic.pci().id)
//!     }
//! }
//!
//! for name in NAMES {
//!     let id = by_name(name, Plugged).expect("a name of a NIC")?;
//!     println!("{name} has the PCI id {id}");
//! }
//! # Ok::<(), netmap_userspace::Error>(())
//! ```

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use netmap_core::register::RegOffset;
use netmap_core::{Bus, DmaAddr, DmaError, MacAddress, PciIdentity};
use netmap_nics::Modelled;
use netmap_sim::{DEFAULT_MAC, Device, DmaMemory, SimBus, SimDma};

use super::UserBus;
use crate::{Error, Region, Result, lock};

/// A simulated NIC on its bus; dropping the last clone removes it.
#[derive(Debug, Clone)]
pub struct SimNic {
    bus: SimBus,
    device: Arc<Device>,
    link: Arc<Link>,
}

/// The state shared by clones.
#[derive(Debug, Default)]
struct Link {
    /// The region's address for the device.
    region: Mutex<Option<DmaAddr>>,
    /// Interrupts returned so far.
    returned: AtomicU64,
}

impl SimNic {
    /// The NIC of driver `D`.
    ///
    /// # Errors
    /// Its model is inconsistent, or its thread cannot be created.
    pub fn new<D: Modelled>() -> Result<SimNic> {
        SimNic::with_mac::<D>(DEFAULT_MAC)
    }

    /// The same with a given MAC address.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_mac<D: Modelled>(mac: MacAddress) -> Result<SimNic> {
        let default = D::MODEL.variants.first();
        SimNic::of_variant::<D>(default.map_or("", |variant| variant.name), mac)
    }

    /// A variant, by its name in the spec, of the NIC of driver `D`.
    ///
    /// # Errors
    /// The variant does not exist, its model is inconsistent, or its thread cannot be created.
    pub fn of_variant<D: Modelled>(variant: &str, mac: MacAddress) -> Result<SimNic> {
        let device = Device::new(D::MODEL, variant, mac)?;
        Ok(SimNic {
            bus: device.bus(),
            device: Arc::new(device),
            link: Arc::default(),
        })
    }

    /// The device, to connect it to a wire, inject faults, and read its violations.
    pub fn device(&self) -> &Device {
        &self.device
    }
}

impl DmaMemory for Region {
    fn words(&self) -> &[AtomicU64] {
        Region::words(self)
    }
}

impl UserBus for SimNic {
    fn attach(&self, region: &Arc<Region>) -> Result<DmaAddr> {
        let mut attached = lock(&self.link.region);
        if attached.is_some() {
            return Err(Error::Attached);
        }
        let base = self.bus.attach(Arc::clone(region) as Arc<dyn DmaMemory>)?;
        *attached = Some(base);
        Ok(base)
    }

    fn detach(&self) {
        if let Some(base) = lock(&self.link.region).take() {
            self.bus.detach(base);
        }
        self.device.set_message_count(0);
    }

    fn pci(&self) -> PciIdentity {
        self.device.variant().pci
    }

    fn set_message_count(&self, count: u32) -> bool {
        self.device.set_message_count(count)
    }

    fn wait_interrupt(&self, timeout: Duration) -> u64 {
        let returned = self.link.returned.load(Relaxed);
        let count = self.device.wait_for_interrupt(returned, timeout);
        self.link.returned.store(count, Relaxed);
        self.device.take_messages()
    }
}

/// Delegates to the device's own bus.
impl Bus for SimNic {
    type Dma = SimDma;

    fn read8(&self, at: RegOffset) -> u8 {
        self.bus.read8(at)
    }

    fn read16(&self, at: RegOffset) -> u16 {
        self.bus.read16(at)
    }

    fn read32(&self, at: RegOffset) -> u32 {
        self.bus.read32(at)
    }

    fn read64(&self, at: RegOffset) -> u64 {
        self.bus.read64(at)
    }

    fn write8(&self, at: RegOffset, value: u8) {
        self.bus.write8(at, value);
    }

    fn write16(&self, at: RegOffset, value: u16) {
        self.bus.write16(at, value);
    }

    fn write32(&self, at: RegOffset, value: u32) {
        self.bus.write32(at, value);
    }

    fn write64(&self, at: RegOffset, value: u64) {
        self.bus.write64(at, value);
    }

    fn publish(&self) {
        self.bus.publish();
    }

    fn observe(&self) {
        self.bus.observe();
    }

    fn delay(&self, how_long: Duration) {
        self.bus.delay(how_long);
    }

    fn sleep(&self, how_long: Duration) {
        self.bus.sleep(how_long);
    }

    fn dma_alloc(&self, bytes: usize, align: usize, address_bits: u32) -> Result<SimDma, DmaError> {
        self.bus.dma_alloc(bytes, align, address_bits)
    }

    fn of_memory(&self, memory: &SimDma) -> SimNic {
        SimNic {
            bus: self.bus.of_memory(memory),
            ..self.clone()
        }
    }
}
