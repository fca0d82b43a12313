//! Titles, variants, spaces, constants and options.

use std::sync::Arc;

use super::{Item, Subject};
use crate::ir::{Choice, Constant, PciId, Space, Variant, VariantLimits};
use crate::printer::Printer;

pub(super) fn nic(title: &str, datasheet: &str) -> Item {
    let mut item = Item::new(Subject::Identity);
    item.fact("title", title);
    item.fact("datasheet", datasheet);
    item
}

pub(super) fn variants(variants: &[Arc<Variant>], spell: Printer<'_>) -> Vec<Item> {
    let variant = |variant: &Arc<Variant>| {
        let Variant {
            name,
            index,
            type_name: _,
            title,
            pci,
            qemu,
            when,
            limits,
        } = &**variant;
        let VariantLimits {
            tx_frame_max,
            rx_frame_max,
        } = limits;
        let mut item = Item::new(Subject::Variant(name.clone()));
        item.fact("position", index + 1);
        item.each("PCI id", pci.iter().map(id));
        // A simulated device answers under it.
        item.fact_if("first PCI id", pci.first().map(id));
        item.fact_if("QEMU device", qemu.as_ref());
        item.fact_if("when", when.as_ref().map(|when| spell.cond(when)));
        item.fact_if("limits.tx_frame_max", *tx_frame_max);
        item.fact_if("limits.rx_frame_max", *rx_frame_max);
        item.fact("title", title);
        item
    };
    variants.iter().map(variant).collect()
}

fn id(id: &PciId) -> String {
    format!("{:04x}:{:04x}", id.vendor, id.device)
}

pub(super) fn spaces(spaces: &[Arc<Space>]) -> Vec<Item> {
    let space = |(index, space): (usize, &Arc<Space>)| {
        let Space { name, bar, size } = &**space;
        let mut item = Item::new(Subject::Space(name.clone()));
        item.fact("position", index + 1);
        let first = || "the first for memory".to_owned();
        item.fact("bar", bar.map_or_else(first, |bar| bar.to_string()));
        item.fact("size", format!("{size:#x}"));
        item
    };
    spaces.iter().enumerate().map(space).collect()
}

pub(super) fn constants(constants: &[Arc<Constant>], spell: Printer<'_>) -> Vec<Item> {
    let constant = |constant: &Arc<Constant>| {
        let Constant {
            name,
            doc,
            section,
            values,
        } = &**constant;
        let mut item = Item::new(Subject::Constant(name.clone()));
        match constant.varies() {
            false => item.fact("value", constant.value()),
            true => {
                for (index, value) in values.iter().enumerate() {
                    item.fact(format!("value on {}", spell.variant(index)), value);
                }
            }
        }
        item.fact("doc", doc);
        item.fact_if("section", section.as_ref());
        item
    };
    constants.iter().map(constant).collect()
}

pub(super) fn options(options: &[Arc<Choice>]) -> Vec<Item> {
    let option = |option: &Arc<Choice>| {
        let Choice {
            name,
            doc,
            default,
            max,
        } = &**option;
        let mut item = Item::new(Subject::Choice(name.clone()));
        item.fact("default", default);
        item.fact("max", max);
        item.fact("doc", doc);
        item
    };
    options.iter().map(option).collect()
}
