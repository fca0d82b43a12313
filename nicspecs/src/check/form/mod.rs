//! `NS01..`: the form of a spec: keys, kinds of values, numbers, names.

mod generated_name;
mod redundant_key;
mod section_in_quotes;
mod text;

use crate::diagnostic::RuleInfo;
use crate::draft::Check;
use crate::errors;

pub(super) static RULES: &[(&RuleInfo, Check)] = &[
    (&section_in_quotes::RULE, section_in_quotes::check),
    (&errors::generated_name::RULE, generated_name::check),
    (&text::RULE, text::check),
    (&errors::redundant_key::RULE, redundant_key::check),
];
