//! The rules that reading and lowering check themselves: one rule per file, in a folder for each group of codes.
//!
//! A file has the rule and its messages. The code that finds an error calls one of its functions. A rule that is also
//! checked on a whole draft has a second file in `check`.

mod expressions;
mod file;
mod form;
mod identity;
mod offer;
mod registers;
mod rings;
mod sequences;

pub(crate) use expressions::*;
pub(crate) use file::*;
pub(crate) use form::*;
pub(crate) use identity::*;
pub(crate) use registers::*;
pub(crate) use rings::*;
pub(crate) use sequences::*;

use crate::diagnostic::RuleInfo;

/// Those rules, by code.
pub(crate) fn rules() -> impl Iterator<Item = &'static RuleInfo> {
    let groups = [
        FILE,
        FORM,
        IDENTITY,
        REGISTERS,
        RINGS,
        EXPRESSIONS,
        SEQUENCES,
    ];
    groups.into_iter().flatten().copied()
}
