//! The attribute of the whole descriptor.

use proc_macro2::Ident;
use syn::DeriveInput;
use syn::parse::ParseStream;

use crate::attr::{self, AnyKey, Key};
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

pub(super) fn direction(input: &DeriveInput, errors: &mut Errors) -> Option<Direction> {
    let mut transmit = Key::flag("transmit");
    let mut receive = Key::flag("receive");
    let mut min = Key::assigned("min", number);
    let mut max = Key::assigned("max", number);
    let mut descriptors = Key::assigned("descriptors", some);
    let mut part = Key::assigned("part", some);
    let keys: &mut [&mut dyn AnyKey] = &mut [
        &mut transmit,
        &mut receive,
        &mut min,
        &mut max,
        &mut descriptors,
        &mut part,
    ];
    for attr in attr::named(&input.attrs, "descriptor") {
        attr::read(attr, "`descriptor` on a struct", keys, errors);
    }
    match (transmit.given(), receive.given()) {
        (Some(direction), None) => {
            misplaced(&part, "receive", errors);
            transmitted(direction, min, max, descriptors, errors)
        }
        (None, Some(_)) => {
            misplaced(&min, "transmit", errors);
            misplaced(&max, "transmit", errors);
            misplaced(&descriptors, "transmit", errors);
            Some(Direction::Receive {
                part: part.known()?,
            })
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
    min: Key<'_, Number<u16>>,
    max: Key<'_, Number<u16>>,
    descriptors: Key<'_, Number<u16>>,
    errors: &mut Errors,
) -> Option<Direction> {
    let min = min.required(
        direction,
        "bytes of the shortest frame, without CRC",
        errors,
    );
    let max = max.required(direction, "bytes of the longest frame, without CRC", errors);
    let (min, max) = (min?, max?);
    if min.value > max.value {
        errors.at(&min, "the shortest frame is longer than the longest");
    }
    Some(Direction::Transmit(Frames {
        min,
        max,
        descriptors: descriptors.known()?,
    }))
}

fn misplaced(key: &Key<'_, Number<u16>>, direction: &str, errors: &mut Errors) {
    if let Some(key) = key.given() {
        let message = format!("`{key}` is valid on a {direction} descriptor only");
        errors.at(key, message);
    }
}

fn some(input: ParseStream<'_>) -> syn::Result<Number<u16>> {
    number_with(input, |number| number > 0, "expected at least 1")
}
