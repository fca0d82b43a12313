//! `NS03..`: registers and their fields.

mod array_order;
mod array_shape;
mod field_outside_register;
mod misaligned_register;
mod must_write;
mod overlapping_fields;
mod overlapping_registers;
mod queues_past_array;
mod register_outside_space;
mod reset_too_wide;
mod rss_tables;
mod values_of_field;

use crate::diagnostic::RuleInfo;
use crate::draft::Check;
use crate::errors;

pub(super) static RULES: &[(&RuleInfo, Check)] = &[
    (&register_outside_space::RULE, register_outside_space::check),
    (&misaligned_register::RULE, misaligned_register::check),
    (&overlapping_registers::RULE, overlapping_registers::check),
    (
        &errors::field_outside_register::RULE,
        field_outside_register::check,
    ),
    (&overlapping_fields::RULE, overlapping_fields::check),
    (&reset_too_wide::RULE, reset_too_wide::check),
    (&values_of_field::RULE, values_of_field::check),
    (&errors::array_shape::RULE, array_shape::check),
    (&array_order::RULE, array_order::check),
    (&must_write::RULE, must_write::check),
    (&queues_past_array::RULE, queues_past_array::check),
    (&rss_tables::RULE, rss_tables::check),
];
