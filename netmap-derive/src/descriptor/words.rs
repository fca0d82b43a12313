//! The words of a descriptor, and the rules that hold for both directions.

use proc_macro2::Ident;

use super::facts::Completion;
use super::word::RawWord;
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

    /// The index of the word with `done` or `owner`, and these bits.
    pub(super) fn status(&self, ident: &Ident, errors: &mut Errors) -> Option<(usize, Completion)> {
        forbid(
            self.only_written().iter().map(|word| word.done.at.as_ref()),
            "the NIC overwrites this word; put the key on the `written_back` word",
            errors,
        );
        let mut found = self.left().iter().enumerate().flat_map(|(index, word)| {
            let (done, owner) = (&word.done, &word.owner);
            let done = done
                .at
                .as_ref()
                .map(|key| (key, Completion::Done(done.value.clone())));
            let place = owner.value.clone().map(Completion::Owner);
            let owner = owner.at.as_ref().zip(place);
            let found = done.into_iter().chain(owner);
            found.map(move |(key, completion)| (index, key, completion))
        });
        let first = found.next();
        if let Some((_, key, _)) = found.next() {
            errors.at(key, "give `done` or `owner` once, in one word");
            return None;
        }
        let Some((index, key, completion)) = first else {
            errors.at(
                ident,
                "`done` is missing: the bits that the NIC sets last; or `owner`: the bit that it clears",
            );
            return None;
        };
        if let (Completion::Owner(_), Some(_)) = (&completion, &self.written_back) {
            let [one, other] = [index, 1 - index].map(|index| &self.written[index].owner.at);
            if one.is_none() || other.is_some() {
                let message = "`owner` is missing on the word of the driver that has the same bit";
                errors.at(key, message);
                return None;
            }
        }
        Some((index, completion))
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
            .flat_map(|word| [&word.address.at, &word.set.at, &word.frame.at]);
        forbid(
            keys.map(Option::as_ref),
            "only the NIC writes this word",
            errors,
        );
        let [first, second] = &self.written;
        match (&first.address.at, &second.address.at) {
            (Some(_), Some(key)) => errors.at(key, "duplicate address: it is in one word"),
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
