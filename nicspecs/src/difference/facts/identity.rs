//! Titles, variants, spaces, constants and options.

use std::sync::Arc;

use super::item::Item;
use crate::difference::change::Subject;
use crate::ir::{Choice, Constant, PciId, Space, Variant};
use crate::printer::Printer;

pub(super) fn nic() -> Item {
    Item::new(Subject::Identity)
}

pub(super) fn variants(variants: &[Arc<Variant>], spell: Printer<'_>) -> Vec<Item> {
    let variant = |variant: &Arc<Variant>| {
        let Variant {
            name,
            index,
            pci,
            when,
            ..
        } = &**variant;
        let mut item = Item::new(Subject::Variant(name.clone()));
        item.fact("position", index + 1);
        item.each("PCI id", pci.iter().map(id));
        // A simulated device has this id.
        item.fact_if("first PCI id", pci.first().map(id));
        item.fact_if("when", when.as_ref().map(|when| spell.cond(when)));
        item
    };
    variants.iter().map(variant).collect()
}

fn id(id: &PciId) -> String {
    format!("{:04x}:{:04x}", id.vendor, id.device)
}

pub(super) fn spaces(spaces: &[Arc<Space>]) -> Vec<Item> {
    let space = |(index, space): (usize, &Arc<Space>)| {
        let Space { name, size, .. } = &**space;
        let mut item = Item::new(Subject::Space(name.clone()));
        item.fact("position", index + 1);
        item.fact("size", format!("{size:#x}"));
        item
    };
    spaces.iter().enumerate().map(space).collect()
}

pub(super) fn constants(constants: &[Arc<Constant>], spell: Printer<'_>) -> Vec<Item> {
    let constant = |constant: &Arc<Constant>| {
        let Constant { name, values, .. } = &**constant;
        let mut item = Item::new(Subject::Constant(name.clone()));
        let others = values.iter().enumerate();
        for (index, value) in others.filter(|(_, value)| **value != constant.value()) {
            item.fact(format!("value on {}", spell.variant(index)), value);
        }
        item
    };
    constants.iter().map(constant).collect()
}

pub(super) fn options(options: &[Arc<Choice>]) -> Vec<Item> {
    let option = |option: &Arc<Choice>| Item::new(Subject::Choice(option.name.clone()));
    options.iter().map(option).collect()
}
