//! `variant.rs`: the parts that a driver covers, and how it distinguishes them.

use std::sync::Arc;

use askama::Template;
use nicspecs::ir::{Limit, Nic, Variant};

use super::expr::Scope;
use super::facts::Facts;
use super::imports;
use super::print;
use super::steps::literal;
use super::text::{doc, header, identifier, sentence};

#[derive(Template)]
#[template(path = "variant.rs.jinja", escape = "none")]
struct Variants<'a> {
    /// Doc comment, name, and name in the spec as a literal.
    variants: Vec<(Vec<String>, &'a str, String)>,
    arms: Vec<Arm<'a>>,
    /// The constants in which variants differ, each with its values and the variants that share them.
    constants: Vec<(Vec<String>, String, Groups<u32>)>,
    driver: String,
    /// Variants with the same limits, and an expression for these; empty if all variants have the same.
    limits: Groups<String>,
    by_registers: bool,
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

/// The file.
pub fn file(facts: &Facts) -> miette::Result<String> {
    let nic = facts.nic;
    let code = print(&Variants::new(facts))?;
    let header = header(nic, &format!("Variants of the {}.", nic.title()));
    // A variant may have the name of a register, which its declaration does not use.
    let uses = code.split_once("\nimpl ").map_or("", |(_, uses)| uses);
    let imports = imports::of_variants(facts, uses);
    Ok(format!("{header}\n\n{imports}{code}"))
}

impl<'a> Variants<'a> {
    fn new(facts: &Facts<'a>) -> Self {
        let nic = facts.nic;
        let variants = nic.variants();
        let constants = facts.constants().filter(|constant| constant.varies());
        let limits = variants
            .iter()
            .map(|variant| (variant, narrowed(nic, variant)));
        Self {
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
            driver: facts.driver(),
            limits: match facts.has_variant_limits() {
                true => grouped(limits),
                false => Groups::new(),
            },
            by_registers: facts.detects_by_registers(),
        }
    }
}

/// Fields of a structure of limits, each with the limit that a variant may narrow.
type Fields<'f> = &'f [(&'static str, Option<Limit>)];

/// The limits of a variant as an expression, in which `all` are those of the NIC.
fn narrowed(nic: &Nic, variant: &Variant) -> String {
    let part = |part: &str, name: &str, fields: Fields<'_>| {
        let own = fields.iter().filter_map(|(field, limit)| {
            let value = variant.own_limit((*limit)?)?;
            Some(format!("{field}: {value}"))
        });
        let own: Vec<String> = own.collect();
        let rest = format!("..all.{part}");
        (!own.is_empty()).then(|| format!("{part}: {}", record(name, own, fields.len(), rest)))
    };
    let ring = |key: &str| {
        let of = |part| (part, Limit::at(&[key, "ring", part]));
        [
            ("queues", Limit::at(&[key, "queues"])),
            of("min"),
            of("max"),
            of("multiple"),
            of("align"),
            of("address_bits"),
            ("restart", None),
        ]
    };
    let frames = [
        ("shortest", Some(Limit::TxFrameMin)),
        ("sent", Some(Limit::TxFrameMax)),
        ("received", Some(Limit::RxFrameMax)),
        ("slots", Some(Limit::TxFrameDescriptors)),
    ];
    let rss = variant.own_limit(Limit::RssQueues).zip(nic.rss());
    let rss = rss.map(|(queues, rss)| {
        let entries = rss.table.entries;
        format!("rss: Some(RssLimits {{ queues: {queues}, entries: {entries} }})")
    });
    let messages = variant.own_limit(Limit::Messages);
    let all = [
        part("tx", "RingLimits", &ring("tx")),
        part("rx", "RingLimits", &ring("rx")),
        part("frames", "FrameLimits", &frames),
        rss,
        messages.map(|messages| format!("messages: {messages}")),
    ];
    let fields = all.len();
    let own: Vec<String> = all.into_iter().flatten().collect();
    match own.is_empty() {
        true => "all".to_owned(),
        false => record("NicLimits", own, fields, "..all".to_owned()),
    }
}

/// A structure of so many fields with these, and the others from the `rest`.
fn record(name: &str, mut own: Vec<String>, fields: usize, rest: String) -> String {
    if own.len() < fields {
        own.push(rest);
    }
    format!("{name} {{ {} }}", own.join(", "))
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
