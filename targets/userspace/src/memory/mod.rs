//! Memories: a region with a pool of buffers and the client rings on it.

mod buffer;
mod contents;
mod pool;
mod ring;

use std::fmt;
use std::sync::Arc;

use netmap_core::{BufIdx, Direction, DmaAddr, LinearPool, SlotCell};

pub use buffer::Buffer;
pub use contents::Contents;
pub use ring::Ring;

use crate::{Error, PortConfig, Region, Result};
use pool::BufferPool;

/// Bytes of one buffer.
pub const BUFFER_SIZE: u32 = 1 << BUFFER_SHIFT;
const BUFFER_SHIFT: u32 = 11;

/// Bytes of the descriptor of a slot.
const DESCRIPTOR: usize = 16;
/// Room that [`Memory::create`] leaves for other memory of devices, besides a descriptor for each buffer.
const FOR_DEVICES: usize = 4 << 20;

/// A region with a pool of buffers (netmap's memory id). Clones are the same memory.
///
/// Ports open *on* a memory. Rings on the same memory may exchange buffers without copying.
///
/// ```
/// use netmap_userspace::Memory;
///
/// let memory = Memory::create(64)?;
/// let buffer = memory.buffer()?;
/// buffer.contents().write(0, b"hello");
/// assert_eq!(buffer.contents().to_vec(0, 5), b"hello");
/// # Ok::<(), netmap_userspace::Error>(())
/// ```
#[derive(Clone)]
pub struct Memory(Arc<BufferPool>);

impl Memory {
    /// Most buffers of a memory: 32 GiB.
    pub const BUFFERS_MAX: u32 = 1 << 24;

    /// A memory for ports of these configurations.
    ///
    /// Check the configurations first ([`PortName::check`](crate::PortName::check)): memory is used at once.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn for_ports<'a>(configs: impl IntoIterator<Item = &'a PortConfig>) -> Result<Memory> {
        let buffers = configs.into_iter().map(PortConfig::buffers);
        Memory::create(buffers.fold(pool::RESERVED, u32::saturating_add))
    }

    /// A memory with `buffers` buffers, two of which are reserved, on a new region that also has room for the
    /// descriptor rings of several ports.
    ///
    /// # Errors
    /// `buffers` is more than [`BUFFERS_MAX`](Self::BUFFERS_MAX), or the system has not enough memory. No memory is used
    /// in that case.
    pub fn create(buffers: u32) -> Result<Memory> {
        if buffers > Memory::BUFFERS_MAX {
            let most = Memory::BUFFERS_MAX;
            return Err(Error::TooManyBuffers { most });
        }
        let each = BUFFER_SIZE as usize + DESCRIPTOR;
        let used = (4 << 20) + FOR_DEVICES + buffers as usize * each;
        Memory::on(Region::create(used + used / 15)?, buffers)
    }

    /// A memory with `buffers` buffers on `region`.
    ///
    /// # Errors
    /// The region has no room for them.
    pub fn on(region: Arc<Region>, buffers: u32) -> Result<Memory> {
        Ok(Memory(Arc::new(BufferPool::new(region, buffers)?)))
    }

    /// The region.
    pub fn region(&self) -> &Arc<Region> {
        &self.0.region
    }

    /// Buffers of the pool, including the two reserved ones.
    pub fn buffers(&self) -> u32 {
        self.0.count
    }

    /// Buffers that are in no ring and no [`Buffer`].
    pub fn free_buffers(&self) -> u32 {
        self.0.free()
    }

    /// A buffer in no ring, with the contents that a previous owner left there.
    ///
    /// # Errors
    /// None is left.
    pub fn buffer(&self) -> Result<Buffer> {
        let (owner, taken) = self.0.take(1)?;
        Ok(Buffer::new(self.clone(), owner, taken[0]))
    }

    /// A client ring of `slots` slots, each with its own buffer.
    ///
    /// # Errors
    /// The region has no room for the ring, or the pool no buffers.
    pub fn ring(&self, slots: u32, ringid: u16, direction: Direction) -> Result<Ring> {
        Ring::new(self, slots, ringid, direction)
    }

    /// The pool for a device that has the region's first byte at `base`.
    ///
    /// # Errors
    /// The pool's end exceeds 64-bit addresses.
    pub fn pool_at(&self, base: DmaAddr) -> Result<LinearPool> {
        let count = self.buffers();
        base.0
            .checked_add(self.0.offset() as u64)
            .and_then(|first| LinearPool::new(DmaAddr(first), count))
            .ok_or(Error::RegionFull {
                what: "buffers within 64-bit addresses",
                bytes: (count as usize) << BUFFER_SHIFT,
            })
    }

    /// Whether `other` is the same memory.
    pub fn is(&self, other: &Memory) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Exchanges the buffers of two slots, each with its ring, which are of this memory.
    pub(crate) fn swap(&self, one: (&Ring, &SlotCell), other: (&Ring, &SlotCell)) {
        self.0
            .swap((one.0.owner(), one.1), (other.0.owner(), other.1));
    }

    /// The contents of a buffer, if its index is in range.
    pub(crate) fn contents(&self, index: BufIdx) -> Result<Contents<'_>> {
        let contents = self.0.contents(index);
        contents.ok_or(Error::NoSuchBuffer { index: index.0 })
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("bytes", &self.region().bytes())
            .field("buffers", &self.buffers())
            .field("free", &self.free_buffers())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netmap_core::{Pool as _, RingMemory as _};
    use proptest::prelude::*;

    #[test]
    fn a_device_accesses_the_buffers_of_the_memory() {
        let memory = Memory::create(8).unwrap();
        let base = 0x1_0000_0000;
        let pool = memory.pool_at(DmaAddr(base)).unwrap();
        let buffer = memory.buffer().unwrap();
        buffer.contents().write(0, &[0x5a; 8]);
        let at = pool.dma(buffer.index()).unwrap().0 - base;
        let word =
            memory.region().words()[at as usize / 8].load(std::sync::atomic::Ordering::Relaxed);
        assert_eq!(word, 0x5a5a_5a5a_5a5a_5a5a);
    }

    #[test]
    fn buffers_are_freed_by_handles_and_rings_exactly_once() {
        let memory = Memory::create(10).unwrap();
        assert_eq!(memory.free_buffers(), 8);
        let ring = memory.ring(5, 0, Direction::Rx).unwrap();
        let buffer = memory.buffer().unwrap();
        assert_eq!(memory.free_buffers(), 2);
        assert!(matches!(
            memory.ring(3, 1, Direction::Rx),
            Err(Error::NoBuffers { wanted: 3, .. })
        ));
        // Whatever a client writes into its slots, the ring has its buffers and no others.
        let slots = ring.slots();
        slots[0].set_buffer(BufIdx(u32::MAX));
        slots[1].set_buffer(BufIdx(0));
        slots[2].set_buffer(slots[3].buffer());
        slots[4].set_buffer(buffer.index());
        drop(ring);
        assert_eq!(memory.free_buffers(), 7);
        drop(buffer);
        assert_eq!(memory.free_buffers(), 8);
    }

    #[test]
    fn a_ring_that_goes_leaves_buffers_that_a_client_swapped_into_another_ring() {
        for first in [0, 1] {
            let memory = Memory::create(10).unwrap();
            let mut rings = [0, 1].map(|id| Some(memory.ring(4, id, Direction::Rx).unwrap()));
            let slot = |ring: usize| &rings[ring].as_ref().unwrap().slots()[2];
            let indexes = [slot(0), slot(1)].map(SlotCell::buffer);
            slot(0).set_buffer(indexes[1]);
            slot(1).set_buffer(indexes[0]);
            rings[first] = None;
            // The buffer in the other ring's slot is not free, and neither is the one that this ring gave away.
            assert_eq!(memory.free_buffers(), 3);
            let all: Vec<Buffer> = (0..3).map(|_| memory.buffer().unwrap()).collect();
            let kept = rings[1 - first].as_ref().unwrap().slots();
            let is_kept = |buffer: &Buffer| kept.iter().any(|slot| slot.buffer() == buffer.index());
            assert!(!all.iter().any(is_kept));
            drop(all);
            rings[1 - first] = None;
            assert_eq!(memory.free_buffers(), 8);
        }
    }

    #[test]
    fn a_handle_takes_no_buffer_of_another_owner() {
        let memory = Memory::create(10).unwrap();
        let ring = memory.ring(2, 0, Direction::Rx).unwrap();
        let mut buffer = memory.buffer().unwrap();
        let other = memory.buffer().unwrap();
        let own = ring.slots()[0].buffer();
        for index in [other.index(), buffer.index()] {
            ring.slots()[0].set_buffer(index);
            let refused = buffer.exchange(&ring, &ring.slots()[0]);
            assert!(
                matches!(refused, Err(Error::OthersBuffer { index: named }) if named == index.0)
            );
        }
        ring.slots()[0].set_buffer(BufIdx(1));
        let refused = buffer.exchange(&ring, &ring.slots()[0]);
        assert!(matches!(refused, Err(Error::NoSuchBuffer { index: 1 })));
        ring.slots()[0].set_buffer(own);
        buffer.exchange(&ring, &ring.slots()[0]).unwrap();
        assert_eq!(buffer.index(), own);
    }

    /// What a program or a client does with the buffers of a memory.
    #[derive(Debug, Clone)]
    enum Act {
        Ring(u32),
        DropRing(usize),
        Take,
        Give(usize),
        /// Exchanges two slots, or a handle's buffer with that of a slot.
        Swap((usize, usize), (usize, usize)),
        Keep(usize, (usize, usize)),
        /// A client writes any index, or one that it has seen in a slot.
        Write((usize, usize), u32),
        Copy((usize, usize), (usize, usize)),
    }

    fn act() -> impl Strategy<Value = Act> {
        let slot = || (0..8usize, 0..6usize);
        prop_oneof![
            1 => (1..6u32).prop_map(Act::Ring),
            1 => (0..8usize).prop_map(Act::DropRing),
            1 => Just(Act::Take),
            1 => (0..8usize).prop_map(Act::Give),
            3 => (slot(), slot()).prop_map(|(one, other)| Act::Swap(one, other)),
            2 => (0..8usize, slot()).prop_map(|(buffer, slot)| Act::Keep(buffer, slot)),
            1 => (slot(), 0..32u32).prop_map(|(slot, index)| Act::Write(slot, index)),
            1 => (slot(), slot()).prop_map(|(from, to)| Act::Copy(from, to)),
        ]
    }

    proptest! {
        #[test]
        fn a_buffer_has_one_owner_and_none_is_lost(acts in prop::collection::vec(act(), 1..60)) {
            let memory = Memory::create(30).unwrap();
            let (mut rings, mut buffers) = (Vec::<Ring>::new(), Vec::<Buffer>::new());
            for act in acts {
                let pick = |(ring, slot): (usize, usize)| {
                    let ring = rings.get(ring % rings.len().max(1))?;
                    Some((ring, &ring.slots()[slot % ring.slots().len()]))
                };
                match act {
                    Act::Ring(slots) => rings.extend(memory.ring(slots, 0, Direction::Rx)),
                    Act::DropRing(at) if at < rings.len() => drop(rings.remove(at)),
                    Act::Take => buffers.extend(memory.buffer()),
                    Act::Give(at) if at < buffers.len() => drop(buffers.remove(at)),
                    Act::Swap(one, other) => {
                        if let (Some(one), Some(other)) = (pick(one), pick(other)) {
                            memory.swap(one, other);
                        }
                    }
                    Act::Keep(at, slot) => {
                        if let (Some(buffer), Some((ring, slot))) = (buffers.get_mut(at), pick(slot)) {
                            let _ = buffer.exchange(ring, slot);
                        }
                    }
                    Act::Write(slot, index) => {
                        if let Some((_, slot)) = pick(slot) {
                            slot.set_buffer(BufIdx(index));
                        }
                    }
                    Act::Copy(from, to) => {
                        if let (Some((_, from)), Some((_, to))) = (pick(from), pick(to)) {
                            to.set_buffer(from.buffer());
                        }
                    }
                    Act::DropRing(_) | Act::Give(_) => {}
                }
                let slots: usize = rings.iter().map(|ring| ring.slots().len()).sum();
                prop_assert!(memory.free_buffers() as usize + slots + buffers.len() <= 28);
                // No two handles have one buffer, even those that were free.
                let mut all: Vec<Buffer> = Vec::new();
                while let Ok(buffer) = memory.buffer() {
                    all.push(buffer);
                }
                let mut indexes: Vec<u32> = all.iter().chain(&buffers).map(|buffer| buffer.index().0).collect();
                indexes.sort_unstable();
                let count = indexes.len();
                indexes.dedup();
                prop_assert_eq!(indexes.len(), count);
            }
            drop((rings, buffers));
            prop_assert_eq!(memory.free_buffers(), 28);
        }
    }
}
