//! Copies between bytes and shared memory, which is accessed only as whole 64-bit atomics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Appends `len` bytes of `words`, from byte `from` on, to `into`.
///
/// Panics if the words do not hold that many bytes: the caller has checked the range.
pub(crate) fn load(words: &[AtomicU64], from: usize, len: usize, into: &mut Vec<u8>) {
    let at = into.len();
    into.resize(at + len, 0);
    let mut rest = &mut into[at..];
    let mut words = words[from / 8..].iter();
    let skip = from % 8;
    if skip != 0 && !rest.is_empty() {
        let word = words.next().map_or(0, |word| word.load(Relaxed));
        let (head, tail) = rest.split_at_mut((8 - skip).min(rest.len()));
        head.copy_from_slice(&word.to_le_bytes()[skip..skip + head.len()]);
        rest = tail;
    }
    let (whole, last) = rest.as_chunks_mut::<8>();
    for (bytes, word) in whole.iter_mut().zip(&mut words) {
        *bytes = word.load(Relaxed).to_le_bytes();
    }
    if !last.is_empty() {
        let word = words.as_slice()[0].load(Relaxed).to_le_bytes();
        last.copy_from_slice(&word[..last.len()]);
    }
}

/// Writes `bytes` into `words`, from byte `to` on; the other bytes of the first and the last word are unchanged.
///
/// Panics if the words do not hold that many bytes: the caller has checked the range.
pub(crate) fn store(bytes: &[u8], words: &[AtomicU64], to: usize) {
    let mut words = words[to / 8..].iter();
    let mut rest = bytes;
    let skip = to % 8;
    if skip != 0 && !rest.is_empty() {
        let (head, tail) = rest.split_at((8 - skip).min(rest.len()));
        if let Some(word) = words.next() {
            merge(word, skip, head);
        }
        rest = tail;
    }
    let (whole, last) = rest.as_chunks::<8>();
    for (bytes, word) in whole.iter().zip(&mut words) {
        word.store(u64::from_le_bytes(*bytes), Relaxed);
    }
    if !last.is_empty() {
        merge(&words.as_slice()[0], 0, last);
    }
}

/// Atomically replaces the bytes of a word from `at` on, without changing the others.
fn merge(word: &AtomicU64, at: usize, bytes: &[u8]) {
    let mut value = [0; 8];
    let mut mask = [0; 8];
    value[at..at + bytes.len()].copy_from_slice(bytes);
    mask[at..at + bytes.len()].fill(0xff);
    let (value, mask) = (u64::from_le_bytes(value), u64::from_le_bytes(mask));
    // The closure always returns a value, so the update cannot fail.
    let _ = word.fetch_update(Relaxed, Relaxed, |old| Some(old & !mask | value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WORDS: usize = 12;

    fn filled(with: impl Fn(usize) -> u8) -> Vec<AtomicU64> {
        (0..WORDS)
            .map(|word| {
                AtomicU64::new(u64::from_le_bytes(std::array::from_fn(|byte| {
                    with(word * 8 + byte)
                })))
            })
            .collect()
    }

    fn bytes(words: &[AtomicU64]) -> Vec<u8> {
        words
            .iter()
            .flat_map(|word| word.load(Relaxed).to_le_bytes())
            .collect()
    }

    #[test]
    fn copies_are_exact_at_every_alignment_and_length() {
        for at in 0..=WORDS * 8 {
            for len in 0..=WORDS * 8 - at {
                let words = filled(|byte| byte as u8);
                let mut out = vec![0xaa];
                load(&words, at, len, &mut out);
                let expected: Vec<u8> = (at..at + len).map(|byte| byte as u8).collect();
                assert_eq!(out[0], 0xaa);
                assert_eq!(&out[1..], expected);

                let new: Vec<u8> = (0..len).map(|byte| 0x80 ^ byte as u8).collect();
                store(&new, &words, at);
                let mut all: Vec<u8> = (0..WORDS * 8).map(|byte| byte as u8).collect();
                all[at..at + len].copy_from_slice(&new);
                assert_eq!(bytes(&words), all);
            }
        }
    }

    proptest! {
        #[test]
        fn loads_return_what_was_stored(
            content in proptest::collection::vec(any::<u8>(), 0..64),
            at in 0usize..32,
            background in any::<u8>(),
        ) {
            let words = filled(|_| background);
            store(&content, &words, at);
            let mut back = Vec::new();
            load(&words, at, content.len(), &mut back);
            prop_assert_eq!(&back, &content);
            let all = bytes(&words);
            prop_assert!(all[..at].iter().all(|byte| *byte == background));
            prop_assert!(all[at + content.len()..].iter().all(|byte| *byte == background));
        }
    }
}
