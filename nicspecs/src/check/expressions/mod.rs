//! `NS05..`: names and expressions: ranges, conditions, indexes.

mod not_given;
mod wrong_variant;

use crate::diagnostic::RuleInfo;
use crate::draft::Check;
use crate::errors;

pub(super) static RULES: &[(&RuleInfo, Check)] = &[
    (&errors::not_given::RULE, not_given::check),
    (&wrong_variant::RULE, wrong_variant::check),
];
