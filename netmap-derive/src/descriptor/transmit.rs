//! The rules of a transmit descriptor.

use proc_macro2::Ident;

use super::facts::Completion;
use super::word::RawWord;
use super::words::{Words, forbid};
use crate::errors::Errors;

/// Checks a transmit descriptor; returns the index of the word with the completion, and the completion.
pub(super) fn transmit(
    ident: &Ident,
    words: &Words,
    errors: &mut Errors,
) -> Option<(usize, Completion)> {
    let good = words.all().map(|word| word.good.at.as_ref());
    forbid(good, "`good` is valid on a receive descriptor only", errors);
    let length = words.only_read().map(|word| word.length.at.as_ref());
    forbid(length, "only the NIC writes this word", errors);
    words.check_written(ident, errors);
    let [first, second] = &words.written;
    if first.length.at.is_none() && second.length.at.is_none() {
        errors.at(
            ident,
            "`length` is missing: the field for the length of the slot",
        );
    }
    let status = words.status(ident, errors);
    if words.all().all(|word| word.report.at.is_none()) {
        errors.at(
            ident,
            "`report` is missing: the bits that request a report; `report()` if the NIC always reports",
        );
    }
    let (control, completion) = status?;
    words.marks_beside(control, marks, errors);
    let lost = words.only_written().iter();
    forbid(
        lost.map(|word| word.failed.at.as_ref()),
        "the NIC overwrites this word; put the key on the `written_back` word",
        errors,
    );
    forbid(
        [words.left()[1 - control].failed.at.as_ref()],
        "this must be in the word with `done` or `owner`, the only one that the core reads",
        errors,
    );
    Some((control, completion))
}

/// The keys for bits that the driver sets on some descriptors.
fn marks(word: &RawWord) -> Vec<Option<&Ident>> {
    let marks = [&word.report, &word.first, &word.last, &word.end_of_ring];
    marks.map(|given| given.at.as_ref()).to_vec()
}
