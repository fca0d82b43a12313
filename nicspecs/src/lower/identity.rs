//! `nic`, `variants`, `spaces`, `constants` and `options`.

use std::sync::Arc;

use super::cx::Cx;
use super::expr::Typer;
use super::names;
use super::scope::Scope;
use crate::diagnostic::NodeId;
use crate::draft::Sited;
use crate::errors::{
    bad_name, bad_pci_id, does_not_fit, name_of_file, name_taken, unknown_name, wrong_type,
};
use crate::ir;
use crate::ir::builtin::is_head;
use crate::schema;

/// Name, title and datasheet.
pub(super) fn nic(cx: &mut Cx<'_, '_>, stem: &str) -> Option<(String, String, String)> {
    let node = cx.section("nic")?;
    let nic: schema::Nic = cx.read(node, "`nic`")?;
    let span = cx.tree.span_at(node, "name");
    if !names::is_word(&nic.name.0) {
        cx.add(bad_name::finding(
            span,
            "the NIC's name",
            &nic.name.0,
            "letters, digits and underscores",
        ));
    } else if nic.name.0 != stem {
        cx.add(name_of_file::finding(span, &nic.name.0, stem));
    }
    Some((nic.name.0, nic.title, nic.datasheet))
}

pub(super) fn spaces(cx: &mut Cx<'_, '_>) {
    let Some(node) = cx.section("spaces") else {
        return;
    };
    for entry in cx.entries(node, "`spaces`") {
        if !names::is_lower(&entry.key) {
            cx.add(bad_name::finding(
                entry.key_span,
                "a space",
                &entry.key,
                "lower-case letters, digits and underscores",
            ));
        }
        match cx.read::<schema::Space>(entry.value, &format!("space `{}`", entry.key)) {
            Some(space) => {
                if let Some(bar @ 6..) = space.bar {
                    cx.add(does_not_fit::finding(
                        cx.tree.span_at(entry.value, "bar"),
                        u64::from(bar),
                        "`bar`",
                        5,
                    ));
                }
                cx.spaces.push(Arc::new(ir::Space {
                    name: entry.key.clone(),
                    bar: space.bar,
                    size: space.size,
                }));
            }
            None => {
                cx.broken.insert(entry.key.clone());
            }
        }
    }
    if cx.tree.map(node).is_some_and(<[_]>::is_empty) {
        cx.add(wrong_type::finding(
            cx.tree.key_span(node),
            "`spaces`",
            "at least one space",
            None,
        ));
    }
}

/// The names alone: conditions and registers refer to them before a variant is complete.
pub(super) fn variant_names(cx: &mut Cx<'_, '_>) {
    let Some(node) = cx.section("variants") else {
        return;
    };
    let items = cx.items(node, "`variants`");
    if items.is_empty() && cx.tree.list(node).is_some() {
        cx.add(wrong_type::finding(
            cx.tree.key_span(node),
            "`variants`",
            "at least one variant",
            None,
        ));
    }
    for &item in items {
        let Some((name, at)) = cx
            .tree
            .get(item, "name")
            .and_then(|at| Some((cx.tree.text(at)?, at)))
        else {
            continue;
        };
        if !names::is_word(name) {
            cx.add(bad_name::finding(
                cx.tree.span(at),
                "a variant",
                name,
                "letters, digits and underscores",
            ));
        }
        if cx.variants.iter().any(|known| known == name) {
            cx.add(name_taken::finding(
                cx.tree.span(at),
                name,
                "another variant",
            ));
        }
        cx.variants.push(name.to_owned());
    }
}

pub(super) fn variants(cx: &mut Cx<'_, '_>) -> Vec<Sited<Arc<ir::Variant>>> {
    let Some(node) = cx.section("variants") else {
        return Vec::new();
    };
    let items = cx.tree.list(node).unwrap_or_default();
    items
        .iter()
        .enumerate()
        .filter_map(|(index, &item)| variant(cx, index, item))
        .collect()
}

fn variant(cx: &mut Cx<'_, '_>, index: usize, node: NodeId) -> Option<Sited<Arc<ir::Variant>>> {
    let variant: schema::Variant = cx.read(node, "a variant")?;
    let ids = cx.tree.list(cx.tree.at(node, "pci")).unwrap_or_default();
    let pci: Vec<_> = variant
        .pci
        .iter()
        .zip(ids)
        .filter_map(|(text, &at)| pci_id(cx, text, at))
        .collect();
    let when = match cx.tree.get(node, "when") {
        Some(when) => Some(Typer::new(cx, when, &Scope::facts()).condition()?),
        None => None,
    };
    let limits = match cx.tree.get(node, "limits") {
        Some(limits) => {
            let raw: schema::VariantLimits = cx.read(limits, "`limits`")?;
            ir::VariantLimits {
                tx_frame_max: raw.tx_frame_max,
                rx_frame_max: raw.rx_frame_max,
            }
        }
        None => ir::VariantLimits::default(),
    };
    let camel = names::camel(&variant.name.0);
    let type_name = match camel.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("V{camel}"),
        false => camel,
    };
    let variant = ir::Variant {
        name: variant.name.0,
        index,
        type_name,
        title: variant.title,
        pci,
        qemu: variant.qemu,
        when,
        limits,
    };
    Some(Sited::new(node, Arc::new(variant)))
}

fn pci_id(
    cx: &mut Cx<'_, '_>,
    schema::PciId(text): &schema::PciId,
    at: NodeId,
) -> Option<ir::PciId> {
    let half = |text: &str| {
        (text.len() == 4)
            .then(|| u16::from_str_radix(text, 16).ok())
            .flatten()
    };
    let id = text
        .split_once(':')
        .and_then(|(vendor, device)| Some((half(vendor)?, half(device)?)));
    match id {
        Some((vendor, device)) => Some(ir::PciId { vendor, device }),
        None => {
            cx.add(bad_pci_id::finding(cx.tree.span(at), text));
            None
        }
    }
}

/// The values of a constant for every variant.
fn values(cx: &mut Cx<'_, '_>, name: &str, value: u32) -> Vec<u32> {
    let variants = cx
        .section("variants")
        .and_then(|node| cx.tree.list(node))
        .unwrap_or_default();
    variants
        .iter()
        .map(|&variant| {
            let overridden = cx
                .tree
                .get(variant, "constants")
                .and_then(|constants| cx.tree.get(constants, name));
            let text = overridden.and_then(|node| cx.tree.text(node));
            text.and_then(number).unwrap_or(value)
        })
        .collect()
}

/// A number as an expression writes it.
fn number(text: &str) -> Option<u32> {
    match crate::expr::parse(text).ok()?.kind {
        crate::expr::AstKind::Number { value, .. } => Some(value),
        _ => None,
    }
}

pub(super) fn constants(cx: &mut Cx<'_, '_>) {
    if let Some(node) = cx.section("constants") {
        for entry in cx.entries(node, "`constants`") {
            global_name(cx, entry.key_span, &entry.key, "a constant");
            match cx.read::<schema::Constant>(entry.value, &format!("constant `{}`", entry.key)) {
                Some(constant) => {
                    let values = values(cx, &entry.key, constant.value);
                    let section = constant.section.map(|section| section.0);
                    let constant = ir::Constant {
                        name: entry.key.clone(),
                        doc: constant.doc,
                        section,
                        values,
                    };
                    cx.constants
                        .push(Sited::new(entry.value, Arc::new(constant)));
                }
                None => {
                    cx.broken.insert(entry.key.clone());
                }
            }
        }
    }
    overrides(cx);
}

/// Every override names a constant and is a number.
fn overrides(cx: &mut Cx<'_, '_>) {
    let variants = cx
        .section("variants")
        .and_then(|node| cx.tree.list(node))
        .unwrap_or_default();
    for &variant in variants {
        let Some(node) = cx.tree.get(variant, "constants") else {
            continue;
        };
        for entry in cx.entries(node, "`constants`") {
            let known: Vec<&str> = cx
                .constants
                .iter()
                .map(|constant| constant.name.as_str())
                .collect();
            if !known.contains(&entry.key.as_str()) && !cx.broken.contains(&entry.key) {
                let finding = unknown_name::finding(entry.key_span, "constant", &entry.key, &known);
                cx.add(finding);
            }
            let text = cx.tree.text(entry.value);
            if text.and_then(number).is_none() {
                let span = cx.tree.span(entry.value);
                cx.add(wrong_type::finding(
                    span,
                    &format!("`{}`", entry.key),
                    "a number of at most 32 bits",
                    text,
                ));
            }
        }
    }
}

pub(super) fn options(cx: &mut Cx<'_, '_>) {
    let Some(node) = cx.section("options") else {
        return;
    };
    for entry in cx.entries(node, "`options`") {
        global_name(cx, entry.key_span, &entry.key, "an option");
        let Some(option) =
            cx.read::<schema::UserOption>(entry.value, &format!("option `{}`", entry.key))
        else {
            cx.broken.insert(entry.key.clone());
            continue;
        };
        if option.default > option.max {
            let span = cx.tree.span_at(entry.value, "default");
            let max = u64::from(option.max);
            cx.add(does_not_fit::finding(
                span,
                u64::from(option.default),
                &format!("option `{}`", entry.key),
                max,
            ));
        }
        let option = ir::Choice {
            name: entry.key.clone(),
            doc: option.doc,
            default: option.default,
            max: option.max,
            section: option.section.map(|section| section.0),
        };
        cx.options.push(Sited::new(entry.value, Arc::new(option)));
    }
}

/// Names that an expression may use anywhere are lower case and unique.
fn global_name(cx: &mut Cx<'_, '_>, span: crate::diagnostic::Span, name: &str, what: &str) {
    if !names::is_lower(name) {
        cx.add(bad_name::finding(
            span,
            what,
            name,
            "lower-case letters, digits and underscores",
        ));
    }
    if is_head(name) {
        cx.add(name_taken::finding(
            span,
            name,
            "a value that the port passes in",
        ));
    }
    if cx.constants.iter().any(|constant| constant.name == name) {
        cx.add(name_taken::finding(span, name, "a constant"));
    }
}
