//! The contents of a buffer, accessed in 64-bit words.

use std::slice;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The bytes of one buffer.
///
/// A buffer is shared with a device, and a broken, hostile or wrongly programmed device may write to it at any time; so
/// may another process that maps the region. A `&[u8]` requires that there is no writer, a `&mut [u8]` that there is no
/// other access, and no check in this process can guarantee either. So there are no slices of a buffer: bytes are
/// copied with relaxed 64-bit atomic loads and stores, which cost the same as plain ones. A concurrent write corrupts
/// only these bytes.
///
/// The buffer belongs to exactly one slot or [`Buffer`](crate::Buffer), whose borrow this is.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    words: &'a [AtomicU64],
}

impl<'a> Contents<'a> {
    pub(super) fn new(words: &'a [AtomicU64]) -> Contents<'a> {
        Contents { words }
    }

    /// Bytes of the buffer.
    pub fn size(&self) -> usize {
        self.words.len() * 8
    }

    /// Copies bytes out, from `at` on, as many as fit into `into` and the buffer has. Returns how many.
    pub fn read(&self, at: usize, into: &mut [u8]) -> usize {
        let (len, edge, mut words) = self.range(at, into.len());
        let (first, rest) = into[..len].split_at_mut(edge);
        if edge > 0
            && let Some(word) = words.next()
        {
            first.copy_from_slice(&word.load(Relaxed).to_le_bytes()[at % 8..][..edge]);
        }
        let (whole, tail) = rest.as_chunks_mut();
        for (bytes, word) in whole.iter_mut().zip(&mut words) {
            *bytes = word.load(Relaxed).to_le_bytes();
        }
        if let Some(word) = words.next() {
            tail.copy_from_slice(&word.load(Relaxed).to_le_bytes()[..tail.len()]);
        }
        len
    }

    /// Copies bytes in, from `at` on, as many as `from` has and fit. Returns how many.
    pub fn write(&self, at: usize, from: &[u8]) -> usize {
        let (len, edge, mut words) = self.range(at, from.len());
        let (first, rest) = from[..len].split_at(edge);
        if edge > 0
            && let Some(word) = words.next()
        {
            merge(word, at % 8, first);
        }
        let (whole, tail) = rest.as_chunks();
        for (bytes, word) in whole.iter().zip(&mut words) {
            word.store(u64::from_le_bytes(*bytes), Relaxed);
        }
        if let Some(word) = words.next() {
            merge(word, 0, tail);
        }
        len
    }

    /// Copies the first `len` bytes of another buffer to the start of this one, including the whole last word; fewer if
    /// one of the buffers ends.
    pub fn copy_from(&self, from: Contents<'_>, len: usize) {
        for (to, from) in self.words.iter().zip(from.words).take(len.div_ceil(8)) {
            to.store(from.load(Relaxed), Relaxed);
        }
    }

    /// A copy of `len` bytes from `at` on; fewer at the end of the buffer.
    pub fn to_vec(&self, at: usize, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len.min(self.size().saturating_sub(at))];
        self.read(at, &mut bytes);
        bytes
    }

    /// How many of the `wanted` bytes from `at` on there are, how many of those are in a word that begins before them, and
    /// all words with any of them.
    fn range(&self, at: usize, wanted: usize) -> (usize, usize, slice::Iter<'a, AtomicU64>) {
        let len = wanted.min(self.size().saturating_sub(at));
        if len == 0 {
            return (0, 0, [].iter());
        }
        let edge = (at.next_multiple_of(8) - at).min(len);
        let words = self.words.get(at / 8..(at + len).div_ceil(8));
        (len, edge, words.unwrap_or_default().iter())
    }
}

/// Replaces some bytes of a word. The buffer has one owner, so no other bytes are replaced concurrently.
fn merge(word: &AtomicU64, at: usize, from: &[u8]) {
    let mut bytes = word.load(Relaxed).to_le_bytes();
    bytes[at..at + from.len()].copy_from_slice(from);
    word.store(u64::from_le_bytes(bytes), Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_copy_ends_with_the_word_of_its_last_byte() {
        let words = |byte: u8| [(); 3].map(|()| AtomicU64::new(u64::from_le_bytes([byte; 8])));
        let (from, to) = (words(1), words(2));
        Contents::new(&to).copy_from(Contents::new(&from), 9);
        assert_eq!(
            Contents::new(&to).to_vec(0, 24),
            [[1; 8], [1; 8], [2; 8]].concat()
        );
        Contents::new(&to).copy_from(Contents::new(&from), 100);
        assert_eq!(Contents::new(&to).to_vec(0, 24), [1; 24]);
    }

    #[test]
    fn there_are_no_bytes_past_the_end() {
        let words = [AtomicU64::new(u64::MAX)];
        let contents = Contents::new(&words);
        for at in [8, 9, usize::MAX - 7, usize::MAX] {
            assert_eq!(contents.read(at, &mut [0; 9]), 0);
            assert_eq!(contents.write(at, &[0; 9]), 0);
            assert_eq!(contents.to_vec(at, usize::MAX), []);
        }
        assert_eq!(contents.to_vec(7, usize::MAX), [0xff]);
    }

    proptest! {
        #[test]
        fn bytes_are_copied_as_with_a_plain_array(
            writes in prop::collection::vec(
                (0usize..70, prop::collection::vec(any::<u8>(), 0..70)), 1..20),
            read in (0usize..70, 0usize..70),
        ) {
            let words: Vec<AtomicU64> = (0..8).map(|_| AtomicU64::new(0)).collect();
            let contents = Contents::new(&words);
            let mut plain = [0u8; 64];
            for (at, bytes) in writes {
                let fits = bytes.len().min(64usize.saturating_sub(at));
                prop_assert_eq!(contents.write(at, &bytes), fits);
                if fits > 0 {
                    plain[at..at + fits].copy_from_slice(&bytes[..fits]);
                }
                prop_assert_eq!(&contents.to_vec(0, 100)[..], &plain[..]);
            }
            let (at, len) = read;
            let expected: Vec<u8> = plain.iter().skip(at).take(len).copied().collect();
            prop_assert_eq!(contents.to_vec(at, len), expected);
        }
    }
}
