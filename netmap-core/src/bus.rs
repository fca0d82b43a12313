//! A target's access to a device: registers, barriers, delays and memory for DMA.

use core::fmt;
use core::time::Duration;

use crate::atomic::AtomicU64;
use crate::register::RegOffset;
use crate::{DmaAddr, Fault};

/// A device's registers and the memory that it can access.
///
/// A read that fails (device gone) returns all ones, as on PCI; a write that fails is lost. Clones access the same
/// device, so that queues on several threads can each own one.
pub trait Bus: Clone + Send {
    /// Memory for descriptor rings and other structures that driver and device share.
    type Dma: Dma;

    /// Reads an 8-bit register.
    fn read8(&self, at: RegOffset) -> u8;
    /// Reads a 16-bit register.
    fn read16(&self, at: RegOffset) -> u16;
    /// Reads a 32-bit register.
    fn read32(&self, at: RegOffset) -> u32;
    /// Reads a 64-bit register.
    fn read64(&self, at: RegOffset) -> u64;
    /// Writes an 8-bit register.
    fn write8(&self, at: RegOffset, value: u8);
    /// Writes a 16-bit register.
    fn write16(&self, at: RegOffset, value: u16);
    /// Writes a 32-bit register.
    fn write32(&self, at: RegOffset, value: u32);
    /// Writes a 64-bit register.
    fn write64(&self, at: RegOffset, value: u64);

    /// Makes earlier stores to shared memory visible to the device before any later register write.
    fn publish(&self);
    /// Makes the device's stores before an observed done bit visible to later loads.
    fn observe(&self);

    /// Busy-waits, at most 50 us.
    fn delay(&self, how_long: Duration);
    /// Waits; may yield the processor.
    fn sleep(&self, how_long: Duration);

    /// Allocates `bytes` bytes of zeroed memory that the device can access, aligned to `align` bytes (a power of two),
    /// below `1 << address_bits`.
    ///
    /// # Errors
    /// There is not enough memory left.
    fn dma_alloc(
        &self,
        bytes: usize,
        align: usize,
        address_bits: u32,
    ) -> Result<Self::Dma, DmaError>;

    /// A bus whose barriers ([`publish`](Self::publish), [`observe`](Self::observe)) order accesses to `memory`. Most
    /// barriers order accesses to all memory; in a kernel they may need the DMA map.
    fn of_memory(&self, memory: &Self::Dma) -> Self {
        let _ = memory;
        self.clone()
    }
}

/// Memory shared with a device, in 64-bit words; freed when dropped.
///
/// The device may write it at any time, hence atomics.
pub trait Dma: Send {
    /// The memory, from its first word.
    fn words(&self) -> &[AtomicU64];
    /// The device's address of the first word.
    fn address(&self) -> DmaAddr;
}

/// No DMA memory was left for a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DmaError {
    /// Requested bytes.
    pub bytes: usize,
    /// Requested alignment.
    pub align: usize,
}

impl fmt::Display for DmaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no DMA memory left for {} bytes aligned to {}",
            self.bytes, self.align
        )
    }
}

impl core::error::Error for DmaError {}

/// Polls `done` until it is true, at intervals of `every`, at most for `within`.
///
/// # Errors
/// [`Fault::Timeout`] with `what` after a timeout.
pub fn poll<B: Bus>(
    bus: &B,
    what: &'static str,
    every: Duration,
    within: Duration,
    mut done: impl FnMut() -> bool,
) -> Result<(), Fault> {
    const BUSY: Duration = Duration::from_micros(50);
    let mut waited = Duration::ZERO;
    loop {
        if done() {
            return Ok(());
        }
        if waited >= within {
            return Err(Fault::Timeout { what });
        }
        if every > BUSY {
            bus.sleep(every);
        } else {
            bus.delay(every);
        }
        waited = waited.saturating_add(every.max(Duration::from_nanos(1)));
    }
}
