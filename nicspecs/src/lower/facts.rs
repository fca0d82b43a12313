//! `interrupts`, `link`, `filters`, `statistics` and `order`

use std::sync::Arc;

use super::cx::Cx;
use super::draft::Sited;
use super::expr::Typer;
use super::names;
use super::scope::Scope;
use crate::check::{bad_name, missing_key, wrong_type};
use crate::ir;
use crate::raw;
use crate::tree::{Entry, NodeId};

pub(super) fn interrupts(cx: &mut Cx<'_, '_>) -> Option<ir::Interrupts> {
    let node = cx.section("interrupts")?;
    let raw: raw::Interrupts = cx.read(node, "`interrupts`")?;
    let cause_node = cx.tree.at(node, "cause");
    let cause: Option<raw::Cause> = cx.read(cause_node, "`cause`");
    let register = cause
        .as_ref()
        .and_then(|_| cx.register(cx.tree.at(cause_node, "register")));
    let (mask_set, mask_clear) = (
        cx.register(cx.tree.at(node, "mask_set")),
        cx.register(cx.tree.at(node, "mask_clear")),
    );
    let causes_node = cx.tree.at(node, "causes");
    let causes: Option<raw::Causes> = cx.read(causes_node, "`causes`");
    let causes = register
        .as_ref()
        .and_then(|register| causes.map(|_| causes_of(cx, register, causes_node)));
    let throttle = match cx.tree.get(node, "throttle") {
        Some(node) => Some(throttle(cx, node)?),
        None => None,
    };
    Some(ir::Interrupts {
        section: raw.section.0,
        modes: raw.modes.into_iter().map(mode).collect(),
        cause: register?,
        acknowledge: match cause?.acknowledge {
            raw::Acknowledge::Read => ir::Acknowledge::Read,
            raw::Acknowledge::Write => ir::Acknowledge::Write,
        },
        mask_set: mask_set?,
        mask_clear: mask_clear?,
        causes: causes?,
        throttle,
    })
}

fn mode(mode: raw::InterruptMode) -> ir::InterruptMode {
    match mode {
        raw::InterruptMode::Intx => ir::InterruptMode::Intx,
        raw::InterruptMode::Msi => ir::InterruptMode::Msi,
        raw::InterruptMode::Msix => ir::InterruptMode::Msix,
    }
}

fn causes_of(cx: &mut Cx<'_, '_>, register: &ir::Register, node: NodeId) -> Vec<ir::Cause> {
    let entries = cx.tree.map(node).unwrap_or_default();
    let cause = |entry: &Entry| {
        let items = cx.tree.list(entry.value).unwrap_or_default();
        let field = |&item: &NodeId| cx.field(register, cx.tree.text(item)?, cx.tree.span(item));
        ir::Cause {
            name: entry.key.clone(),
            fields: items.iter().filter_map(field).collect(),
        }
    };
    entries.iter().map(cause).collect()
}

fn throttle(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Throttle> {
    let raw: raw::Throttle = cx.read(node, "`throttle`")?;
    let register = cx.register(cx.tree.at(node, "register"))?;
    let field = match &raw.field {
        Some(raw::Name(name)) => Some(cx.field(&register, name, cx.tree.span_at(node, "field"))?),
        None => None,
    };
    Some(ir::Throttle {
        register,
        field,
        unit_ns: raw.unit_ns,
    })
}

pub(super) fn link(cx: &mut Cx<'_, '_>) -> Option<ir::Link> {
    let node = cx.section("link")?;
    let raw: raw::Link = cx.read(node, "`link`")?;
    let scope = Scope::facts();
    let up = Typer::new(cx, cx.tree.at(node, "up"), &scope).condition();
    let full_duplex = Typer::new(cx, cx.tree.at(node, "full_duplex"), &scope).condition();
    let items = cx.items(cx.tree.at(node, "speeds"), "`speeds`");
    let speed = |&item: &NodeId| {
        let speed: raw::Speed = cx.read(item, "a speed")?;
        let when = Typer::new(cx, cx.tree.at(item, "when"), &scope).condition()?;
        Some(ir::Speed {
            when,
            mbps: speed.mbps,
        })
    };
    let speeds = items.iter().filter_map(speed).collect();
    Some(ir::Link {
        section: raw.section.0,
        up: up?,
        speeds,
        full_duplex: full_duplex?,
        reset_queues: raw.reset_queues,
    })
}

pub(super) fn filters(cx: &mut Cx<'_, '_>) -> Option<ir::Filters> {
    let node = cx.section("filters")?;
    let raw: raw::Filters = cx.read(node, "`filters`")?;
    let node = cx.tree.at(node, "multicast");
    let _: raw::Multicast = cx.read(node, "`multicast`")?;
    let table = cx.register(cx.tree.at(node, "table"));
    let hash_node = cx.tree.at(node, "hash");
    let hash: raw::Hash = cx.read(hash_node, "`hash`")?;
    let hash = match (hash.address_bits, hash.crc32) {
        (Some(bits), None) => ir::Hash::AddressBits {
            low: bits.low,
            width: bits.width,
        },
        (None, Some(bits)) => ir::Hash::Crc32 {
            low: bits.low,
            width: bits.width,
        },
        _ => {
            let span = cx.tree.key_span(hash_node);
            cx.add(wrong_type::finding(
                span,
                "`hash`",
                "one of `address_bits` and `crc32`",
                None,
            ));
            return None;
        }
    };
    let table = table?;
    cx.limits.multicast_words = Some(table.count());
    Some(ir::Filters {
        section: raw.section.0,
        table,
        hash,
    })
}

pub(super) fn statistics(cx: &mut Cx<'_, '_>) -> Vec<Sited<ir::Counter>> {
    let Some(node) = cx.section("statistics") else {
        return Vec::new();
    };
    cx.entries(node, "`statistics`")
        .iter()
        .filter_map(|entry| counter(cx, entry))
        .collect()
}

fn counter(cx: &mut Cx<'_, '_>, entry: &Entry) -> Option<Sited<ir::Counter>> {
    let (name, node) = (&entry.key, entry.value);
    if !names::is_lower(name) {
        cx.add(bad_name::finding(
            entry.key_span,
            "a counter",
            name,
            "lower-case letters, digits and underscores",
        ));
    }
    let raw: raw::Counter = cx.read(node, &format!("counter `{name}`"))?;
    let source = match (&raw.register, &raw.low, &raw.high) {
        (Some(_), None, None) => ir::Source::One(cx.register(cx.tree.at(node, "register"))?),
        (None, Some(_), Some(_)) => {
            let (low, high) = (
                cx.register(cx.tree.at(node, "low")),
                cx.register(cx.tree.at(node, "high")),
            );
            ir::Source::Pair {
                low: low?,
                high: high?,
            }
        }
        (None, None, None) => {
            cx.add(missing_key::finding(
                cx.tree.key_span(node),
                &format!("counter `{name}`"),
                "register",
            ));
            return None;
        }
        _ => {
            let span = cx.tree.key_span(node);
            let what = format!("counter `{name}`");
            cx.add(wrong_type::finding(
                span,
                &what,
                "either `register`, or both `low` and `high`",
                None,
            ));
            return None;
        }
    };
    let counts = raw.counts.map(|counts| match counts {
        raw::Counts::RxFrames => ir::Counts::RxFrames,
        raw::Counts::RxBytes => ir::Counts::RxBytes,
        raw::Counts::TxFrames => ir::Counts::TxFrames,
        raw::Counts::TxBytes => ir::Counts::TxBytes,
        raw::Counts::RxBroadcast => ir::Counts::RxBroadcast,
        raw::Counts::RxMulticast => ir::Counts::RxMulticast,
        raw::Counts::RxMissed => ir::Counts::RxMissed,
    });
    Some(Sited::new(
        node,
        ir::Counter {
            name: name.clone(),
            doc: raw.doc,
            source,
            counts,
        },
    ))
}

pub(super) fn order(cx: &mut Cx<'_, '_>) -> Vec<Sited<ir::OrderRule>> {
    let Some(node) = cx.section("order") else {
        return Vec::new();
    };
    cx.items(node, "`order`")
        .iter()
        .filter_map(|&item| order_rule(cx, item))
        .collect()
}

fn order_rule(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<Sited<ir::OrderRule>> {
    let raw: raw::Order = cx.read(node, "an order rule")?;
    let first = cx.register_list(cx.tree.at(node, "first"), "`first`");
    let then = field_of_any_element(cx, cx.tree.at(node, "then"))?;
    Some(Sited::new(
        node,
        ir::OrderRule {
            first,
            then,
            section: raw.section.0,
        },
    ))
}

/// A field of a register. An array may be named without an index, which means every element.
pub(super) fn field_of_any_element(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::FieldPlace> {
    let scope = Scope::of_queue(cx.limits.tx.queues.max(cx.limits.rx.queues));
    let path = Typer::new(cx, node, &scope).parsed_path()?;
    let register = cx.registers.find(&path.head.text).cloned();
    match (register, path.index.is_none(), path.rest.as_slice()) {
        (Some(register), true, [field]) if register.is_array => {
            let span = cx.tree.part(node, field.at.start, field.at.end);
            let field = cx.field(&register, &field.text, span)?;
            Some(ir::FieldPlace {
                place: ir::Place {
                    register: Arc::clone(&register),
                    index: None,
                },
                field,
            })
        }
        _ => Typer::new(cx, node, &scope).field_place_of(&path),
    }
}
