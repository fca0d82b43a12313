//! `NS05..`: names and expressions: ranges, conditions, indexes.

pub(crate) mod array_index;
pub(crate) mod does_not_fit;
pub(crate) mod expression_syntax;
pub(crate) mod may_overflow;
pub(crate) mod not_given;
pub(crate) mod not_shown;
pub(crate) mod type_mismatch;
pub(crate) mod unknown_name;

use crate::diagnostic::RuleInfo;

pub(super) static EXPRESSIONS: &[&RuleInfo] = &[
    &unknown_name::RULE,
    &does_not_fit::RULE,
    &expression_syntax::RULE,
    &type_mismatch::RULE,
    &may_overflow::RULE,
    &array_index::RULE,
    &not_given::RULE,
    &not_shown::RULE,
];
