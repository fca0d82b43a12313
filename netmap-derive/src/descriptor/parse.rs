//! From the declaration of a descriptor to a valid format.

use syn::DeriveInput;

use super::direction::{Direction, direction};
use super::facts::{Descriptor, Format};
use super::receive::receive;
use super::transmit::transmit;
use super::word::{RawWord, word};
use super::words::Words;
use crate::errors::Errors;
use crate::shape::named_fields;

/// Parses the item; the error contains all errors of the item.
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
            Direction::Transmit(frames) => {
                transmit(ident, frames, &words, &mut errors).map(Format::Transmit)
            }
            Direction::Receive { part } => {
                receive(ident, part, &words, &mut errors).map(Format::Receive)
            }
        });
    errors.finish(format.map(|format| Descriptor {
        ident: ident.clone(),
        words: declared,
        format,
    }))
}
