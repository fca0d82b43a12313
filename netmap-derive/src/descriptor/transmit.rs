//! The rules of a transmit descriptor.

use proc_macro2::Ident;

use super::Transmit;
use super::parse::{Words, forbid};
use super::word::key;
use crate::errors::Errors;
use crate::number::Number;

/// Reads a transmit descriptor.
pub(super) fn transmit(
    ident: &Ident,
    min: Number<u16>,
    max: Number<u16>,
    words: &Words,
    errors: &mut Errors,
) -> Option<Transmit> {
    let good = words.all().map(|word| key(&word.good));
    forbid(good, "`good` is a fact about a receive descriptor", errors);
    let length = words.only_read().map(|word| key(&word.length));
    forbid(
        length,
        "the NIC writes this word, the driver does not",
        errors,
    );
    words.check_written(ident, errors);
    let [first, second] = &words.written;
    if first.length.is_none() && second.length.is_none() {
        errors.at(
            ident,
            "`length` is missing: where the length of the frame goes",
        );
    }
    forbid(
        [key(&first.report)],
        "the core asks for a report in the second word",
        errors,
    );
    if first.report.is_none() && second.report.is_none() {
        errors.at(
            ident,
            "`report` is missing: what asks for a report; `report()` if nothing has to",
        );
    }
    let done = words.status(ident, errors).and_then(|(index, word)| {
        let first = key(&word.done).filter(|_| index == 0);
        forbid(
            [first],
            "the core looks for `done` in the second word",
            errors,
        );
        word.done.as_ref()
    });
    Some(Transmit {
        min,
        max,
        written: words.written.each_ref().map(|word| word.written(true)),
        report: second.report.as_ref()?.what.clone(),
        done: done?.what.clone(),
    })
}
