//! Buffers that are in no ring.

use std::fmt;

use netmap_core::{BufIdx, SlotCell};

use super::pool::Owner;
use super::{Contents, Memory, Ring};
use crate::{Error, Result};

/// A buffer in no ring; it returns to its pool when dropped.
///
/// Exchange it for a slot's with [`TxSlot::swap_buffer`](crate::TxSlot::swap_buffer) or
/// [`Frame::swap_buffer`](crate::Frame::swap_buffer), to keep a received frame or to send a prepared one.
pub struct Buffer {
    memory: Memory,
    owner: Owner,
    index: BufIdx,
}

impl Buffer {
    pub(super) fn new(memory: Memory, owner: Owner, index: BufIdx) -> Buffer {
        Buffer {
            memory,
            owner,
            index,
        }
    }

    /// The memory of the buffer.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The buffer's index in its pool.
    pub fn index(&self) -> BufIdx {
        self.index
    }

    /// Its contents.
    pub fn contents(&self) -> Contents<'_> {
        self.memory
            .contents(self.index)
            .expect("a handle's index is in its pool")
    }

    /// Exchanges this buffer with that of `slot`, a slot of `ring`.
    pub(crate) fn exchange(&mut self, ring: &Ring, slot: &SlotCell) -> Result<()> {
        if !self.memory.is(ring.memory()) {
            return Err(Error::OtherMemory);
        }
        let pool = &self.memory.0;
        let theirs = pool.replace((self.owner, self.index), (ring.owner(), slot));
        let Some(theirs) = theirs else {
            let index = slot.buffer();
            self.memory.contents(index)?;
            return Err(Error::OthersBuffer { index: index.0 });
        };
        self.index = theirs;
        Ok(())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.memory.0.give(self.owner, self.index);
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Buffer").field(&self.index.0).finish()
    }
}
