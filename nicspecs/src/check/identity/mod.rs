//! `NS02..`: identity: variants, PCI ids, constants.

mod duplicate_pci_id;
mod unused_constant;

use crate::diagnostic::RuleInfo;
use crate::draft::Check;

pub(super) static RULES: &[(&RuleInfo, Check)] = &[
    (&duplicate_pci_id::RULE, duplicate_pci_id::check),
    (&unused_constant::RULE, unused_constant::check),
];
