//! The memory that a device can access by DMA: regions, each mapped at an address that the simulator chooses.
//!
//! Like an IOMMU, the map has exactly the memory that was given to the device. Regions are never adjacent, an address
//! is never used twice, and with a sufficient address width everything is above 4 GiB. So an address that was
//! truncated, byte-swapped or kept too long is not mapped.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use netmap_core::DmaAddr;

use crate::copy;

/// Memory that can be attached to a device.
pub trait DmaMemory: Send + Sync {
    /// The memory, from its first word.
    fn words(&self) -> &[AtomicU64];

    /// How often its driver has executed [`Bus::observe`](netmap_core::Bus::observe) for it, if that is counted.
    fn observed(&self) -> Option<u64> {
        None
    }
}

impl DmaMemory for Vec<AtomicU64> {
    fn words(&self) -> &[AtomicU64] {
        self
    }
}

/// Unmapped bytes between two regions.
const GAP: u64 = 4096;
/// Where regions begin if the address width allows; the offset makes low halves nonzero.
const ABOVE_4_GIB: u64 = (1 << 32) + (1 << 28);
/// Where they begin otherwise.
const BELOW_4_GIB: u64 = 1 << 20;

/// The regions attached to a device, by address.
pub(crate) struct MemoryMap {
    regions: Vec<Region>,
    next: [u64; 2],
}

struct Region {
    base: u64,
    bytes: u64,
    memory: Arc<dyn DmaMemory>,
}

/// A range of bytes in attached memory.
#[derive(Clone, Copy)]
pub(crate) struct Stretch<'a> {
    memory: &'a dyn DmaMemory,
    words: &'a [AtomicU64],
    from: usize,
    len: usize,
}

impl MemoryMap {
    pub(crate) fn new() -> MemoryMap {
        MemoryMap {
            regions: Vec::new(),
            next: [BELOW_4_GIB, ABOVE_4_GIB],
        }
    }

    /// Maps a region within `1 << address_bits`, aligned exactly to `align` (a power of two), not more. `None` if there
    /// is no room.
    pub(crate) fn attach(
        &mut self,
        memory: Arc<dyn DmaMemory>,
        align: u64,
        address_bits: u32,
    ) -> Option<DmaAddr> {
        let bytes = memory.words().len() as u64 * 8;
        let next = &mut self.next[usize::from(address_bits > 33)];
        let align = align.max(8);
        let even = next.checked_next_multiple_of(2 * align)?;
        let base = even.checked_add(align)?;
        let end = base.checked_add(bytes)?;
        let limit = match address_bits {
            ..=33 => (1u64 << address_bits).min(1 << 32),
            34..64 => 1 << address_bits,
            _ => u64::MAX,
        };
        if end > limit {
            return None;
        }
        *next = end + GAP;
        let base = DmaAddr(base);
        self.attach_at(memory, base).then_some(base)
    }

    /// From now on, maps no region below 4 GiB.
    pub(crate) fn use_up_low(&mut self) {
        self.next[0] = u64::MAX;
    }

    /// Maps a region at a given address; false if it overlaps another.
    pub(crate) fn attach_at(&mut self, memory: Arc<dyn DmaMemory>, base: DmaAddr) -> bool {
        let bytes = memory.words().len() as u64 * 8;
        let Some(end) = base.0.checked_add(bytes) else {
            return false;
        };
        let at = self.regions.partition_point(|region| region.base < base.0);
        let (before, after) = self.regions.split_at(at);
        let is_free = before
            .last()
            .is_none_or(|region| region.base + region.bytes <= base.0)
            && after.first().is_none_or(|region| region.base >= end);
        if is_free {
            let region = Region {
                base: base.0,
                bytes,
                memory,
            };
            self.regions.insert(at, region);
        }
        is_free
    }

    /// Unmaps a region; its address is never used again.
    pub(crate) fn detach(&mut self, base: DmaAddr) {
        self.regions.retain(|region| region.base != base.0);
    }

    /// The memory at `address`; `None` unless all `len` bytes are in one region.
    #[inline]
    pub(crate) fn find(&self, address: u64, len: usize) -> Option<Stretch<'_>> {
        let after = self
            .regions
            .partition_point(|region| region.base <= address);
        let region = self.regions.get(after.checked_sub(1)?)?;
        let from = address - region.base;
        if from > region.bytes || region.bytes - from < len as u64 {
            return None;
        }
        Some(Stretch {
            memory: &*region.memory,
            words: region.memory.words(),
            from: from as usize,
            len,
        })
    }

    /// The memory from `address` to the end of its region; `None` unless that is `least` bytes.
    #[inline]
    pub(crate) fn find_rest(&self, address: u64, least: usize) -> Option<Stretch<'_>> {
        let found = self.find(address, least)?;
        let len = found.words.len() * 8 - found.from;
        Some(Stretch { len, ..found })
    }
}

impl<'a> Stretch<'a> {
    /// Appends its bytes to `into`.
    pub(crate) fn load(self, into: &mut Vec<u8>) {
        copy::load(self.words, self.from, self.len, into);
    }

    /// Writes `bytes`, which must fit.
    pub(crate) fn store(self, bytes: &[u8]) {
        copy::store(&bytes[..bytes.len().min(self.len)], self.words, self.from);
    }

    /// The memory that it is a part of.
    pub(crate) fn memory(self) -> &'a dyn DmaMemory {
        self.memory
    }

    /// Its words, if it is aligned to words.
    pub(crate) fn words(self) -> Option<&'a [AtomicU64]> {
        if !self.from.is_multiple_of(8) {
            return None;
        }
        self.words
            .get(self.from / 8..(self.from + self.len).div_ceil(8))
    }
}

pub(crate) fn zeroed(words: usize) -> Vec<AtomicU64> {
    (0..words).map(|_| AtomicU64::new(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering::Relaxed;

    fn attach(map: &mut MemoryMap, words: usize, bits: u32) -> DmaAddr {
        map.attach(Arc::new(zeroed(words)), 4096, bits).unwrap()
    }

    #[test]
    fn regions_with_64_bit_addresses_are_above_4_gib_and_not_adjacent() {
        let mut map = MemoryMap::new();
        let bases: Vec<u64> = (0..5).map(|_| attach(&mut map, 512, 64).0).collect();
        for pair in bases.windows(2) {
            assert!(pair[0] > u64::from(u32::MAX) && pair[0] + 4096 < pair[1]);
        }
        for base in bases {
            assert!(map.find(base & 0xffff_ffff, 8).is_none());
            assert!(map.find(base, 4096).is_some());
            assert!(map.find(base, 4097).is_none());
            assert!(map.find(base + 4089, 8).is_none());
            assert!(map.find(base - 1, 1).is_none());
        }
    }

    #[test]
    fn regions_are_aligned_exactly_as_requested() {
        let mut map = MemoryMap::new();
        for align in [8, 16, 128, 256, 4096, 2 << 20] {
            let base = map.attach(Arc::new(zeroed(1)), align, 64).unwrap().0;
            assert_eq!(base % (2 * align), align, "{base:#x}");
        }
    }

    #[test]
    fn without_low_memory_only_short_addresses_fail() {
        let mut map = MemoryMap::new();
        map.use_up_low();
        assert!(map.attach(Arc::new(zeroed(1)), 8, 32).is_none());
        assert!(map.attach(Arc::new(zeroed(1)), 8, 64).is_some());
    }

    #[test]
    fn short_addresses_get_memory_below_4_gib_or_none() {
        let mut map = MemoryMap::new();
        assert!(attach(&mut map, 512, 32).0 < 1 << 32);
        assert!(map.attach(Arc::new(zeroed(1 << 16)), 8, 20).is_none());
        assert!(attach(&mut map, 512, 36).0 > 1 << 32);
    }

    #[test]
    fn a_detached_region_is_unmapped_and_its_address_not_reused() {
        let mut map = MemoryMap::new();
        let first = attach(&mut map, 512, 64);
        map.find(first.0, 8).unwrap().store(&[1; 8]);
        map.detach(first);
        assert!(map.find(first.0, 8).is_none());
        assert_ne!(attach(&mut map, 512, 64), first);
    }

    #[test]
    fn a_region_at_a_given_address_must_not_overlap() {
        let mut map = MemoryMap::new();
        let mut at = |base| map.attach_at(Arc::new(zeroed(512)), DmaAddr(base));
        assert!(at(0x10_0000) && at(0x10_2000) && at(0x10_1000));
        for taken in [0x10_0000, 0x0f_f008, 0x10_2ff8, 0x10_0ff8, u64::MAX - 8] {
            assert!(!at(taken));
        }
        assert!(map.find(0x10_1ff8, 8).is_some() && map.find(0x10_1ffc, 8).is_none());
    }

    #[test]
    fn a_stretch_is_limited_to_its_bytes() {
        let mut map = MemoryMap::new();
        let base = attach(&mut map, 4, 64).0;
        map.find(base + 9, 4).unwrap().store(&[1, 2, 3, 4]);
        let mut out = Vec::new();
        map.find(base + 8, 6).unwrap().load(&mut out);
        assert_eq!(out, [0, 1, 2, 3, 4, 0]);
        let words = map.find(base + 8, 8).unwrap().words().unwrap();
        assert_eq!(words.len(), 1);
        assert_eq!(words[0].load(Relaxed), 0x04_0302_0100);
        assert!(map.find(base + 9, 4).unwrap().words().is_none());
    }
}
