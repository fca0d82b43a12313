//! The NIC's side of a ring: descriptors, where they stand to the client's slots, and the doorbell.

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::{Relaxed, Release};

use crate::marks::MAX_SLOTS;
use crate::run::Descriptor;
use crate::{Bus, Dma, DmaAddr, Doorbell, Geometry, NicIdx, NmIdx};

/// A ring of descriptors and its doorbell.
pub(crate) struct NicRing<B: Bus> {
    bus: B,
    doorbell: Doorbell,
    memory: B::Dma,
    pub(crate) geometry: Geometry,
}

impl<B: Bus> NicRing<B> {
    /// `None` if `memory` is smaller than `words` 64-bit words, or a queue cannot drive as many slots.
    pub(crate) fn new(
        bus: B,
        doorbell: Doorbell,
        memory: B::Dma,
        slots: u32,
        words: usize,
    ) -> Option<Self> {
        let ring = NicRing {
            bus,
            doorbell,
            memory,
            geometry: Geometry::restarted_at(slots, NmIdx(0)),
        };
        let fits = slots > 0 && slots <= MAX_SLOTS && ring.memory.words().len() >= words;
        fits.then_some(ring)
    }

    /// The memory of the descriptors.
    pub(crate) fn memory(&self) -> &B::Dma {
        &self.memory
    }

    /// The bus that the NIC is on.
    #[inline(always)]
    pub(crate) fn bus(&self) -> &B {
        &self.bus
    }

    /// Slots of the ring.
    #[inline(always)]
    pub(crate) fn slots(&self) -> u32 {
        self.geometry.slots()
    }

    /// All descriptors, and whatever lies behind them.
    #[inline(always)]
    pub(crate) fn descriptors(&self) -> &[Descriptor] {
        self.memory.words().as_chunks::<2>().0
    }

    /// The word that takes the NIC's position, in its lower half.
    #[inline(always)]
    pub(crate) fn head_writeback(&self) -> Option<&AtomicU64> {
        self.memory.words().get(self.slots() as usize * 2)
    }

    /// The device's address of that word.
    pub(crate) fn head_writeback_address(&self) -> DmaAddr {
        DmaAddr(self.memory.address().0 + u64::from(self.slots()) * 16)
    }

    /// The NIC restarted at 0, which is the client's slot `at` from now on.
    pub(crate) fn restart(&mut self, at: NmIdx) {
        self.geometry = Geometry::restarted_at(self.slots(), at);
    }

    /// Clears every descriptor and the NIC's position: nothing of the time before a reset must pass for something after
    /// it, and no descriptor be the NIC's.
    pub(crate) fn forget(&self) {
        for word in self.memory.words() {
            word.store(0, Relaxed);
        }
    }

    /// Gives the NIC a descriptor whose owner bits were held back, after everything stored before.
    #[inline(always)]
    pub(crate) fn hand_over(&self, at: NicIdx, word: usize, owner: u64) {
        self.bus.publish();
        if let Some(word) = self
            .descriptors()
            .get(at.0 as usize)
            .and_then(|words| words.get(word))
        {
            word.store(word.load(Relaxed) | owner, Release);
        }
    }

    /// Takes a descriptor back that was not handed over.
    pub(crate) fn clear(&self, at: NicIdx, word: usize) {
        if let Some(word) = self
            .descriptors()
            .get(at.0 as usize)
            .and_then(|words| words.get(word))
        {
            word.store(0, Relaxed);
        }
    }

    /// Announces the tail, after everything stored before.
    #[inline(always)]
    pub(crate) fn announce(&self, tail: NicIdx) {
        self.doorbell.announce(&self.bus, tail);
    }

    /// Repeats a kick that may have been lost; does nothing if none ever is.
    #[inline(always)]
    pub(crate) fn kick_again(&self) {
        self.doorbell.kick_again(&self.bus);
    }
}
