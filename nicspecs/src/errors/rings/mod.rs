//! `NS04..`: descriptors and rings.

pub(crate) mod descriptor_layout;
pub(crate) mod scheme_not_listed;
pub(crate) mod schemes_of_a_ring;

use crate::diagnostic::RuleInfo;

pub(super) static RINGS: &[&RuleInfo] = &[
    &descriptor_layout::RULE,
    &schemes_of_a_ring::RULE,
    &scheme_not_listed::RULE,
];
