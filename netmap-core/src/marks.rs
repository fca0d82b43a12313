//! A queue's private marks of descriptors.

use crate::NicIdx;

/// Most slots of a ring.
pub(crate) const MAX_SLOTS: u32 = 8192;
const WORDS: usize = (MAX_SLOTS / 64) as usize;

/// One bit for each descriptor, private to the queue because client and device can write everything else.
#[derive(Debug, Clone)]
pub(crate) struct Marks([u64; WORDS]);

impl Marks {
    pub(crate) const fn none() -> Marks {
        Marks([0; WORDS])
    }

    #[inline(always)]
    pub(crate) fn set(&mut self, at: NicIdx) {
        if let Some(word) = self.0.get_mut((at.0 / 64) as usize) {
            *word |= 1 << (at.0 % 64);
        }
    }

    #[inline(always)]
    pub(crate) fn clear(&mut self, at: NicIdx) {
        if let Some(word) = self.0.get_mut((at.0 / 64) as usize) {
            *word &= !(1 << (at.0 % 64));
        }
    }

    #[inline(always)]
    pub(crate) fn get(&self, at: NicIdx) -> bool {
        let word = self.0.get((at.0 / 64) as usize);
        word.is_some_and(|word| word >> (at.0 % 64) & 1 == 1)
    }

    /// The marks of the first 64 descriptors.
    #[cfg(feature = "model")]
    pub(crate) fn word(&self) -> u64 {
        self.0[0]
    }

    /// Sets the marks of the first 64 descriptors.
    #[cfg(feature = "model")]
    pub(crate) fn set_word(&mut self, word: u64) {
        self.0[0] = word;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_belongs_to_one_descriptor() {
        for mark in (0..MAX_SLOTS).step_by(61) {
            let mut marks = Marks::none();
            marks.set(NicIdx(mark));
            let found = (0..MAX_SLOTS).filter(|&at| marks.get(NicIdx(at)));
            assert!(found.eq([mark]));
            marks.clear(NicIdx(mark));
            assert!((0..MAX_SLOTS).all(|at| !marks.get(NicIdx(at))));
        }
    }
}
