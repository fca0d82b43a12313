//! Write-backs: at once, or delayed and reordered by an injected fault.

use std::collections::VecDeque;
use std::sync::atomic::{
    AtomicU64,
    Ordering::{Relaxed, Release},
};

use super::codec::{Touches, Words};
use crate::defect::Defects;
use crate::memory::{DmaMemory, MemoryMap};
use crate::violations::RingName;

/// Write-backs that an injected fault delays.
#[derive(Debug, Default)]
pub(crate) struct WriteBacks {
    held: VecDeque<Held>,
    /// The write-back that happens only after the fault is removed.
    withheld: Option<Held>,
    /// Steps made, the clock of `DoneLate`.
    now: u64,
}

#[derive(Debug)]
struct Held {
    due: u64,
    address: u64,
    what: What,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Descriptor(Words, Touches),
    Head(u32),
}

/// The descriptors of a ring.
#[derive(Clone, Copy)]
pub(crate) struct Descriptors<'a> {
    pub(crate) ring: RingName,
    pub(crate) base: u64,
    pub(crate) words: &'a [AtomicU64],
    pub(crate) memory: &'a dyn DmaMemory,
    /// The number of descriptors; `None` if an end mark ends the ring.
    pub(crate) count: Option<u32>,
}

impl Descriptors<'_> {
    /// Both words of a descriptor, the one at `guard` loaded first; zeros past the end of memory.
    #[inline]
    pub(crate) fn load(&self, index: u32, guard: usize) -> Words {
        use std::sync::atomic::Ordering::Acquire;
        let at = index as usize * 2;
        let Some(descriptor) = self.words.get(at..at + 2) else {
            return 0;
        };
        // Acquire: after the owner bit, the rest of the descriptor is visible, too.
        let first = Words::from(descriptor[guard].load(Acquire));
        let second = Words::from(descriptor[1 - guard].load(Relaxed));
        first << (64 * guard) | second << (64 * (1 - guard))
    }
}

impl WriteBacks {
    /// Writes a descriptor back, the word with the done bit last.
    #[inline]
    pub(crate) fn put(
        &mut self,
        ring: Descriptors<'_>,
        index: u32,
        words: Words,
        touches: Touches,
        defects: &Defects,
    ) {
        if defects.delays() || defects.withholds.is_some() || !self.held.is_empty() {
            let address = ring.base + u64::from(index) * 16;
            let withheld = defects.withholds == Some(ring.ring.direction);
            self.hold(address, What::Descriptor(words, touches), defects, withheld);
            return;
        }
        let at = index as usize * 2;
        if let Some([first, second]) = ring.words.get(at..at + 2) {
            store([first, second], words, touches);
        }
    }

    /// Writes a head to the word at `address`.
    pub(crate) fn put_head(
        &mut self,
        address: u64,
        head: u32,
        memory: &MemoryMap,
        defects: &Defects,
    ) {
        if defects.delays() || !self.held.is_empty() {
            self.hold(address, What::Head(head), defects, false);
        } else {
            store_head(address, head, memory);
        }
    }

    #[cold]
    fn hold(&mut self, address: u64, what: What, defects: &Defects, withhold: bool) {
        let held = Held {
            due: self.now + u64::from(defects.late),
            address,
            what,
        };
        if withhold && self.withheld.is_none() {
            self.withheld = Some(held);
        } else {
            self.held.push_back(held);
        }
    }

    /// Advances by one step. Returns whether anything was written back or is still delayed.
    pub(crate) fn step(&mut self, memory: &MemoryMap, defects: &Defects) -> bool {
        self.now += 1;
        if defects.withholds.is_none()
            && let Some(withheld) = self.withheld.take()
        {
            withheld.write(memory);
        }
        let waited = !self.held.is_empty();
        if defects.out_of_order {
            if let Some(newest) = self.held.pop_back() {
                newest.write(memory);
            }
        } else {
            while let Some(oldest) = self.held.pop_front_if(|held| held.due <= self.now) {
                oldest.write(memory);
            }
        }
        waited
    }

    pub(crate) fn clear(&mut self) {
        self.held.clear();
        self.withheld = None;
    }
}

impl Held {
    fn write(&self, memory: &MemoryMap) {
        match self.what {
            What::Head(head) => store_head(self.address, head, memory),
            What::Descriptor(words, touches) => {
                let found = memory
                    .find(self.address, 16)
                    .and_then(|found| found.words());
                if let Some([first, second]) = found {
                    store([first, second], words, touches);
                }
            }
        }
    }
}

#[inline]
fn store(descriptor: [&AtomicU64; 2], words: Words, touches: Touches) {
    let (done, other) = (touches.done, 1 - touches.done);
    let word = |at: usize| (words >> (64 * at)) as u64;
    if touches.word[other] {
        descriptor[other].store(word(other), Relaxed);
    }
    // Release: after the done bit, all earlier writes are visible.
    descriptor[done].store(word(done), Release);
}

/// Writes 32 bits; the other half of the word is unchanged.
fn store_head(address: u64, head: u32, memory: &MemoryMap) {
    let found = memory.find(address & !7, 8).and_then(|found| found.words());
    if let Some([word]) = found {
        let shift = (address & 4) * 8;
        let (mask, value) = (0xffff_ffff << shift, u64::from(head) << shift);
        // The closure always returns a value, so the update cannot fail.
        let _ = word.fetch_update(Release, Relaxed, |old| Some(old & !mask | value));
    }
}
