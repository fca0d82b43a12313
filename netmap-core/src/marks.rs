//! What a queue knows of descriptors beside what stands in them.

use crate::NicIdx;

/// Most slots of a ring that a queue can drive.
pub(crate) const MAX_SLOTS: u32 = 8192;
const WORDS: usize = (MAX_SLOTS / 64) as usize;

/// One bit a descriptor, kept in the queue because client and device can write everything else.
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

    /// The first mark at `from` or after it and before `end`, within one pass without a wrap.
    #[inline]
    pub(crate) fn first(&self, from: u32, end: u32) -> Option<NicIdx> {
        let mut at = from;
        while at < end {
            let word = self.0.get((at / 64) as usize)? >> (at % 64);
            if word != 0 {
                let found = at + word.trailing_zeros();
                return (found < end).then_some(NicIdx(found));
            }
            at = (at / 64 + 1) * 64;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_mark_of_a_stretch_is_found_wherever_it_is() {
        for mark in 0..200 {
            let mut marks = Marks::none();
            marks.set(NicIdx(mark));
            for from in (0..200).step_by(7) {
                for end in (0..220).step_by(11) {
                    let expected = (from <= mark && mark < end).then_some(NicIdx(mark));
                    assert_eq!(marks.first(from, end), expected, "{mark} in {from}..{end}");
                }
            }
            marks.clear(NicIdx(mark));
            assert_eq!(marks.first(0, 220), None);
        }
    }
}
