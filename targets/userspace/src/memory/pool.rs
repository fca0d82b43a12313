//! The buffers of a memory, and to whom each belongs.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, Weak};

use netmap_core::{BufIdx, SlotCell};

use super::ring::Shared;
use super::{BUFFER_SHIFT, BUFFER_SIZE, Contents};
use crate::{Block, Error, Region, Result, lock};

/// Buffers 0 and 1 never belong to a client.
pub(super) const RESERVED: u32 = 2;
const PAGE: usize = 4096;

/// A ring or a handle; no two of a pool are the same, ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owner(u64);

/// The owner of free buffers.
const FREE: Owner = Owner(0);

/// A region with consecutive buffers in one block.
///
/// Every buffer has one owner, so none is freed twice or while someone else has it, whatever a client writes into slots.
/// What a client moves between slots of different rings by itself changes no owner: when a ring goes, its buffers in
/// slots of other rings become theirs, and those of others in its slots stay theirs.
pub(super) struct BufferPool {
    pub(super) region: Arc<Region>,
    block: Block,
    pub(super) count: u32,
    /// The owner of each buffer. Only its owner gives a buffer away, so no other thread changes the entry meanwhile;
    /// everything else happens with `state` locked.
    owners: Vec<AtomicU64>,
    state: Mutex<State>,
}

struct State {
    /// Free buffers.
    stack: Vec<BufIdx>,
    /// Rings that may be alive.
    rings: Vec<(Owner, Weak<Shared>)>,
    owners: u64,
}

impl BufferPool {
    pub(super) fn new(region: Arc<Region>, count: u32) -> Result<BufferPool> {
        // No block is empty.
        let bytes = (count.max(RESERVED) as usize) << BUFFER_SHIFT;
        let block = region
            .allocate_as_it_is(bytes, PAGE)
            .ok_or(Error::RegionFull {
                what: "buffers",
                bytes,
            })?;
        Ok(BufferPool {
            region,
            block,
            count,
            owners: (0..count).map(|_| AtomicU64::new(FREE.0)).collect(),
            state: Mutex::new(State {
                // The lowest index is on top.
                stack: (RESERVED..count).rev().map(BufIdx).collect(),
                rings: Vec::new(),
                owners: FREE.0,
            }),
        })
    }

    /// Bytes from the start of the region's file to buffer 0.
    pub(super) fn offset(&self) -> usize {
        self.block.offset()
    }

    pub(super) fn free(&self) -> u32 {
        lock(&self.state).stack.len() as u32
    }

    /// Allocates `wanted` buffers for a new owner, or none.
    pub(super) fn take(&self, wanted: u32) -> Result<(Owner, Vec<BufIdx>)> {
        let mut state = lock(&self.state);
        let Some(rest) = state.stack.len().checked_sub(wanted as usize) else {
            return Err(Error::NoBuffers {
                wanted,
                count: self.count,
            });
        };
        state.owners += 1;
        let owner = Owner(state.owners);
        let mut taken = state.stack.split_off(rest);
        taken.reverse();
        for &index in &taken {
            self.set_owner(index, owner);
        }
        Ok((owner, taken))
    }

    /// Frees a buffer if it belongs to `owner`.
    pub(super) fn give(&self, owner: Owner, index: BufIdx) {
        self.free_of(&mut lock(&self.state), owner, index);
    }

    /// Registers a ring, whose slots have the buffers of `owner`.
    pub(super) fn add_ring(&self, owner: Owner, ring: Weak<Shared>) {
        let mut state = lock(&self.state);
        state.rings.retain(|(_, ring)| ring.strong_count() > 0);
        state.rings.push((owner, ring));
    }

    /// Frees the buffers of a ring that goes, with these slots.
    pub(super) fn remove_ring(&self, owner: Owner, slots: &[SlotCell]) {
        let mut state = lock(&self.state);
        for slot in slots {
            self.free_of(&mut state, owner, slot.buffer());
        }
        // What is left is in no slot of the ring: a client has moved it to another ring, or has overwritten its index.
        let is_left = |&index: &BufIdx| self.owner(index) == Some(owner);
        let mut left: Vec<BufIdx> = (RESERVED..self.count).map(BufIdx).filter(is_left).collect();
        let mut others = Vec::new();
        if !left.is_empty() {
            let all = state.rings.iter();
            others.extend(all.filter_map(|(other, ring)| Some((*other, ring.upgrade()?))));
        }
        for (other, ring) in &others {
            for slot in ring.slots() {
                if let Some(at) = left.iter().position(|&index| index == slot.buffer()) {
                    self.set_owner(left.swap_remove(at), *other);
                }
            }
        }
        for index in left {
            self.free_of(&mut state, owner, index);
        }
        drop(state);
        // If such a ring was released meanwhile, this removes it.
        drop(others);
    }

    /// Exchanges the buffers of two slots, each with its owner.
    pub(super) fn swap(&self, one: (Owner, &SlotCell), other: (Owner, &SlotCell)) {
        let (first, second) = (one.1.buffer(), other.1.buffer());
        let exchange = || {
            one.1.set_buffer(second);
            other.1.set_buffer(first);
        };
        if self.owner(first) == Some(one.0) && self.owner(second) == Some(other.0) {
            self.set_owner(first, other.0);
            self.set_owner(second, one.0);
            exchange();
        } else {
            // A client wrote one of the indexes. Meanwhile no ring may look for it.
            let _state = lock(&self.state);
            exchange();
        }
    }

    /// Puts the buffer `index` of `owner` into a slot of `ring`, and returns the slot's own, which then belongs to
    /// `owner`. `None`, without a change, if the slot's is not the ring's.
    pub(super) fn replace(
        &self,
        (owner, index): (Owner, BufIdx),
        (ring, slot): (Owner, &SlotCell),
    ) -> Option<BufIdx> {
        let theirs = slot.buffer();
        if self.owner(theirs) != Some(ring) {
            return None;
        }
        self.set_owner(theirs, owner);
        self.set_owner(index, ring);
        slot.set_buffer(index);
        Some(theirs)
    }

    pub(super) fn contents(&self, index: BufIdx) -> Option<Contents<'_>> {
        if index.0 < RESERVED || index.0 >= self.count {
            return None;
        }
        let words = (BUFFER_SIZE / 8) as usize;
        let first = index.0 as usize * words;
        Some(Contents::new(self.block.words().get(first..first + words)?))
    }

    /// To whom a buffer belongs; `None` for an index out of range.
    fn owner(&self, index: BufIdx) -> Option<Owner> {
        let owner = self.owners.get(index.0 as usize)?;
        Some(Owner(owner.load(Relaxed)))
    }

    fn set_owner(&self, index: BufIdx, owner: Owner) {
        if let Some(entry) = self.owners.get(index.0 as usize) {
            entry.store(owner.0, Relaxed);
        }
    }

    fn free_of(&self, state: &mut State, owner: Owner, index: BufIdx) {
        if self.owner(index) == Some(owner) {
            self.set_owner(index, FREE);
            state.stack.push(index);
        }
    }
}
