//! `NS03..`: registers and their fields.

pub(crate) mod array_shape;
pub(crate) mod field_outside_register;

use crate::diagnostic::RuleInfo;

pub(super) static REGISTERS: &[&RuleInfo] = &[&field_outside_register::RULE, &array_shape::RULE];
