//! Registers and descriptor rings in plain memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, compiler_fence};
use std::time::Duration;

use netmap_core::register::RegOffset;
use netmap_core::{Bus, Dma, DmaAddr, DmaError};

use crate::placed::{self, Placed};

/// A register space without a device.
#[derive(Clone)]
pub struct MemoryBus {
    registers: Arc<[AtomicU32]>,
}

impl MemoryBus {
    /// A space of `bytes` bytes, all zero.
    pub fn new(bytes: u32) -> MemoryBus {
        MemoryBus {
            registers: (0..bytes / 4).map(|_| AtomicU32::new(0)).collect(),
        }
    }

    #[inline(always)]
    fn word(&self, at: RegOffset) -> Option<&AtomicU32> {
        self.registers.get((at.0 / 4) as usize)
    }
}

impl Bus for MemoryBus {
    type Dma = HeapDma;

    fn read8(&self, at: RegOffset) -> u8 {
        (self.read32(at) >> (at.0 % 4 * 8)) as u8
    }

    fn read16(&self, at: RegOffset) -> u16 {
        (self.read32(at) >> (at.0 % 4 * 8)) as u16
    }

    #[inline(always)]
    fn read32(&self, at: RegOffset) -> u32 {
        self.word(at)
            .map_or(u32::MAX, |word| word.load(Ordering::Relaxed))
    }

    fn read64(&self, at: RegOffset) -> u64 {
        u64::from(self.read32(at)) | u64::from(self.read32(RegOffset(at.0 + 4))) << 32
    }

    fn write8(&self, at: RegOffset, value: u8) {
        self.write32(at, u32::from(value));
    }

    fn write16(&self, at: RegOffset, value: u16) {
        self.write32(at, u32::from(value));
    }

    #[inline(always)]
    fn write32(&self, at: RegOffset, value: u32) {
        if let Some(word) = self.word(at) {
            word.store(value, Ordering::Relaxed);
        }
    }

    fn write64(&self, at: RegOffset, value: u64) {
        self.write32(at, value as u32);
        self.write32(RegOffset(at.0 + 4), (value >> 32) as u32);
    }

    #[inline(always)]
    fn publish(&self) {
        // x86 keeps stores in order; only the compiler needs a barrier.
        compiler_fence(Ordering::Release);
    }

    #[inline(always)]
    fn observe(&self) {
        compiler_fence(Ordering::Acquire);
    }

    fn delay(&self, _: Duration) {}

    fn sleep(&self, _: Duration) {}

    fn dma_alloc(&self, bytes: usize, align: usize, _: u32) -> Result<HeapDma, DmaError> {
        // They start at a page boundary.
        let fits = align <= placed::PAGE;
        fits.then(|| HeapDma(Placed::new(0, bytes.div_ceil(8), |_| AtomicU64::new(0))))
            .ok_or(DmaError { bytes, align })
    }
}

/// Descriptor memory from the heap.
pub struct HeapDma(Placed<AtomicU64>);

impl Dma for HeapDma {
    #[inline(always)]
    fn words(&self) -> &[AtomicU64] {
        &self.0
    }

    fn address(&self) -> DmaAddr {
        DmaAddr(self.words().as_ptr() as u64)
    }
}
