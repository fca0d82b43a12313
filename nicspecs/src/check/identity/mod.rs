//! `NS02..`: identity: variants, PCI ids, constants.

mod duplicate_pci_id;
mod unreachable_variant;
mod unused_constant;

use crate::diagnostic::RuleInfo;
use crate::draft::Check;

pub(super) static RULES: &[(&RuleInfo, Check)] = &[
    (&duplicate_pci_id::RULE, duplicate_pci_id::check),
    (&unreachable_variant::RULE, unreachable_variant::check),
    (&unused_constant::RULE, unused_constant::check),
];
