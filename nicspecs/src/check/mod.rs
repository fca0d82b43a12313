//! The rules that check a whole [`Draft`]: one per file, in a folder for each group of codes.
//!
//! A rule has a code that never changes, one sentence, and a minimal example: an edit of `toy.yaml`. Reading and
//! lowering check the rules in [`errors`] themselves.

mod agreement;
mod conditions;
mod expressions;
mod form;
mod identity;
mod places;
mod registers;
mod rings;
mod sequences;

use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::{Check, Draft};
use crate::errors;

/// The rules that check a draft, by code, each with the function that finds its errors.
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

/// Every rule by code, with those that reading and lowering check.
pub fn rules() -> impl Iterator<Item = &'static RuleInfo> {
    let checked = RULES.into_iter().flatten().map(|(rule, _)| *rule);
    let mut rules: Vec<_> = checked.chain(errors::rules()).collect();
    rules.sort_by_key(|rule| rule.code);
    rules.dedup();
    rules.into_iter()
}
