//! From the declaration of a descriptor to a format without mistakes.

use proc_macro2::Ident;
use syn::DeriveInput;

use super::direction::{Direction, direction};
use super::receive::receive;
use super::transmit::transmit;
use super::word::{RawWord, key, word};
use super::{Descriptor, Format};
use crate::errors::Errors;
use crate::shape::named_fields;

/// Reads the item; every mistake in it is in the error.
pub(super) fn parse(input: &DeriveInput) -> syn::Result<Descriptor> {
    let mut errors = Errors::default();
    let ident = &input.ident;
    let direction = direction(input, &mut errors);
    let words: Option<Vec<_>> = named_fields(input, "a descriptor", &mut errors).map(|fields| {
        fields
            .iter()
            .filter_map(|field| word(field, &mut errors))
            .collect()
    });
    let declared = words.iter().flatten().map(RawWord::declared).collect();
    let words = words.and_then(|words| Words::sort(ident, words, &mut errors));
    let format = direction
        .zip(words)
        .and_then(|(direction, words)| match direction {
            Direction::Transmit { min, max } => {
                transmit(ident, min, max, &words, &mut errors).map(Format::Transmit)
            }
            Direction::Receive { crc_bytes } => {
                receive(ident, crc_bytes, &words, &mut errors).map(Format::Receive)
            }
        });
    errors.finish(format.map(|format| Descriptor {
        ident: ident.clone(),
        words: declared,
        format,
    }))
}

/// The words as the driver writes them, and as the NIC leaves them if that differs.
pub(super) struct Words {
    pub(super) written: [RawWord; 2],
    written_back: Option<[RawWord; 2]>,
}

impl Words {
    fn sort(ident: &Ident, words: Vec<RawWord>, errors: &mut Errors) -> Option<Words> {
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

    /// The word with `done`, and which one it is.
    pub(super) fn status(&self, ident: &Ident, errors: &mut Errors) -> Option<(usize, &RawWord)> {
        forbid(
            self.only_written().iter().map(|word| key(&word.done)),
            "the NIC writes over this word; say it of the one that is `written_back`",
            errors,
        );
        let [first, second] = self.left();
        match (&first.done, &second.done) {
            (Some(_), None) => Some((0, first)),
            (None, Some(_)) => Some((1, second)),
            (Some(_), Some(said)) => {
                errors.at(&said.key, "the NIC sets `done` in one word");
                None
            }
            (None, None) => {
                errors.at(ident, "`done` is missing: what the NIC sets last");
                None
            }
        }
    }

    /// Checks what the driver writes: the address once, and nothing into words that the NIC alone writes.
    pub(super) fn check_written(&self, ident: &Ident, errors: &mut Errors) {
        let keys = self
            .only_read()
            .flat_map(|word| [key(&word.address), key(&word.set), key(&word.report)]);
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
