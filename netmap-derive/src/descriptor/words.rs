//! The words of a descriptor, and the rules that hold for both directions.

use proc_macro2::Ident;

use super::facts::Told;
use super::word::{RawWord, key};
use crate::errors::Errors;

/// The words as the driver writes them, and as the NIC writes them back if that differs.
pub(super) struct Words {
    pub(super) written: [RawWord; 2],
    written_back: Option<[RawWord; 2]>,
}

impl Words {
    pub(super) fn sort(ident: &Ident, words: Vec<RawWord>, errors: &mut Errors) -> Option<Words> {
        let (back, written): (Vec<_>, Vec<_>) = words
            .into_iter()
            .partition(|word| word.written_back.is_some());
        match written.as_slice() {
            [_, _] => {}
            [_, _, third, ..] => errors.at(
                &third.ident,
                "a descriptor has two words; mark words of another layout `written_back`",
            ),
            _ => errors.at(ident, "a descriptor has two words that the driver writes"),
        }
        match back.as_slice() {
            [] | [_, _] => {}
            [only] => errors.at(
                &only.written_back,
                "the NIC writes back two words, and one is missing",
            ),
            [_, _, third, ..] => errors.at(&third.written_back, "the NIC writes back two words"),
        }
        Some(Words {
            written: written.try_into().ok()?,
            written_back: match back.is_empty() {
                true => None,
                false => Some(back.try_into().ok()?),
            },
        })
    }

    /// All words.
    pub(super) fn all(&self) -> impl Iterator<Item = &RawWord> {
        self.written.iter().chain(self.only_read())
    }

    /// Words that only the NIC writes.
    pub(super) fn only_read(&self) -> impl Iterator<Item = &RawWord> {
        self.written_back.iter().flatten()
    }

    /// The words of a completed descriptor.
    pub(super) fn left(&self) -> &[RawWord; 2] {
        self.written_back.as_ref().unwrap_or(&self.written)
    }

    /// Words that are overwritten in a completed descriptor.
    pub(super) fn only_written(&self) -> &[RawWord] {
        match self.written_back {
            Some(_) => &self.written,
            None => &[],
        }
    }

    /// The word with `done` or `owner`, its index, and these bits.
    pub(super) fn status(
        &self,
        ident: &Ident,
        errors: &mut Errors,
    ) -> Option<(usize, &RawWord, Told)> {
        forbid(
            self.only_written().iter().map(|word| key(&word.done)),
            "the NIC overwrites this word; put the key on the `written_back` word",
            errors,
        );
        let left = self.left();
        let mut found = left.iter().enumerate().flat_map(|(index, word)| {
            let done = word
                .done
                .as_ref()
                .map(|said| (&said.key, Told::Done(said.what.clone())));
            let owner = word
                .owner
                .as_ref()
                .map(|said| (&said.key, Told::Owner(said.what.clone())));
            [done, owner]
                .into_iter()
                .flatten()
                .map(move |(key, told)| (index, key, told))
        });
        let first = found.next();
        if let Some((_, key, _)) = found.next() {
            errors.at(key, "give `done` or `owner` once, in one word");
            return None;
        }
        let Some((index, key, told)) = first else {
            errors.at(
                ident,
                "`done` is missing: the bits that the NIC sets last; or `owner`: the bit that it clears",
            );
            return None;
        };
        if let (Told::Owner(_), Some(_)) = (&told, &self.written_back) {
            let [one, other] = [index, 1 - index].map(|index| &self.written[index].owner);
            if one.is_none() || other.is_some() {
                let message = "`owner` is missing on the word of the driver that has the same bit";
                errors.at(key, message);
                return None;
            }
        }
        Some((index, &left[index], told))
    }

    /// Reports marks in the wrong word: the driver's marks are in its word `index`.
    pub(super) fn marks_beside(
        &self,
        index: usize,
        marks: fn(&RawWord) -> Vec<Option<&Ident>>,
        errors: &mut Errors,
    ) {
        let others = self.only_read().chain([&self.written[1 - index]]);
        let message =
            "this must be in the word with `done` or `owner`, the only one that the core reads";
        forbid(others.flat_map(marks), message, errors);
    }

    /// Checks the words that the driver writes: the address once, and nothing in words that only the NIC writes.
    pub(super) fn check_written(&self, ident: &Ident, errors: &mut Errors) {
        let keys = self
            .only_read()
            .flat_map(|word| [key(&word.address), key(&word.set), key(&word.frame)]);
        forbid(keys, "only the NIC writes this word", errors);
        let [first, second] = &self.written;
        match (&first.address, &second.address) {
            (Some(_), Some(said)) => errors.at(&said.key, "duplicate address: it is in one word"),
            (None, None) => errors.at(
                ident,
                "`address` is missing: the word or field for the address of the buffer",
            ),
            _ => {}
        }
    }
}

/// Reports the keys that were given.
pub(super) fn forbid<'a>(
    keys: impl IntoIterator<Item = Option<&'a Ident>>,
    message: &str,
    errors: &mut Errors,
) {
    for key in keys.into_iter().flatten() {
        errors.at(key, message);
    }
}
