//! The rules of a receive descriptor.

use proc_macro2::Ident;

use super::facts::Receive;
use super::place::Place;
use super::word::{RawWord, key, the_places};
use super::words::{Words, forbid};
use crate::errors::Errors;
use crate::number::Number;

/// Reads a receive descriptor.
pub(super) fn receive(
    ident: &Ident,
    part: Option<Number<u16>>,
    words: &Words,
    errors: &mut Errors,
) -> Option<Receive> {
    let sent = words
        .all()
        .flat_map(|word| [("report", key(&word.report)), ("frame", key(&word.frame))]);
    for (name, said) in sent {
        let message = format!("`{name}` is valid on a transmit descriptor only");
        forbid([said], &message, errors);
    }
    words.check_written(ident, errors);
    let status = words.status(ident, errors);
    let lost = words.only_written().iter();
    forbid(
        lost.flat_map(left_by_the_nic),
        "the NIC overwrites this word; put the key on the `written_back` word",
        errors,
    );
    let (status_word, status, told) = status?;
    let other = &words.left()[1 - status_word];
    forbid(
        left_by_the_nic(other),
        "this must be in the word with `done` or `owner`, the only one that the core reads",
        errors,
    );
    words.marks_beside(status_word, |word| vec![key(&word.end_of_ring)], errors);
    let length = length(status, other, errors);
    if status.good.is_none() && status.last.is_none() && left_by_the_nic(other).is_empty() {
        errors.at(
            &status.ident,
            "`good` is missing: the values of a whole frame without error",
        );
    }
    let written = &words.written[status_word];
    Some(Receive {
        part,
        written: words.written.each_ref().map(|word| word.written(false)),
        status_word,
        told,
        owner: written.owner.as_ref().map(|said| said.what.clone()),
        first: the_places(&status.first),
        last: the_places(&status.last),
        end_of_ring: the_places(&written.end_of_ring),
        good: match &status.good {
            Some(good) => good.what.clone(),
            None => Vec::new(),
        },
        length: length?,
    })
}

/// The keys that describe a completed descriptor.
fn left_by_the_nic(word: &RawWord) -> Vec<Option<&Ident>> {
    let all = [
        key(&word.length),
        key(&word.first),
        key(&word.last),
        key(&word.good),
    ];
    all.into_iter().filter(Option::is_some).collect()
}

fn length(status: &RawWord, other: &RawWord, errors: &mut Errors) -> Option<Place> {
    match &status.length {
        Some(length) => {
            let mut places = length.what.iter();
            let first = places.next().cloned();
            for more in places {
                errors.at(
                    more.at(),
                    "a receive descriptor has its length in one field",
                );
            }
            first
        }
        None => {
            if other.length.is_none() {
                errors.at(
                    &status.ident,
                    "`length` is missing: the field with the received bytes",
                );
            }
            None
        }
    }
}
