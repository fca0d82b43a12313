//! Memories: a region with a pool of buffers and the client rings on it.

mod buffer;
mod contents;
mod pool;
mod ring;

use std::fmt;
use std::sync::Arc;

use netmap_core::{BufIdx, Direction, DmaAddr, LinearPool};

pub use buffer::Buffer;
pub use contents::Contents;
pub use ring::Ring;

use crate::{Error, Region, Result};
use pool::BufferPool;

/// Bytes of one buffer.
pub const BUFFER_SIZE: u32 = 1 << BUFFER_SHIFT;
const BUFFER_SHIFT: u32 = 11;

/// Room that [`Memory::create`] leaves for descriptor rings.
const FOR_DESCRIPTORS: usize = 4 << 20;

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
    /// A memory with `buffers` buffers, two of which are reserved, on a new region that also has room for the
    /// descriptor rings of several ports.
    ///
    /// # Errors
    /// The system has not enough memory.
    pub fn create(buffers: u32) -> Result<Memory> {
        let used = (4 << 20) + FOR_DESCRIPTORS + ((buffers as usize) << BUFFER_SHIFT);
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
    pub fn free_buffers(&self) -> usize {
        self.0.free()
    }

    /// A buffer in no ring.
    ///
    /// # Errors
    /// None is left.
    pub fn buffer(&self) -> Result<Buffer> {
        let index = self.0.take(1)?[0];
        Ok(Buffer::new(self.clone(), index))
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

    /// The contents of a buffer, if its index is in range.
    pub(crate) fn contents(&self, index: BufIdx) -> Result<Contents<'_>> {
        let contents = self.0.contents(index);
        contents.ok_or(Error::NoSuchBuffer { index: index.0 })
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("path", &self.region().path())
            .field("buffers", &self.buffers())
            .field("free", &self.free_buffers())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netmap_core::Pool as _;

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
        // A client that corrupts its ring at worst loses buffers; no buffer gets two owners.
        use netmap_core::RingMemory as _;
        ring.slots()[0].set_buffer(BufIdx(u32::MAX));
        ring.slots()[1].set_buffer(BufIdx(0));
        let twice = ring.slots()[3].buffer();
        ring.slots()[2].set_buffer(twice);
        drop(ring);
        assert_eq!(memory.free_buffers(), 4);
        drop(buffer);
        assert_eq!(memory.free_buffers(), 5);
    }
}
