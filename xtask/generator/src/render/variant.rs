//! `variant.rs`: the parts that a driver covers, and how it distinguishes them.

use std::sync::Arc;

use askama::Template;
use nicspecs::ir::Variant;

use super::expr::Scope;
use super::facts::Facts;
use super::steps::literal;
use super::text::{doc, header, identifier, sentence};
use super::used::Used;

/// The file.
#[derive(Template)]
#[template(path = "variant.rs.jinja", escape = "none")]
pub struct VariantFile {
    header: String,
    variants: Vec<Entry>,
    arms: Vec<Arm>,
    constants: Vec<Constant>,
    /// Variants with the same longest sent and received frames; empty if all have the same.
    frames: Vec<(String, (u32, u32))>,
    by_registers: bool,
    /// Types of the registers that distinguish variants.
    values: Vec<String>,
}

/// A variant.
struct Entry {
    doc: Vec<String>,
    name: String,
    spec_name: String,
}

/// Ids of one vendor that belong to a variant.
struct Arm {
    vendor: String,
    devices: String,
    when: Option<String>,
    variant: String,
}

/// A constant in which variants differ.
struct Constant {
    doc: Vec<String>,
    name: String,
    /// Variants that share a value.
    arms: Vec<(String, u32)>,
}

impl VariantFile {
    /// The view of a NIC.
    pub fn new(facts: &Facts) -> Self {
        let nic = facts.nic;
        let variants = nic.variants();
        let whens = Used::by_conds(variants.iter().filter_map(|variant| variant.when.as_ref()));
        let mut values: Vec<_> = nic
            .registers()
            .iter()
            .filter(|register| whens.typed.contains(&register.name))
            .map(|register| register.type_name.clone())
            .collect();
        values.sort();
        let constants = facts.constants().filter(|constant| constant.varies());
        Self {
            header: header(nic, &format!("Variants of the {}.", nic.title())),
            variants: variants
                .iter()
                .map(|variant| Entry {
                    doc: doc(&format!("{}.", variant.title), 1),
                    name: variant.type_name.clone(),
                    spec_name: literal(&variant.name),
                })
                .collect(),
            arms: variants
                .iter()
                .flat_map(|variant| arms(facts, variant))
                .collect(),
            constants: constants
                .map(|constant| Constant {
                    doc: doc(&sentence(&constant.doc, constant.section.as_deref()), 1),
                    name: identifier(&constant.name),
                    arms: grouped(variants.iter().zip(constant.values.iter().copied())),
                })
                .collect(),
            frames: match facts.limits_frames() {
                true => grouped(variants.iter().map(|each| {
                    let longest = (nic.tx_frame_max(each), nic.rx_frame_max(each));
                    (each, longest)
                })),
                false => Vec::new(),
            },
            by_registers: variants.iter().any(|variant| variant.when.is_some()),
            values,
        }
    }
}

fn arms(facts: &Facts, variant: &Variant) -> Vec<Arm> {
    let mut scope = Scope::new(facts, "");
    scope.propagate = ".ok()?";
    let mut vendors: Vec<u16> = variant.pci.iter().map(|id| id.vendor).collect();
    vendors.dedup();
    let arm = |vendor: u16| {
        let devices = variant.pci.iter().filter(|id| id.vendor == vendor);
        let devices: Vec<_> = devices.map(|id| format!("{:#06x}", id.device)).collect();
        Arm {
            vendor: format!("{vendor:#06x}"),
            devices: devices.join(" | "),
            when: variant.when.as_ref().map(|when| scope.cond(when)),
            variant: variant.type_name.clone(),
        }
    };
    vendors.into_iter().map(arm).collect()
}

/// Patterns of the variants that share a value, in the order of the first of each.
fn grouped<'a, V: PartialEq>(
    pairs: impl Iterator<Item = (&'a Arc<Variant>, V)>,
) -> Vec<(String, V)> {
    let mut groups: Vec<(String, V)> = Vec::new();
    for (variant, value) in pairs {
        let name = format!("Self::{}", variant.type_name);
        match groups.iter_mut().find(|(_, known)| *known == value) {
            Some((names, _)) => {
                names.push_str(" | ");
                names.push_str(&name);
            }
            None => groups.push((name, value)),
        }
    }
    groups
}
