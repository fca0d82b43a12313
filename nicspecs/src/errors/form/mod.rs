//! `NS01..`: the form of a spec: keys, kinds of values, numbers, names.

pub(crate) mod bad_name;
pub(crate) mod gap;
pub(crate) mod generated_name;
pub(crate) mod missing_key;
pub(crate) mod name_of_file;
pub(crate) mod name_taken;
pub(crate) mod not_a_number;
pub(crate) mod out_of_range;
pub(crate) mod redundant_key;
pub(crate) mod removes_nothing;
pub(crate) mod unknown_base;
pub(crate) mod unknown_key;
pub(crate) mod unknown_value;
pub(crate) mod wrong_type;

use crate::diagnostic::RuleInfo;

pub(super) static FORM: &[&RuleInfo] = &[
    &unknown_key::RULE,
    &missing_key::RULE,
    &wrong_type::RULE,
    &not_a_number::RULE,
    &unknown_value::RULE,
    &bad_name::RULE,
    &name_of_file::RULE,
    &name_taken::RULE,
    &unknown_base::RULE,
    &removes_nothing::RULE,
    &gap::RULE,
    &redundant_key::RULE,
    &out_of_range::RULE,
    &generated_name::RULE,
];
