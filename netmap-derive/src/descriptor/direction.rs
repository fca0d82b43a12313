//! The attribute of the whole descriptor.

use proc_macro2::Ident;
use syn::DeriveInput;
use syn::parse::ParseStream;

use crate::attr::{Key, assigned, each_key, unknown_key};
use crate::errors::Errors;
use crate::number::{Number, number, number_with};

/// The direction of frames, and their limits.
pub(super) enum Direction {
    Transmit(Frames),
    Receive {
        /// Bytes of every part except the last, if the length is that of the whole frame.
        part: Option<Number<u16>>,
    },
}

/// The frames of a transmit descriptor.
pub(super) struct Frames {
    pub(super) min: Number<u16>,
    pub(super) max: Number<u16>,
    /// Most descriptors of a frame; 1 by default.
    pub(super) descriptors: Option<Number<u16>>,
}

/// A key and its number.
type Fact = (Ident, Number<u16>);

const KEYS: [&str; 6] = ["transmit", "receive", "min", "max", "descriptors", "part"];

/// Reads the direction.
pub(super) fn direction(input: &DeriveInput, errors: &mut Errors) -> Option<Direction> {
    let mut transmit = Key::new("transmit");
    let mut receive = Key::new("receive");
    let mut min = Key::new("min");
    let mut max = Key::new("max");
    let mut descriptors = Key::new("descriptors");
    let mut part = Key::new("part");
    for attr in &input.attrs {
        if !attr.path().is_ident("descriptor") {
            continue;
        }
        each_key(attr, errors, |key, input, _| {
            let fact = |value: syn::Result<Number<u16>>| Ok(Some((key.clone(), value?)));
            match key.to_string().as_str() {
                "transmit" => transmit.read(key, || Ok(Some(key.clone()))),
                "receive" => receive.read(key, || Ok(Some(key.clone()))),
                "min" => min.read(key, || fact(assigned(input, number))),
                "max" => max.read(key, || fact(assigned(input, number))),
                "descriptors" => descriptors.read(key, || fact(assigned(input, some))),
                "part" => part.read(key, || fact(assigned(input, some))),
                _ => Err(unknown_key(key, "`descriptor` on a struct", &KEYS)),
            }
        });
    }
    match (transmit.optional(), receive.optional()) {
        (Some(direction), None) => {
            misplaced(part, "receive", errors);
            transmitted(&direction, min, max, descriptors, errors)
        }
        (None, Some(_)) => {
            misplaced(min, "transmit", errors);
            misplaced(max, "transmit", errors);
            misplaced(descriptors, "transmit", errors);
            let part = part.known()?.map(|(_, part)| part);
            Some(Direction::Receive { part })
        }
        (None, None) => {
            let message = "missing direction: `#[descriptor(transmit, ...)]` or `#[descriptor(receive, ...)]`";
            errors.at(&input.ident, message);
            None
        }
        (Some(_), Some(second)) => {
            errors.at(
                second,
                "a descriptor cannot be both `transmit` and `receive`",
            );
            None
        }
    }
}

fn transmitted(
    direction: &Ident,
    min: Key<Fact>,
    max: Key<Fact>,
    descriptors: Key<Fact>,
    errors: &mut Errors,
) -> Option<Direction> {
    let min = min.required(
        direction,
        "bytes of the shortest frame, without CRC",
        errors,
    );
    let max = max.required(direction, "bytes of the longest frame, without CRC", errors);
    let ((_, min), (_, max)) = (min?, max?);
    if min.value > max.value {
        errors.at(&min, "the shortest frame is longer than the longest");
    }
    let descriptors = descriptors.known()?.map(|(_, descriptors)| descriptors);
    Some(Direction::Transmit(Frames {
        min,
        max,
        descriptors,
    }))
}

fn misplaced(key: Key<Fact>, direction: &str, errors: &mut Errors) {
    if let Some((key, _)) = key.optional() {
        errors.at(
            &key,
            format!("`{key}` is valid on a {direction} descriptor only"),
        );
    }
}

fn some(input: ParseStream<'_>) -> syn::Result<Number<u16>> {
    number_with(input, |number| number > 0, "expected at least 1")
}
