//! From the declaration of a descriptor to a valid format.

use syn::DeriveInput;

use super::direction::{Direction, direction};
use super::facts::Descriptor;
use super::receive::receive;
use super::transmit::transmit;
use super::word::word;
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
    let words = words.and_then(|words| Words::sort(ident, words, &mut errors));
    let descriptor = direction.zip(words).and_then(|(direction, words)| {
        let (index, completion) = match &direction {
            Direction::Transmit(_) => transmit(ident, &words, &mut errors)?,
            Direction::Receive { .. } => receive(ident, &words, &mut errors)?,
        };
        Some(Descriptor {
            ident: ident.clone(),
            direction,
            words,
            index,
            completion,
        })
    });
    errors.finish(descriptor)
}
