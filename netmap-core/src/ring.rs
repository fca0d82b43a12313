//! The NIC's side of a ring: descriptors, where they stand to the client's slots, and the doorbell.

use core::sync::atomic::Ordering::Relaxed;

use crate::marks::MAX_SLOTS;
use crate::run::Descriptor;
use crate::{Bus, Dma, Doorbell, Geometry, NicIdx, NmIdx};

/// A ring of descriptors and its doorbell.
pub(crate) struct NicRing<B: Bus> {
    bus: B,
    doorbell: Doorbell,
    memory: B::Dma,
    pub(crate) geometry: Geometry,
}

impl<B: Bus> NicRing<B> {
    /// `None` if `memory` is too small for `slots` descriptors, or a queue cannot drive as many.
    pub(crate) fn new(bus: B, doorbell: Doorbell, memory: B::Dma, slots: u32) -> Option<Self> {
        let geometry = Geometry::restarted_at(slots, NmIdx(0));
        let ring = NicRing {
            bus,
            doorbell,
            memory,
            geometry,
        };
        let fits = slots > 0 && slots <= MAX_SLOTS && ring.descriptors().len() >= slots as usize;
        fits.then_some(ring)
    }

    /// The memory of the descriptors.
    pub(crate) fn memory(&self) -> &B::Dma {
        &self.memory
    }

    /// The bus that the NIC is on.
    pub(crate) fn bus(&self) -> &B {
        &self.bus
    }

    /// Slots of the ring.
    #[inline(always)]
    pub(crate) fn slots(&self) -> u32 {
        self.geometry.slots()
    }

    /// All descriptors.
    #[inline(always)]
    pub(crate) fn descriptors(&self) -> &[Descriptor] {
        self.memory.words().as_chunks::<2>().0
    }

    /// The NIC restarted at 0, which is the client's slot `at` from now on.
    pub(crate) fn restart(&mut self, at: NmIdx) {
        self.geometry = Geometry::restarted_at(self.slots(), at);
    }

    /// Clears every descriptor: a done bit of the time before a reset must not pass for one after it.
    pub(crate) fn forget(&self) {
        for [first, second] in self.descriptors() {
            first.store(0, Relaxed);
            second.store(0, Relaxed);
        }
    }

    /// Announces the tail, after everything stored before.
    #[inline(always)]
    pub(crate) fn announce(&self, tail: NicIdx) {
        self.bus.publish();
        match self.doorbell {
            Doorbell::Index(at) => self.bus.write32(at, tail.0),
            Doorbell::Kick { at, value, .. } => self.bus.write8(at, value),
            Doorbell::Unneeded => {}
        }
    }
}
