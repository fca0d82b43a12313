//! The NIC's side of a ring: descriptors, their offset to the client's slots, and the doorbell.

use core::sync::atomic::Ordering::{Relaxed, Release};

use crate::atomic::AtomicU64;
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
    /// `None` if `memory` is smaller than `words` 64-bit words, or there are too many slots for a queue.
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

    /// The NIC's bus.
    #[inline(always)]
    pub(crate) fn bus(&self) -> &B {
        &self.bus
    }

    /// Slots of the ring.
    #[inline(always)]
    pub(crate) fn slots(&self) -> u32 {
        self.geometry.slots()
    }

    /// All descriptors, and the memory after them.
    #[inline(always)]
    pub(crate) fn descriptors(&self) -> &[Descriptor] {
        self.memory.words().as_chunks::<2>().0
    }

    /// The word for the head write-back, in its lower half.
    #[inline(always)]
    pub(crate) fn head_writeback(&self) -> Option<&AtomicU64> {
        self.memory.words().get(self.slots() as usize * 2)
    }

    /// The device's address of that word.
    pub(crate) fn head_writeback_address(&self) -> DmaAddr {
        DmaAddr(self.memory.address().0 + u64::from(self.slots()) * 16)
    }

    /// The NIC restarted at 0, which now corresponds to the client's slot `at`.
    pub(crate) fn restart(&mut self, at: NmIdx) {
        self.geometry = Geometry::restarted_at(self.slots(), at);
    }

    /// Clears every descriptor and the written-back head, so that no stale done bit or head is used after a reset, and
    /// the NIC owns no descriptor.
    pub(crate) fn clear_descriptors(&self) {
        for word in self.memory.words() {
            word.store(0, Relaxed);
        }
    }

    /// Hands over a descriptor whose owner bits were deferred, after all earlier stores.
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

    /// Clears a descriptor that was not handed over.
    pub(crate) fn clear(&self, at: NicIdx, word: usize) {
        if let Some(word) = self
            .descriptors()
            .get(at.0 as usize)
            .and_then(|words| words.get(word))
        {
            word.store(0, Relaxed);
        }
    }

    /// Announces the tail, after all earlier stores.
    #[inline(always)]
    pub(crate) fn announce(&self, tail: NicIdx) {
        self.doorbell.announce(&self.bus, tail);
    }

    /// Repeats a kick that may have been lost; does nothing on NICs that lose none.
    #[inline(always)]
    pub(crate) fn kick_again(&self) {
        self.doorbell.kick_again(&self.bus);
    }
}
