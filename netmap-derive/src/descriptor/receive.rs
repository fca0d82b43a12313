//! The rules of a receive descriptor.

use proc_macro2::Ident;

use super::Receive;
use super::parse::{Words, forbid};
use super::place::Place;
use super::word::{RawWord, key};
use crate::errors::Errors;
use crate::number::Number;

/// Reads a receive descriptor.
pub(super) fn receive(
    ident: &Ident,
    crc_bytes: Number<u16>,
    words: &Words,
    errors: &mut Errors,
) -> Option<Receive> {
    let report = words.all().map(|word| key(&word.report));
    forbid(
        report,
        "`report` is a fact about a transmit descriptor",
        errors,
    );
    words.check_written(ident, errors);
    let status = words.status(ident, errors);
    let lost = words.only_written().iter();
    forbid(
        lost.flat_map(|word| [key(&word.length), key(&word.good)]),
        "the NIC writes over this word; say it of the one that is `written_back`",
        errors,
    );
    let (status_word, status) = status?;
    let other = &words.left()[1 - status_word];
    forbid(
        [key(&other.length), key(&other.good)],
        "`done` is in the other word, and the core looks at one",
        errors,
    );
    let length = length(status, other, errors);
    if status.good.is_none() && other.good.is_none() {
        errors.at(
            &status.ident,
            "`good` is missing: what a whole frame without error looks like",
        );
    }
    Some(Receive {
        crc_bytes,
        written: words.written.each_ref().map(|word| word.written(false)),
        status_word,
        done: status.done.as_ref()?.what.clone(),
        good: status.good.as_ref()?.what.clone(),
        length: length?,
    })
}

fn length(status: &RawWord, other: &RawWord, errors: &mut Errors) -> Option<Place> {
    match &status.length {
        Some(length) => {
            let mut places = length.what.iter();
            let first = places.next().cloned();
            for more in places {
                errors.at(more.at(), "the NIC reports the length in one field");
            }
            first
        }
        None => {
            if other.length.is_none() {
                errors.at(&status.ident, "`length` is missing: the bytes received");
            }
            None
        }
    }
}
