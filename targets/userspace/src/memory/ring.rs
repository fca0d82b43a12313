//! Client rings in netmap's layout: the header, followed by the slots.

use std::fmt;
use std::slice;
use std::sync::Arc;

use netmap_core::abi::RingHeader;
use netmap_core::{Direction, RingMemory, SlotCell};

use super::pool::Owner;
use super::{BUFFER_SIZE, Memory};
use crate::region::Extent;
use crate::{Error, Result};

/// A client ring: `struct netmap_ring` with its slots. Clones are the same ring; dropping the last one frees its
/// buffers. If a slot then names a buffer of another ring or of a [`Buffer`](super::Buffer), that buffer is left alone.
///
/// The layout is that of netmap's API 14, including `buf_ofs`, so a C client that maps the region can use netmap's
/// macros. (`buf_ofs` is negative: buffers are before the rings.)
#[derive(Clone)]
pub struct Ring(Arc<Shared>);

pub(super) struct Shared {
    memory: Memory,
    /// To whom the buffers of the slots belong.
    owner: Owner,
    block: Extent,
    slots: usize,
}

const HEADER: usize = size_of::<RingHeader>();

impl Ring {
    pub(super) fn new(
        memory: &Memory,
        slots: u32,
        ringid: u16,
        direction: Direction,
    ) -> Result<Ring> {
        let count = slots as usize;
        let bytes = HEADER + count * size_of::<SlotCell>();
        let block = memory
            .region()
            .allocate_ring(bytes, align_of::<RingHeader>())
            .ok_or(Error::RegionFull {
                what: "a client ring",
                bytes,
            })?;
        let (owner, buffers) = memory.0.take(slots)?;

        let buf_ofs = memory.0.offset() as i64 - block.offset() as i64;
        let dir = u16::from(direction == Direction::Rx);
        let header = block.as_ptr().cast::<RingHeader>();
        // SAFETY: the block has at least `HEADER` bytes, aligned as requested; there are no references to them yet.
        unsafe { header.write(RingHeader::new(slots, BUFFER_SIZE, buf_ofs, ringid, dir)) };
        let first = block.as_ptr().wrapping_add(HEADER).cast::<SlotCell>();
        for i in 0..count {
            // SAFETY: slot `i` is within the block after the header, whose size is a multiple of its alignment, which
            // is larger than a slot's; there are no references to it yet.
            unsafe { first.wrapping_add(i).write(SlotCell::default()) };
        }

        let ring = Ring(Arc::new(Shared {
            memory: memory.clone(),
            owner,
            block,
            slots: count,
        }));
        for (slot, buffer) in ring.slots().iter().zip(buffers) {
            slot.set_buffer(buffer);
        }
        memory.0.add_ring(owner, Arc::downgrade(&ring.0));
        Ok(ring)
    }

    pub(super) fn owner(&self) -> Owner {
        self.0.owner
    }

    /// The memory of the ring.
    pub fn memory(&self) -> &Memory {
        &self.0.memory
    }

    /// Bytes from the start of the region's file.
    pub fn offset(&self) -> usize {
        self.0.block.offset()
    }
}

impl Shared {
    pub(super) fn slots(&self) -> &[SlotCell] {
        let first = self.block.as_ptr().wrapping_add(HEADER).cast();
        // SAFETY: `Ring::new` wrote `slots` slots there, and the block, which `self` owns, shares them with no one. All
        // accesses to a slot, by threads of this process or a client in another, are atomic.
        unsafe { slice::from_raw_parts(first, self.slots) }
    }
}

impl RingMemory for Ring {
    fn header(&self) -> &RingHeader {
        // SAFETY: `Ring::new` wrote it there, and the block, which `self` owns, shares it with no one. All of it is
        // atomic, so a client in another process may write any of it.
        unsafe { &*self.0.block.as_ptr().cast() }
    }

    fn slots(&self) -> &[SlotCell] {
        self.0.slots()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.memory.0.remove_ring(self.owner, self.slots());
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = self.header();
        f.debug_struct("Ring")
            .field("ringid", &header.ringid)
            .field("dir", &header.dir)
            .field("slots", &self.0.slots)
            .field("head", &header.head)
            .field("cur", &header.cur)
            .field("tail", &header.tail)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netmap_core::BufIdx;

    /// Computes the same as netmap's macros in a C client.
    #[test]
    fn the_macros_of_netmap_find_slots_and_buffers() {
        let memory = Memory::create(32).unwrap();
        let ring = memory.ring(8, 3, Direction::Tx).unwrap();
        let file = std::fs::read(memory.region().path()).unwrap();
        let word32 = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
        let at = ring.offset();

        let buf_ofs = i64::from_le_bytes(file[at..at + 8].try_into().unwrap());
        assert_eq!((word32(at + 8), word32(at + 12)), (8, BUFFER_SIZE));
        assert_eq!(word32(at + 16), 3);

        let buffers: Vec<u32> = (0..8).map(|i| word32(at + 256 + 16 * i)).collect();
        for (slot, &buffer) in ring.slots().iter().zip(&buffers) {
            assert_eq!(slot.buffer(), BufIdx(buffer));
            let text = format!("buffer {buffer}");
            memory
                .contents(BufIdx(buffer))
                .unwrap()
                .write(0, text.as_bytes());
            let file = std::fs::read(memory.region().path()).unwrap();
            let found = (at as i64 + buf_ofs + i64::from(buffer * BUFFER_SIZE)) as usize;
            assert_eq!(&file[found..found + text.len()], text.as_bytes());
        }
    }
}
