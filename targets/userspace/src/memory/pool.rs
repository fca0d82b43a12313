//! The buffers of a memory and the free ones among them.

use std::sync::{Arc, Mutex};

use netmap_core::BufIdx;

use super::{BUFFER_SHIFT, BUFFER_SIZE, Contents};
use crate::{Block, Error, Region, Result, lock};

/// Buffers 0 and 1 never belong to a client.
const RESERVED: u32 = 2;
const PAGE: usize = 4096;

/// A region with consecutive buffers in one block.
pub(super) struct BufferPool {
    pub(super) region: Arc<Region>,
    block: Block,
    pub(super) count: u32,
    free: Mutex<Free>,
}

/// The free buffers, each once: `is_free` guards against an index that a corrupt ring returns twice.
struct Free {
    stack: Vec<BufIdx>,
    is_free: Vec<bool>,
}

impl BufferPool {
    pub(super) fn new(region: Arc<Region>, count: u32) -> Result<BufferPool> {
        let bytes = (count as usize) << BUFFER_SHIFT;
        let block = region.allocate(bytes, PAGE).ok_or(Error::RegionFull {
            what: "buffers",
            bytes,
        })?;
        Ok(BufferPool {
            region,
            block,
            count,
            free: Mutex::new(Free {
                // The lowest index is on top.
                stack: (RESERVED..count).rev().map(BufIdx).collect(),
                is_free: (0..count).map(|index| index >= RESERVED).collect(),
            }),
        })
    }

    /// Bytes from the start of the region's file to buffer 0.
    pub(super) fn offset(&self) -> usize {
        self.block.offset()
    }

    pub(super) fn free(&self) -> usize {
        lock(&self.free).stack.len()
    }

    /// Allocates `wanted` buffers, or none.
    pub(super) fn take(&self, wanted: usize) -> Result<Vec<BufIdx>> {
        let mut free = lock(&self.free);
        let Some(rest) = free.stack.len().checked_sub(wanted) else {
            return Err(Error::NoBuffers {
                wanted,
                count: self.count,
            });
        };
        let mut taken = free.stack.split_off(rest);
        taken.reverse();
        for index in &taken {
            free.is_free[index.0 as usize] = false;
        }
        Ok(taken)
    }

    /// Frees a buffer; ignores an index that is out of range or already free.
    pub(super) fn give(&self, index: BufIdx) {
        let mut free = lock(&self.free);
        if index.0 >= RESERVED
            && let Some(is_free @ false) = free.is_free.get_mut(index.0 as usize)
        {
            *is_free = true;
            free.stack.push(index);
        }
    }

    pub(super) fn contents(&self, index: BufIdx) -> Option<Contents<'_>> {
        if index.0 < RESERVED || index.0 >= self.count {
            return None;
        }
        let words = (BUFFER_SIZE / 8) as usize;
        let first = index.0 as usize * words;
        Some(Contents::new(self.block.words().get(first..first + words)?))
    }
}
