//! `nic`, `variants`, `spaces`, `constants` and `options`.

use std::sync::Arc;

use super::cx::Cx;
use super::expr;
use super::names;
use crate::diagnostic::{NodeId, Span};
use crate::draft::Sited;
use crate::errors::{bad_pci_id, does_not_fit, name_of_file, name_taken, not_shown, unknown_name};
use crate::identifiers;
use crate::ir;
use crate::ir::builtin::is_head;
use crate::number;
use crate::schema;
use crate::tree::Entry;

/// Name, title and datasheet.
pub(super) fn nic(cx: &mut Cx<'_, '_>, stem: &str) -> Option<(String, String, String)> {
    let node = cx.section("nic")?;
    let nic: schema::Nic = cx.read(node, "`nic`")?;
    let (span, name) = (cx.tree.span_at(node, "name"), nic.name.0);
    cx.spelled(span, "the NIC's name", &name, names::NIC);
    if (names::NIC.fits)(&name) && name != stem {
        cx.add(name_of_file::finding(span, &name, stem));
    }
    Some((name, nic.title, nic.datasheet))
}

pub(super) fn spaces(cx: &mut Cx<'_, '_>) {
    for entry in cx.chapter("spaces") {
        cx.spelled(entry.key_span, "a space", &entry.key, names::LOWER);
        let what = format!("space `{}`", entry.key);
        let Some(space) = cx.read::<schema::Space>(entry.value, &what) else {
            cx.broken.insert(entry.key.clone());
            continue;
        };
        cx.spaces.push(Arc::new(ir::Space {
            name: entry.key.clone(),
            bar: space.bar,
            size: space.size,
        }));
    }
    let node = cx.section("spaces");
    if let Some(node) = node.filter(|&node| cx.tree.map(node).is_some_and(<[_]>::is_empty)) {
        cx.wrong::<()>(node, "`spaces`", "at least one space");
    }
}

/// The names alone: conditions and registers refer to them before a variant is complete.
pub(super) fn variant_names(cx: &mut Cx<'_, '_>) {
    let Some(node) = cx.section("variants") else {
        return;
    };
    let items = cx.items(node, "`variants`");
    if items.is_empty() && cx.tree.list(node).is_some() {
        cx.wrong::<()>(node, "`variants`", "at least one variant");
    }
    for &item in items {
        let Some(at) = cx.tree.get(item, "name") else {
            continue;
        };
        let Some(name) = cx.tree.text(at) else {
            continue;
        };
        let span = cx.tree.span(at);
        cx.spelled(span, "a variant", name, names::WORD);
        if cx.variants.iter().any(|known| known == name) {
            cx.add(name_taken::finding(span, name, "another variant"));
        }
        cx.variants.push(name.to_owned());
    }
}

pub(super) fn variants(cx: &mut Cx<'_, '_>) -> Vec<Sited<Arc<ir::Variant>>> {
    let items = cx.tree.items(cx.tree.root(), "variants").iter().enumerate();
    let mut variants: Vec<(NodeId, ir::Variant)> = Vec::new();
    for (index, &item) in items {
        let Some(mut variant) = variant(cx, index, item) else {
            continue;
        };
        // A device of this variant does not show what makes an earlier one of the same id answer.
        let first = variant.pci.first().copied();
        let earlier = variants.iter().map(|(_, earlier)| earlier);
        let rivals = earlier.filter(|rival| first.is_some_and(|id| rival.pci.contains(&id)));
        let rivals = rivals.filter_map(|rival| Some((rival.when.as_ref()?, false)));
        let own = variant.when.iter().map(|when| (when, true));
        // NS0205 and NS0509 report a variant that no device shows.
        if let Some(shown) = ir::Showing::of(own.chain(rivals)) {
            variant.shown = shown;
        }
        variants.push((item, variant));
    }
    let sited = |(node, variant)| Sited::new(node, Arc::new(variant));
    variants.into_iter().map(sited).collect()
}

fn variant(cx: &mut Cx<'_, '_>, index: usize, node: NodeId) -> Option<ir::Variant> {
    let variant: schema::Variant = cx.read(node, "a variant")?;
    let ids = variant.pci.iter().zip(cx.tree.items(node, "pci"));
    let pci = ids
        .filter_map(|(text, &at)| pci_id(cx, &text.0, at))
        .collect();
    let when = cx.maybe(node, "when", expr::condition_on_device)?;
    let shown = match &when {
        None => ir::Showing::default(),
        Some(when) => match ir::Showing::of([(when, true)]) {
            Some(shown) => shown,
            None => {
                let at = cx.tree.span_at(node, "when");
                return cx.fail(not_shown::finding(at, "`when`", true));
            }
        },
    };
    let limits = cx.maybe(node, "limits", |cx, limits| {
        let _: schema::VariantLimits = cx.read(limits, "`limits`")?;
        let own = |limit: ir::Limit| {
            let value = cx.tree.text(cx.tree.get(limits, limit.name())?)?;
            Some((limit, number::fitting(value)?))
        };
        Some(ir::Limit::ALL.into_iter().filter_map(own).collect())
    })?;
    let qemu = cx.maybe(node, "qemu", |cx, qemu| {
        let raw: schema::QemuModel = cx.read(qemu, "`qemu`")?;
        Some(ir::QemuModel {
            device: raw.device,
            lossy: raw.lossy.unwrap_or(false),
            lacks: raw.lacks.unwrap_or_default(),
        })
    })?;
    let type_name = identifiers::variant(&variant.name.0);
    Some(ir::Variant {
        name: variant.name.0,
        index,
        type_name,
        title: variant.title,
        pci,
        qemu,
        when,
        shown,
        limits: limits.unwrap_or_default(),
    })
}

fn pci_id(cx: &mut Cx<'_, '_>, text: &str, at: NodeId) -> Option<ir::PciId> {
    let id = ir::PciId::parse(text);
    id.or_else(|| cx.fail(bad_pci_id::finding(cx.tree.span(at), text)))
}

/// The values of a constant for every variant.
fn values(cx: &Cx<'_, '_>, name: &str, value: u32) -> Vec<u32> {
    let variants = cx.tree.items(cx.tree.root(), "variants").iter();
    let own = variants.map(|&variant| {
        let constants = cx.tree.get(variant, "constants")?;
        number::fitting(cx.tree.text(cx.tree.get(constants, name)?)?)
    });
    own.map(|own| own.unwrap_or(value)).collect()
}

pub(super) fn constants(cx: &mut Cx<'_, '_>) {
    for entry in cx.chapter("constants") {
        global_name(cx, entry.key_span, &entry.key, "a constant");
        let what = format!("constant `{}`", entry.key);
        let Some(constant) = cx.read::<schema::Constant>(entry.value, &what) else {
            cx.broken.insert(entry.key.clone());
            continue;
        };
        let constant = ir::Constant {
            name: entry.key.clone(),
            doc: constant.doc,
            section: constant.section.map(|section| section.0),
            values: values(cx, &entry.key, constant.value),
        };
        cx.constants
            .push(Sited::new(entry.value, Arc::new(constant)));
    }
    for &variant in cx.tree.items(cx.tree.root(), "variants") {
        cx.part(variant, "constants", |cx, node| {
            let entries = cx.entries(node, "`constants`").iter();
            entries.for_each(|entry| overridden(cx, entry));
            Some(())
        });
    }
}

/// An override names a constant and is a number.
fn overridden(cx: &mut Cx<'_, '_>, entry: &Entry) {
    let name = &entry.key;
    if cx.constant(name).is_none() && !cx.broken.contains(name) {
        let known = cx.constants.iter().map(|constant| constant.name.as_str());
        let known: Vec<&str> = known.collect();
        let finding = unknown_name::finding(entry.key_span, "constant", name, &known);
        cx.add(finding);
    }
    let _: Option<u32> = schema::element(cx.tree, entry.value, name, cx.findings);
}

pub(super) fn options(cx: &mut Cx<'_, '_>) {
    for entry in cx.chapter("options") {
        global_name(cx, entry.key_span, &entry.key, "an option");
        let what = format!("option `{}`", entry.key);
        let Some(option) = cx.read::<schema::UserOption>(entry.value, &what) else {
            cx.broken.insert(entry.key.clone());
            continue;
        };
        let (default, max) = (option.default, option.max);
        if default > max {
            let span = cx.tree.span_at(entry.value, "default");
            cx.add(does_not_fit::finding(
                span,
                default.into(),
                &what,
                max.into(),
                "",
            ));
        }
        let option = ir::Choice {
            name: entry.key.clone(),
            doc: option.doc,
            default,
            max,
            section: option.section.map(|section| section.0),
        };
        cx.options.push(Sited::new(entry.value, Arc::new(option)));
    }
}

/// Names that an expression may use anywhere are lower case and unique.
fn global_name(cx: &mut Cx<'_, '_>, span: Span, name: &str, what: &str) {
    cx.spelled(span, what, name, names::LOWER);
    if is_head(name) {
        cx.add(name_taken::finding(span, name, OF_PORT));
    }
    if cx.constant(name).is_some() {
        cx.add(name_taken::finding(span, name, "a constant"));
    }
}

/// What names that only the port may give are.
pub(super) const OF_PORT: &str = "a value that the port passes in";
