//! `NS02..`: identity: variants, PCI ids, constants.

mod duplicate_pci_id;
mod unused_constant;

use super::Rule;

pub(super) static RULES: &[Rule] = &[
    (&duplicate_pci_id::RULE, duplicate_pci_id::check),
    (&unused_constant::RULE, unused_constant::check),
];
