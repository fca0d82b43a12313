//! Buffers that are in no ring.

use std::fmt;
use std::mem;

use netmap_core::{BufIdx, SlotCell};

use super::{Contents, Memory};
use crate::{Error, Result};

/// A buffer in no ring; it returns to its pool when dropped.
///
/// Exchange it for a slot's with [`TxSlot::swap_buffer`](crate::TxSlot::swap_buffer) or
/// [`Frame::swap_buffer`](crate::Frame::swap_buffer), to keep a received frame or to send a prepared one.
pub struct Buffer {
    memory: Memory,
    index: BufIdx,
}

impl Buffer {
    pub(super) fn new(memory: Memory, index: BufIdx) -> Buffer {
        Buffer { memory, index }
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

    /// Exchanges this buffer with that of `slot`, a slot of a ring of `memory`.
    pub(crate) fn exchange(&mut self, memory: &Memory, slot: &SlotCell) -> Result<()> {
        if !self.memory.is(memory) {
            return Err(Error::OtherMemory);
        }
        let theirs = slot.buffer();
        memory.contents(theirs)?;
        slot.set_buffer(mem::replace(&mut self.index, theirs));
        Ok(())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.memory.0.give(self.index);
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Buffer").field(&self.index.0).finish()
    }
}
