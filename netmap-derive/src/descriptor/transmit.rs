//! The rules of a transmit descriptor.

use proc_macro2::Ident;

use super::direction::Frames;
use super::facts::Transmit;
use super::word::{RawWord, key, the_places};
use super::words::{Words, forbid};
use crate::errors::Errors;

/// Reads a transmit descriptor.
pub(super) fn transmit(
    ident: &Ident,
    frames: Frames,
    words: &Words,
    errors: &mut Errors,
) -> Option<Transmit> {
    let good = words.all().map(|word| key(&word.good));
    forbid(good, "`good` is valid on a receive descriptor only", errors);
    let length = words.only_read().map(|word| key(&word.length));
    forbid(length, "only the NIC writes this word", errors);
    words.check_written(ident, errors);
    let [first, second] = &words.written;
    if first.length.is_none() && second.length.is_none() {
        errors.at(
            ident,
            "`length` is missing: the field for the length of the slot",
        );
    }
    let status = words.status(ident, errors);
    if words.all().all(|word| word.report.is_none()) {
        errors.at(
            ident,
            "`report` is missing: the bits that request a report; `report()` if the NIC always reports",
        );
    }
    let (control, _, told) = status?;
    words.marks_beside(control, marks, errors);
    let word = &words.written[control];
    Some(Transmit {
        ident: ident.clone(),
        frames,
        written: words.written.each_ref().map(|word| word.written(true)),
        control,
        told,
        report: the_places(&word.report),
        first: the_places(&word.first),
        last: the_places(&word.last),
        end_of_ring: the_places(&word.end_of_ring),
    })
}

/// The keys for bits that the driver sets on some descriptors.
fn marks(word: &RawWord) -> Vec<Option<&Ident>> {
    let marks = [&word.report, &word.first, &word.last, &word.end_of_ring];
    marks.map(key).to_vec()
}
