//! `NS05..`: names and expressions: ranges, conditions, indexes.

mod not_given;
mod wrong_variant;

use super::Rule;
use crate::errors;

pub(super) static RULES: &[Rule] = &[
    (&errors::not_given::RULE, not_given::check),
    (&wrong_variant::RULE, wrong_variant::check),
];
