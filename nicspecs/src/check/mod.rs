//! The rules that look at a whole [`Draft`], one a file, in a folder for each group of codes.
//!
//! A rule has a code that never changes, one sentence, and a smallest example: an edit of `toy.yaml`. What reading and
//! lowering find by themselves are the [`errors`].

mod agreement;
mod expressions;
mod form;
mod identity;
mod registers;
mod rings;
mod sequences;

use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::{Check, Draft};
use crate::errors;

/// The rules that look at a draft, by code, each with the function that finds what breaks it.
const RULES: [&[(&RuleInfo, Check)]; 7] = [
    form::RULES,
    identity::RULES,
    registers::RULES,
    rings::RULES,
    expressions::RULES,
    sequences::RULES,
    agreement::RULES,
];

/// Runs the rules.
pub(crate) fn run(draft: &Draft<'_>, findings: &mut Findings) {
    for (_, check) in RULES.into_iter().flatten() {
        check(draft, findings);
    }
}

/// Every rule by code, with those that reading and lowering hold a spec to.
pub fn rules() -> impl Iterator<Item = &'static RuleInfo> {
    let checked = RULES.into_iter().flatten().map(|(rule, _)| *rule);
    let mut rules: Vec<_> = checked.chain(errors::rules()).collect();
    rules.sort_by_key(|rule| rule.code);
    rules.dedup();
    rules.into_iter()
}
