//! How a target reaches a device: registers, barriers, delays and memory for DMA.

use core::fmt;
use core::sync::atomic::AtomicU64;
use core::time::Duration;

use crate::register::RegOffset;
use crate::{DmaAddr, Fault};

/// A device's registers and the memory it can reach.
///
/// A read that fails (device gone) yields all ones, as PCI does; a write that fails is lost. Clones reach the same
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

    /// What was stored to shared memory is visible to the device before any register write that follows.
    fn publish(&self);
    /// What the device stored before a done bit that was seen is visible to the loads that follow.
    fn observe(&self);

    /// Waits without giving up the processor, at most 50 us.
    fn delay(&self, how_long: Duration);
    /// Waits and may let others run.
    fn sleep(&self, how_long: Duration);

    /// Allocates zeroed memory of `bytes` bytes that the device can reach, aligned to `align` bytes (a power of two),
    /// below `1 << address_bits`.
    ///
    /// # Errors
    /// No such memory is left.
    fn dma_alloc(
        &self,
        bytes: usize,
        align: usize,
        address_bits: u32,
    ) -> Result<Self::Dma, DmaError>;

    /// The bus for who shares `memory` with the device: what it publishes and observes is there. Most buses order all memory
    /// alike; a kernel's may have to be told which.
    fn of_memory(&self, memory: &Self::Dma) -> Self {
        let _ = memory;
        self.clone()
    }
}

/// Memory shared with a device, in 64-bit words; freed when dropped.
///
/// The device writes it at any time, hence atomics.
pub trait Dma: Send {
    /// The memory, from its first word.
    fn words(&self) -> &[AtomicU64];
    /// The device's address of the first word.
    fn address(&self) -> DmaAddr;
}

/// No memory that a device could reach was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DmaError {
    /// Bytes that were asked for.
    pub bytes: usize,
    /// Alignment that was asked for.
    pub align: usize,
}

impl fmt::Display for DmaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no memory for DMA left: {} bytes aligned to {}",
            self.bytes, self.align
        )
    }
}

impl core::error::Error for DmaError {}

/// Asks `done` until it is true, every `every`, for `within` at most.
///
/// # Errors
/// [`Fault::Timeout`] with `what` when the time is over.
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
