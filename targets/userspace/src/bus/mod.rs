//! Buses: how a port reaches its device and the device reaches memory.

pub mod qemu;
pub mod sim;

use std::sync::Arc;
use std::time::Duration;

use netmap_core::{Bus, DmaAddr, PciId};

use crate::{Region, Result};

/// A bus with a device on it, in userspace.
///
/// Clones reach the same device. A port keeps one clone for control, one for interrupts and one in each queue, on
/// whatever threads those run; the device is gone when the last clone is dropped.
pub trait UserBus: Bus<Dma: 'static> + 'static {
    /// Lets the device reach `region` and tells at which address it sees the file's first byte: byte `n` is at that
    /// address plus `n`, for the part that [`Region::words`] covers.
    ///
    /// A port calls this once, before anything else. [`Bus::dma_alloc`] may take its memory from the region attached, as
    /// [`RegionDma`](crate::RegionDma), or from elsewhere.
    ///
    /// # Errors
    /// The device cannot reach it, or has another region already.
    fn attach(&self, region: &Arc<Region>) -> Result<DmaAddr>;

    /// Cuts the device off from memory: bus mastering off, or the mapping gone. The next port attaches it again.
    ///
    /// A port calls this last, so that a device that would not stop does no harm to whoever gets its memory next.
    fn detach(&self);

    /// The device's PCI id.
    fn pci_id(&self) -> PciId;

    /// Gives the device so many messages of MSI-X instead of one interrupt for everything; 0 takes them back.
    ///
    /// False if the bus or the device does not have so many: the device then has one interrupt, as before the first call.
    fn give_messages(&self, count: u32) -> bool;

    /// Waits for an interrupt, `timeout` at most. Which there were since the last call: bit `m` for message `m`, the lowest
    /// bit for an interrupt that tells of everything.
    ///
    /// One that came before the call counts: it is latched until it is told. A bus without interrupts waits a little
    /// and says 0; nothing but speed depends on the answer, since whoever waits looks at its ring again anyway.
    fn wait_interrupt(&self, timeout: Duration) -> u64;
}
