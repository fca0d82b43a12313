//! `variant.rs`: the parts that a driver covers, and how it distinguishes them.

use std::sync::Arc;

use askama::Template;
use nicspecs::ir::Variant;
use nicspecs::ir::visit::Visitor as _;

use super::expr::Scope;
use super::facts::Facts;
use super::steps::literal;
use super::text::{doc, header, identifier, sentence};
use super::used::Used;

#[derive(Template)]
#[template(path = "variant.rs.jinja", escape = "none")]
pub struct VariantFile<'a> {
    header: String,
    /// Doc comment, name, and name in the spec as a literal.
    variants: Vec<(Vec<String>, &'a str, String)>,
    arms: Vec<Arm<'a>>,
    /// The constants in which variants differ, each with its values and the variants that share them.
    constants: Vec<(Vec<String>, String, Groups<u32>)>,
    /// Variants with the same longest sent and received frames; empty if all have the same.
    frames: Groups<(u32, u32)>,
    by_registers: bool,
    /// Types of the registers that distinguish variants.
    values: Vec<&'a str>,
}

/// Patterns of the variants that share a value, each with that value.
type Groups<V> = Vec<(String, V)>;

/// Ids of one vendor that belong to a variant.
struct Arm<'a> {
    vendor: String,
    devices: String,
    when: Option<String>,
    variant: &'a str,
}

impl<'a> VariantFile<'a> {
    pub fn new(facts: &Facts<'a>) -> Self {
        let nic = facts.nic;
        let variants = nic.variants();
        let whens = variants.iter().flat_map(|variant| &variant.when);
        let used = Used::by(|used| whens.for_each(|when| used.cond(when)));
        let registers = nic.registers().iter();
        let mut values: Vec<_> = registers
            .filter(|register| used.typed.contains(&register.name))
            .map(|register| register.type_name.as_str())
            .collect();
        values.sort();
        let constants = facts.constants().filter(|constant| constant.varies());
        Self {
            header: header(nic, &format!("Variants of the {}.", nic.title())),
            variants: variants
                .iter()
                .map(|variant| {
                    let doc = doc(&format!("{}.", variant.title), 1);
                    (doc, &*variant.type_name, literal(&variant.name))
                })
                .collect(),
            arms: variants
                .iter()
                .flat_map(|variant| arms(facts, variant))
                .collect(),
            constants: constants
                .map(|constant| {
                    let doc = doc(&sentence(&constant.doc, constant.section.as_deref()), 1);
                    let values = variants.iter().zip(constant.values.iter().copied());
                    (doc, identifier(&constant.name), grouped(values))
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

fn arms<'a>(facts: &Facts, variant: &'a Variant) -> Vec<Arm<'a>> {
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
            variant: &variant.type_name,
        }
    };
    vendors.into_iter().map(arm).collect()
}

/// Patterns of the variants that share a value, in the order of the first of each.
fn grouped<'a, V: PartialEq>(pairs: impl Iterator<Item = (&'a Arc<Variant>, V)>) -> Groups<V> {
    let mut groups = Groups::new();
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
