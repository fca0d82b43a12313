//! The bus of a simulated device.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::time::Duration;

use netmap_core::register::RegOffset;
use netmap_core::{Bus, Dma, DmaAddr, DmaError};

use crate::device::Shared;
use crate::memory::{self, DmaMemory};

/// Accesses one simulated device; clones access the same device.
pub struct SimBus {
    shared: Arc<Shared>,
    /// Whether this clone has executed a barrier since its last doorbell.
    published: AtomicBool,
    /// The memory whose accesses the barriers of this clone order; `None` for all memory, which is not recorded.
    memory: Option<Arc<Block>>,
}

/// A block of memory, and the driver's barriers for it.
struct Block {
    words: Vec<AtomicU64>,
    /// Some bus orders accesses to this block.
    has_bus: AtomicBool,
    observed: AtomicU64,
}

impl DmaMemory for Block {
    fn words(&self) -> &[AtomicU64] {
        &self.words
    }

    fn observed(&self) -> Option<u64> {
        let has_bus = self.has_bus.load(Ordering::Relaxed);
        has_bus.then(|| self.observed.load(Ordering::Relaxed))
    }
}

impl SimBus {
    pub(crate) fn new(shared: Arc<Shared>) -> SimBus {
        SimBus {
            shared,
            published: AtomicBool::new(false),
            memory: None,
        }
    }

    /// Maps `memory` for the device, at the returned address, for the device's lifetime.
    ///
    /// # Errors
    /// The device's address width is too small.
    pub fn attach(&self, memory: Arc<dyn DmaMemory>) -> Result<DmaAddr, DmaError> {
        const ALIGN: u64 = 2 << 20;
        let bytes = memory.words().len() * 8;
        let limits = &self.shared.variant.limits;
        let bits = limits.tx.address_bits.min(limits.rx.address_bits);
        self.shared
            .with(|chip| chip.memory.attach(memory, ALIGN, bits))
            .ok_or(DmaError {
                bytes,
                align: ALIGN as usize,
            })
    }

    /// Maps `memory` for the device at `base`, for a driver that chooses the addresses itself, as in a virtual machine.
    /// Returns false if this overlaps attached memory.
    pub fn attach_at(&self, memory: Arc<dyn DmaMemory>, base: DmaAddr) -> bool {
        self.shared.with(|chip| chip.memory.attach_at(memory, base))
    }

    /// Unmaps the memory attached at `base`.
    pub fn detach(&self, base: DmaAddr) {
        self.shared.with(|chip| chip.memory.detach(base));
    }

    fn read(&self, at: RegOffset, bytes: u32) -> u64 {
        self.shared.with(|chip| chip.read(at.0, bytes))
    }

    fn write(&self, at: RegOffset, bytes: u32, value: u64) {
        let published = self.published.load(Ordering::Relaxed);
        let written = (self.shared).with(|chip| chip.write(at.0, bytes, value, published));
        if written.work {
            self.shared.waker.wake();
        }
        if written.doorbell {
            self.published.store(false, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for SimBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimBus")
            .field("published", &self.published)
            .finish_non_exhaustive()
    }
}

impl Clone for SimBus {
    fn clone(&self) -> SimBus {
        SimBus {
            memory: self.memory.clone(),
            ..SimBus::new(Arc::clone(&self.shared))
        }
    }
}

impl Bus for SimBus {
    type Dma = SimDma;

    fn read8(&self, at: RegOffset) -> u8 {
        self.read(at, 1) as u8
    }

    fn read16(&self, at: RegOffset) -> u16 {
        self.read(at, 2) as u16
    }

    fn read32(&self, at: RegOffset) -> u32 {
        self.read(at, 4) as u32
    }

    fn read64(&self, at: RegOffset) -> u64 {
        self.read(at, 8)
    }

    fn write8(&self, at: RegOffset, value: u8) {
        self.write(at, 1, value.into());
    }

    fn write16(&self, at: RegOffset, value: u16) {
        self.write(at, 2, value.into());
    }

    fn write32(&self, at: RegOffset, value: u32) {
        self.write(at, 4, value.into());
    }

    fn write64(&self, at: RegOffset, value: u64) {
        self.write(at, 8, value);
    }

    fn publish(&self) {
        fence(Ordering::Release);
        self.published.store(true, Ordering::Relaxed);
    }

    fn observe(&self) {
        fence(Ordering::Acquire);
        if let Some(block) = &self.memory {
            block.observed.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn delay(&self, how_long: Duration) {
        self.shared.pass(how_long);
    }

    fn sleep(&self, how_long: Duration) {
        self.shared.pass(how_long);
    }

    /// Each block is attached separately and detached when dropped, so that accesses past its end or after its lifetime
    /// are detected.
    fn dma_alloc(&self, bytes: usize, align: usize, address_bits: u32) -> Result<SimDma, DmaError> {
        let block = Arc::new(Block {
            words: memory::zeroed(bytes.div_ceil(8)),
            has_bus: AtomicBool::new(false),
            observed: AtomicU64::new(0),
        });
        let attached: Arc<dyn DmaMemory> = Arc::clone(&block) as _;
        let address = self
            .shared
            .with(|chip| chip.memory.attach(attached, align as u64, address_bits))
            .ok_or(DmaError { bytes, align })?;
        Ok(SimDma {
            shared: Arc::clone(&self.shared),
            block,
            address,
        })
    }

    fn of_memory(&self, memory: &SimDma) -> SimBus {
        memory.block.has_bus.store(true, Ordering::Relaxed);
        SimBus {
            memory: Some(Arc::clone(&memory.block)),
            ..self.clone()
        }
    }
}

/// Memory shared with a simulated device.
pub struct SimDma {
    shared: Arc<Shared>,
    block: Arc<Block>,
    address: DmaAddr,
}

impl Dma for SimDma {
    fn words(&self) -> &[AtomicU64] {
        &self.block.words
    }

    fn address(&self) -> DmaAddr {
        self.address
    }
}

impl Drop for SimDma {
    fn drop(&mut self) {
        self.shared.with(|chip| chip.memory.detach(self.address));
    }
}

impl fmt::Debug for SimDma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimDma")
            .field("address", &self.address)
            .field("bytes", &(self.block.words.len() * 8))
            .finish_non_exhaustive()
    }
}
