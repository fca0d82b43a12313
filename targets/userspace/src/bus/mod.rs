//! Buses: how a port accesses its device and the device accesses memory.

pub mod qemu;
pub mod sim;

use std::sync::Arc;
use std::time::Duration;

use netmap_core::{Bus, DmaAddr, PciIdentity};

use crate::{Error, Region, Result};

/// A device on its bus, in userspace.
///
/// Clones access the same device. A port keeps one clone for control, one for interrupts and one in each queue, on any
/// thread. The device is released when the last clone is dropped.
pub trait UserBus: Bus<Dma: 'static> + 'static {
    /// Maps `region` for the device and returns the address of the file's first byte: byte `n` is at that address plus
    /// `n`, for the part that [`Region::words`] covers.
    ///
    /// A port calls this once, before anything else. [`Bus::dma_alloc`] may take its memory from the region attached,
    /// as [`RegionDma`](crate::RegionDma), or from elsewhere.
    ///
    /// # Errors
    /// The device cannot access the region, or already has another region.
    fn attach(&self, region: &Arc<Region>) -> Result<DmaAddr>;

    /// Removes the device's access to memory: bus mastering off, or the mapping removed. The next port attaches it
    /// again.
    ///
    /// A port calls this last, so that a device that did not stop cannot corrupt the memory's next user.
    fn detach(&self);

    /// Why the device is gone, if it is and the bus knows.
    fn failure(&self) -> Option<Error> {
        None
    }

    /// What the device's PCI configuration space says of it.
    fn pci(&self) -> PciIdentity;

    /// Enables `count` MSI-X messages instead of a single interrupt; 0 disables MSI-X.
    ///
    /// Returns false if the bus or the device does not have so many: the device then has a single interrupt, as before
    /// the first call.
    fn set_message_count(&self, count: u32) -> bool;

    /// Waits for an interrupt, at most for `timeout`. Returns the interrupts since the last call: bit `m` for message
    /// `m`, bit 0 for a single interrupt.
    ///
    /// Earlier interrupts are latched until they are returned. A bus without interrupts waits briefly and returns 0.
    /// Only speed depends on the result, because callers check their rings again anyway.
    fn wait_interrupt(&self, timeout: Duration) -> u64;
}
