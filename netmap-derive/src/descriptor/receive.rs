//! The rules of a receive descriptor.

use proc_macro2::Ident;

use super::facts::Completion;
use super::word::RawWord;
use super::words::{Words, forbid};
use crate::errors::Errors;

/// Checks a receive descriptor; returns the index of the word with the completion, and the completion.
pub(super) fn receive(
    ident: &Ident,
    words: &Words,
    errors: &mut Errors,
) -> Option<(usize, Completion)> {
    let sent = words.all().flat_map(|word| {
        [
            ("report", &word.report.at),
            ("frame", &word.frame.at),
            ("failed", &word.failed.at),
        ]
    });
    for (name, given) in sent {
        let message = format!("`{name}` is valid on a transmit descriptor only");
        forbid([given.as_ref()], &message, errors);
    }
    words.check_written(ident, errors);
    let status = words.status(ident, errors);
    let lost = words.only_written().iter();
    forbid(
        lost.flat_map(left_by_the_nic),
        "the NIC overwrites this word; put the key on the `written_back` word",
        errors,
    );
    let (index, completion) = status?;
    let [status, other] = [index, 1 - index].map(|index| &words.left()[index]);
    forbid(
        left_by_the_nic(other),
        "this must be in the word with `done` or `owner`, the only one that the core reads",
        errors,
    );
    words.marks_beside(index, |word| vec![word.end_of_ring.at.as_ref()], errors);
    for more in status.length.value.iter().skip(1) {
        errors.at(
            more.at(),
            "a receive descriptor has its length in one field",
        );
    }
    if status.length.at.is_none() && other.length.at.is_none() {
        errors.at(
            &status.ident,
            "`length` is missing: the field with the received bytes",
        );
    }
    if status.good.at.is_none() && status.last.at.is_none() && left_by_the_nic(other).is_empty() {
        errors.at(
            &status.ident,
            "`good` is missing: the values of a whole frame without error",
        );
    }
    status.length.at.is_some().then_some((index, completion))
}

/// The keys that describe a completed descriptor.
fn left_by_the_nic(word: &RawWord) -> Vec<Option<&Ident>> {
    let all = [
        &word.length.at,
        &word.first.at,
        &word.last.at,
        &word.good.at,
    ];
    let given = all.into_iter().filter(|at| at.is_some());
    given.map(Option::as_ref).collect()
}
