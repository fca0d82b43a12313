//! `NS02..`: identity: variants, PCI ids, constants.

pub(crate) mod bad_pci_id;
pub(crate) mod duplicate_pci_id;
pub(crate) mod unknown_variant;

use crate::diagnostic::RuleInfo;

pub(super) static IDENTITY: &[&RuleInfo] = &[
    &bad_pci_id::RULE,
    &duplicate_pci_id::RULE,
    &unknown_variant::RULE,
];
