//! The words of a descriptor, and the rules that hold for both directions.

use proc_macro2::Ident;

use super::facts::Told;
use super::word::{RawWord, key};
use crate::errors::Errors;

/// The words as the driver writes them, and as the NIC leaves them if that differs.
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
                "a descriptor has two words; words of another layout are `written_back`",
            ),
            _ => errors.at(ident, "a descriptor has two words that the driver writes"),
        }
        match back.as_slice() {
            [] | [_, _] => {}
            [only] => errors.at(
                &only.written_back,
                "the NIC writes back two words: one is missing",
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

    /// Words that the NIC alone writes.
    pub(super) fn only_read(&self) -> impl Iterator<Item = &RawWord> {
        self.written_back.iter().flatten()
    }

    /// The words that a done descriptor consists of.
    pub(super) fn left(&self) -> &[RawWord; 2] {
        self.written_back.as_ref().unwrap_or(&self.written)
    }

    /// Words that a done descriptor does not contain any more.
    pub(super) fn only_written(&self) -> &[RawWord] {
        match self.written_back {
            Some(_) => &self.written,
            None => &[],
        }
    }

    /// The word that says whose the descriptor is, which one that is, and how it says so.
    pub(super) fn status(
        &self,
        ident: &Ident,
        errors: &mut Errors,
    ) -> Option<(usize, &RawWord, Told)> {
        forbid(
            self.only_written().iter().map(|word| key(&word.done)),
            "the NIC writes over this word; say it of the one that is `written_back`",
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
            errors.at(
                key,
                "one bit tells whose a descriptor is, `done` or `owner` in one word",
            );
            return None;
        }
        let Some((index, key, told)) = first else {
            errors.at(
                ident,
                "`done` is missing: what the NIC sets last; or `owner`, which it clears",
            );
            return None;
        };
        if let (Told::Owner(_), Some(_)) = (&told, &self.written_back) {
            let [one, other] = [index, 1 - index].map(|index| &self.written[index].owner);
            if one.is_none() || other.is_some() {
                let message = "the driver hands the descriptor over in the same word: say `owner` of that, too";
                errors.at(key, message);
                return None;
            }
        }
        Some((index, &left[index], told))
    }

    /// Reports marks in words that are not looked at for them: the driver's are in its word `index`.
    pub(super) fn marks_beside(
        &self,
        index: usize,
        marks: fn(&RawWord) -> Vec<Option<&Ident>>,
        errors: &mut Errors,
    ) {
        let others = self.only_read().chain([&self.written[1 - index]]);
        let message = "the core looks at one word, the one of `done` or `owner`";
        forbid(others.flat_map(marks), message, errors);
    }

    /// Checks what the driver writes: the address once, and nothing into words that the NIC alone writes.
    pub(super) fn check_written(&self, ident: &Ident, errors: &mut Errors) {
        let keys = self
            .only_read()
            .flat_map(|word| [key(&word.address), key(&word.set), key(&word.frame)]);
        forbid(
            keys,
            "the NIC writes this word, the driver does not",
            errors,
        );
        let [first, second] = &self.written;
        match (&first.address, &second.address) {
            (Some(_), Some(said)) => errors.at(&said.key, "the address is in one word"),
            (None, None) => errors.at(
                ident,
                "`address` is missing: where the address of the buffer goes",
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
