//! From the declaration of a descriptor to a format without mistakes.

use proc_macro2::Ident;
use syn::{DeriveInput, Type};

use super::word::{FieldValue, RawWord, word};
use super::{Descriptor, Format, Place, Receive, Transmit, Word};
use crate::attr::{Key, Number, assigned, each_key, number, unknown_key};
use crate::errors::Errors;
use crate::shape::named_fields;

/// Reads the item; every mistake in it is in the error.
pub(super) fn parse(input: &DeriveInput) -> syn::Result<Descriptor> {
    let mut errors = Errors::default();
    let direction = direction(input, &mut errors);
    let fields = named_fields(input, "a descriptor", &mut errors);
    let words: Vec<_> = fields
        .into_iter()
        .flatten()
        .filter_map(|field| word(field, &mut errors))
        .collect();
    let types = words.iter().map(|word| word.ty.clone()).collect();
    let words = match fields {
        Some(_) => Words::sort(&input.ident, words, &mut errors),
        None => None,
    };
    let format = match (direction, words) {
        (Some(Direction::Transmit { min, max }), Some(words)) => {
            transmit(&input.ident, min, max, words, &mut errors).map(Format::Transmit)
        }
        (Some(Direction::Receive { crc_bytes }), Some(words)) => {
            receive(&input.ident, crc_bytes, words, &mut errors).map(Format::Receive)
        }
        _ => None,
    };
    errors.finish(format.map(|format| Descriptor {
        ident: input.ident.clone(),
        words: types,
        format,
    }))
}

enum Direction {
    Transmit { min: Number, max: Number },
    Receive { crc_bytes: Number },
}

fn direction(input: &DeriveInput, errors: &mut Errors) -> Option<Direction> {
    let mut transmit = Key::new("transmit");
    let mut receive = Key::new("receive");
    let mut min = Key::new("min");
    let mut max = Key::new("max");
    let mut crc_bytes = Key::new("crc_bytes");
    for attr in &input.attrs {
        if !attr.path().is_ident("descriptor") {
            continue;
        }
        each_key(attr, errors, |key, input, _| {
            let of_frame = |input: syn::parse::ParseStream<'_>| {
                Ok((key.clone(), number(input, u16::MAX.into())?))
            };
            match key.to_string().as_str() {
                "transmit" => transmit.set(key, key.clone()),
                "receive" => receive.set(key, key.clone()),
                "min" => min.set(key, assigned(input, of_frame)?),
                "max" => max.set(key, assigned(input, of_frame)?),
                "crc_bytes" => crc_bytes.set(key, assigned(input, of_frame)?),
                _ => Err(unknown_key(
                    key,
                    "`descriptor` on a struct",
                    &["transmit", "receive", "min", "max", "crc_bytes"],
                )),
            }
        });
    }
    match (transmit.optional(), receive.optional()) {
        (Some(transmit), None) => {
            if let Some((key, _)) = crc_bytes.optional() {
                errors.at(key, "`crc_bytes` is a fact about a receive descriptor");
            }
            let min = min.required(&transmit, "the shortest frame, without CRC", errors);
            let max = max.required(&transmit, "the longest frame, without CRC", errors);
            let ((_, min), (_, max)) = (min?, max?);
            if min.value > max.value {
                errors.at(&min, "the shortest frame is longer than the longest");
            }
            Some(Direction::Transmit { min, max })
        }
        (None, Some(receive)) => {
            for (key, _) in min.optional().into_iter().chain(max.optional()) {
                errors.at(
                    &key,
                    format!("`{key}` is a fact about a transmit descriptor"),
                );
            }
            let why = "bytes of CRC in the reported length, 0 or 4";
            let (_, crc_bytes) = crc_bytes.required(&receive, why, errors)?;
            if !matches!(crc_bytes.value, 0 | 4) {
                errors.at(&crc_bytes, "the CRC of a frame has 4 bytes: 0 or 4 of them");
            }
            Some(Direction::Receive { crc_bytes })
        }
        (None, None) => {
            errors.at(
                &input.ident,
                "which way? `#[descriptor(transmit, ...)]` or `#[descriptor(receive, ...)]`",
            );
            None
        }
        (Some(_), Some(receive)) => {
            errors.at(receive, "a descriptor is `transmit` or `receive`");
            None
        }
    }
}

/// The words as the driver writes them, and as the NIC leaves them.
struct Words {
    written: [RawWord; 2],
    written_back: Option<[RawWord; 2]>,
}

impl Words {
    fn sort(ident: &Ident, words: Vec<RawWord>, errors: &mut Errors) -> Option<Words> {
        let (back, written): (Vec<_>, Vec<_>) = words
            .into_iter()
            .partition(|word| word.written_back.is_some());
        if let Some(third) = written.get(2) {
            errors.at(&third.ident, "a descriptor has two words");
        } else if written.len() < 2 {
            errors.at(ident, "a descriptor has two words that the driver writes");
        }
        match back.as_slice() {
            [only] => errors.at(
                &only.written_back,
                "the NIC writes back both words: the other one is missing",
            ),
            [_, _, third, ..] => errors.at(&third.written_back, "the NIC writes back two words"),
            _ => {}
        }
        Some(Words {
            written: written.try_into().ok()?,
            written_back: match back.is_empty() {
                true => None,
                false => Some(back.try_into().ok()?),
            },
        })
    }
}

fn transmit(
    ident: &Ident,
    min: Number,
    max: Number,
    words: Words,
    errors: &mut Errors,
) -> Option<Transmit> {
    let [first, second] = &words.written;
    let report = match (&first.report, &second.report) {
        (Some((key, _)), _) => {
            errors.at(key, "the core looks for `report` in the second word");
            None
        }
        (None, Some((_, fields))) => Some(places(second, fields)),
        (None, None) => {
            errors.at(
                ident,
                "`report` is missing: the bits of the second word that ask for a report; \
                 `report()` if the NIC reports every descriptor",
            );
            None
        }
    };
    if words.written.iter().all(|word| word.length.is_none()) {
        errors.at(
            ident,
            "`length` is missing: the field for the length of the frame",
        );
    }
    for word in words
        .written
        .iter()
        .chain(words.written_back.iter().flatten())
    {
        if let Some((key, _)) = &word.good {
            errors.at(key, "`good` is a fact about a receive descriptor");
        }
    }
    for word in words.written_back.iter().flatten() {
        if let Some((key, _)) = &word.length {
            errors.at(
                key,
                "the driver writes the length, and the NIC writes this word",
            );
        }
    }
    let done = status(ident, &words, errors).and_then(|(index, word)| {
        let (key, fields) = word.done.as_ref()?;
        if index == 0 {
            errors.at(key, "the core looks for `done` in the second word");
        }
        Some(places(word, fields))
    });
    let written = written(ident, &words, true, errors);
    Some(Transmit {
        min,
        max,
        written: written?,
        report: report?,
        done: done?,
    })
}

fn receive(ident: &Ident, crc_bytes: Number, words: Words, errors: &mut Errors) -> Option<Receive> {
    for word in words
        .written
        .iter()
        .chain(words.written_back.iter().flatten())
    {
        if let Some((key, _)) = &word.report {
            errors.at(key, "`report` is a fact about a transmit descriptor");
        }
    }
    let status = status(ident, &words, errors).map(|(status_word, word)| {
        for other in words.left_by_nic() {
            let keys = [
                other.length.as_ref().map(|(key, _)| key),
                other.good.as_ref().map(|(key, _)| key),
            ];
            for key in keys.into_iter().flatten() {
                if other.ident != word.ident {
                    errors.at(
                        key,
                        format!(
                            "`{key}` is in another word than `done`: the core looks at one word"
                        ),
                    );
                }
            }
        }
        (status_word, word)
    });
    let written = written(ident, &words, false, errors);
    let (status_word, word) = status?;
    let length = match &word.length {
        Some((_, fields)) => match fields.as_slice() {
            [only] => Some(place(word, only)),
            [_, second, ..] => {
                errors.at(second, "the NIC reports the length in one field");
                None
            }
            [] => None,
        },
        None => {
            errors.at(
                &word.ident,
                "`length` is missing: the field with the bytes received",
            );
            None
        }
    };
    let good = match &word.good {
        Some((_, values)) => Some(values_of(word, values)),
        None => {
            errors.at(
                &word.ident,
                "`good` is missing: what tells that a frame is whole and without error",
            );
            None
        }
    };
    let (_, done) = word.done.as_ref()?;
    Some(Receive {
        crc_bytes,
        written: written?,
        status_word,
        done: places(word, done),
        good: good?,
        length: length?,
    })
}

impl Words {
    /// The words that a done descriptor consists of.
    fn left_by_nic(&self) -> &[RawWord; 2] {
        self.written_back.as_ref().unwrap_or(&self.written)
    }
}

/// The word with `done`, and which one it is.
fn status<'a>(
    ident: &Ident,
    words: &'a Words,
    errors: &mut Errors,
) -> Option<(usize, &'a RawWord)> {
    if words.written_back.is_some() {
        for word in &words.written {
            let keys = [
                word.done.as_ref().map(|(key, _)| key),
                word.good.as_ref().map(|(key, _)| key),
            ];
            for key in keys.into_iter().flatten() {
                errors.at(
                    key,
                    format!("the NIC writes over this word; `{key}` belongs on one that is `written_back`"),
                );
            }
        }
    }
    let [first, second] = words.left_by_nic();
    match (&first.done, &second.done) {
        (Some(_), None) => Some((0, first)),
        (None, Some(_)) => Some((1, second)),
        (Some(_), Some((key, _))) => {
            errors.at(key, "`done` is in one word");
            None
        }
        (None, None) => {
            errors.at(ident, "`done` is missing: the bit that the NIC sets last");
            None
        }
    }
}

/// What the driver writes.
fn written(
    ident: &Ident,
    words: &Words,
    with_length: bool,
    errors: &mut Errors,
) -> Option<[Word; 2]> {
    for word in words.written_back.iter().flatten() {
        let keys = [
            word.address.as_ref().map(|(key, _)| key),
            word.set.as_ref().map(|(key, _)| key),
            word.report.as_ref().map(|(key, _)| key),
        ];
        for key in keys.into_iter().flatten() {
            errors.at(key, "the NIC writes this word, the driver does not");
        }
    }
    match &words.written {
        [first, second] if first.address.is_some() && second.address.is_some() => {
            let (key, _) = second.address.as_ref()?;
            errors.at(key, "the address of the buffer is in one word");
        }
        [first, second] if first.address.is_none() && second.address.is_none() => {
            errors.at(
                ident,
                "`address` is missing: the field for the address of the buffer",
            );
        }
        _ => {}
    }
    Some(words.written.each_ref().map(|word| {
        Word {
            address: word.address.as_ref().map(|(_, field)| Place {
                word: word.ty.clone(),
                field: field.clone(),
            }),
            length: match &word.length {
                Some((_, fields)) if with_length => places(word, fields),
                _ => Vec::new(),
            },
            set: word
                .set
                .as_ref()
                .map(|(_, values)| values_of(word, values))
                .unwrap_or_default(),
        }
    }))
}

fn place(word: &RawWord, field: &Ident) -> Place {
    Place {
        word: Type::clone(&word.ty),
        field: Some(field.clone()),
    }
}

fn places(word: &RawWord, fields: &[Ident]) -> Vec<Place> {
    fields.iter().map(|field| place(word, field)).collect()
}

fn values_of(word: &RawWord, values: &[FieldValue]) -> Vec<(Place, Number)> {
    values
        .iter()
        .map(|value| (place(word, &value.field), value.value.clone()))
        .collect()
}
