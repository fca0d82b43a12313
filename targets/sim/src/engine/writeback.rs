//! Write-backs: at once, or as late and in such an order as a defect wants.

use std::collections::VecDeque;
use std::sync::atomic::{
    AtomicU64,
    Ordering::{Relaxed, Release},
};

use super::codec::{Touches, Words};
use crate::defect::Defects;
use crate::memory::MemoryMap;

/// Write-backs that a defect holds up.
#[derive(Debug, Default)]
pub(crate) struct WriteBacks {
    held: VecDeque<Held>,
    /// Steps made, the clock of `DoneLate`.
    now: u64,
}

#[derive(Debug)]
struct Held {
    due: u64,
    address: u64,
    words: Words,
    touches: Touches,
}

impl WriteBacks {
    /// Writes a descriptor back, the word that says done last.
    #[inline]
    pub(crate) fn put(
        &mut self,
        ring: &[AtomicU64],
        base: u64,
        index: u32,
        words: Words,
        touches: Touches,
        defects: &Defects,
    ) {
        if defects.out_of_order || defects.late > 0 || !self.held.is_empty() {
            self.held.push_back(Held {
                due: self.now + u64::from(defects.late),
                address: base + u64::from(index) * 16,
                words,
                touches,
            });
            return;
        }
        let at = index as usize * 2;
        if let Some([first, second]) = ring.get(at..at + 2) {
            store([first, second], words, touches);
        }
    }

    /// One step passes; whether anything was, or is still to be, written back.
    pub(crate) fn step(&mut self, memory: &MemoryMap, defects: &Defects) -> bool {
        self.now += 1;
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
    }
}

impl Held {
    fn write(&self, memory: &MemoryMap) {
        let words = memory
            .find(self.address, 16)
            .and_then(|found| found.words());
        if let Some([first, second]) = words {
            store([first, second], self.words, self.touches);
        }
    }
}

#[inline]
fn store(descriptor: [&AtomicU64; 2], words: Words, touches: Touches) {
    let other = 1 - touches.done;
    if touches.word[other] {
        descriptor[other].store(words[other], Relaxed);
    }
    // Whoever sees the done bit sees everything that was written before it.
    descriptor[touches.done].store(words[touches.done], Release);
}
