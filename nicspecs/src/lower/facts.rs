//! `interrupts`, `link`, `filters`, `statistics` and `order`

use super::cx::Cx;
use super::expr::{Typer, field_of_any_element};
use super::messages;
use super::names;
use super::scope::Scope;
use crate::diagnostic::NodeId;
use crate::draft::Sited;
use crate::errors::{bad_name, missing_key, wrong_type};
use crate::ir;
use crate::schema;
use crate::tree::Entry;

pub(super) fn interrupts(cx: &mut Cx<'_, '_>) -> Option<ir::Interrupts> {
    let node = cx.section("interrupts")?;
    let raw: Option<schema::Interrupts> = cx.read(node, "`interrupts`");
    let cause = cx.part(node, "cause", |cx, node| {
        let raw: schema::Cause = cx.read(node, "`cause`")?;
        Some((
            cx.register(cx.tree.get(node, "register")?)?,
            raw.acknowledge,
        ))
    });
    let mask = raw.as_ref().and_then(|raw| mask(cx, node, raw));
    let causes = cx.part(node, "causes", |cx, node| {
        let _: schema::Causes = cx.read(node, "`causes`")?;
        let (register, _) = cause.as_ref()?;
        Some(causes_of(cx, register, node))
    });
    let throttle = cx.tree.get(node, "throttle").map(|node| throttle(cx, node));
    let (register, acknowledge) = cause?;
    let mask = mask?;
    let messages = cx.tree.get(node, "messages");
    let messages = messages.map(|node| messages::lower(cx, node, &register, &mask));
    let raw = raw?;
    Some(ir::Interrupts {
        section: raw.section.0,
        modes: raw.modes,
        cause: register,
        acknowledge,
        mask,
        causes: causes?,
        throttle: match throttle {
            Some(throttle) => Some(throttle?),
            None => None,
        },
        messages: match messages {
            Some(messages) => Some(messages?),
            None => None,
        },
    })
}

/// One register, or one that sets and one that clears.
fn mask(cx: &mut Cx<'_, '_>, node: NodeId, raw: &schema::Interrupts) -> Option<ir::Mask> {
    let whole = cx.part(node, "mask", Cx::register);
    let set = cx.part(node, "mask_set", Cx::register);
    let clear = cx.part(node, "mask_clear", Cx::register);
    match (&raw.mask, &raw.mask_set, &raw.mask_clear) {
        (Some(_), None, None) => Some(ir::Mask::Whole(whole?)),
        (None, Some(_), Some(_)) => Some(ir::Mask::Pair {
            set: set?,
            clear: clear?,
        }),
        _ => {
            let expected = "either `mask`, or both `mask_set` and `mask_clear`";
            let span = cx.tree.key_span(node);
            cx.add(wrong_type::finding(span, "`interrupts`", expected, None));
            None
        }
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
    let raw: schema::Throttle = cx.read(node, "`throttle`")?;
    let register = cx.register(cx.tree.at(node, "register"))?;
    let field = match &raw.field {
        Some(schema::Name(name)) => {
            Some(cx.field(&register, name, cx.tree.span_at(node, "field"))?)
        }
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
    let raw: Option<schema::Link> = cx.read(node, "`link`");
    let condition = |cx: &mut Cx<'_, '_>, node| Typer::new(cx, node, &Scope::facts()).condition();
    let up = cx.part(node, "up", condition);
    let speeds = cx.part(node, "speeds", |cx, node| {
        let items = cx.items(node, "`speeds`");
        let speed = |&item: &NodeId| {
            let speed: schema::Speed = cx.read(item, "a speed")?;
            let when = condition(cx, cx.tree.get(item, "when")?)?;
            Some(ir::Speed {
                when,
                mbps: speed.mbps,
            })
        };
        Some(items.iter().filter_map(speed).collect())
    });
    let full_duplex = cx.part(node, "full_duplex", condition);
    let raw = raw?;
    Some(ir::Link {
        section: raw.section.0,
        up: up?,
        speeds: speeds?,
        full_duplex: full_duplex?,
    })
}

pub(super) fn filters(cx: &mut Cx<'_, '_>) -> Option<ir::Filters> {
    let node = cx.section("filters")?;
    let raw: Option<schema::Filters> = cx.read(node, "`filters`");
    let multicast = cx.part(node, "multicast", |cx, node| {
        let _: schema::Multicast = cx.read(node, "`multicast`")?;
        let table = cx.part(node, "table", Cx::register);
        let hash = cx.part(node, "hash", hash);
        let reversed_on = cx.variants_named(node, "reversed_on");
        Some((
            table?,
            hash?,
            reversed_on.unwrap_or_else(|| cx.no_variant()),
        ))
    });
    let (table, hash, reversed_on) = multicast?;
    cx.limits.multicast_words = Some(table.count());
    let raw = raw?;
    Some(ir::Filters {
        section: raw.section.0,
        table,
        hash,
        reversed_on,
        after_start: raw.after == Some(schema::FilterAfter::Start),
    })
}

fn hash(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Hash> {
    let hash: schema::Hash = cx.read(node, "`hash`")?;
    match (hash.address_bits, hash.crc32) {
        (Some(bits), None) => Some(ir::Hash::AddressBits {
            low: bits.low,
            width: bits.width,
        }),
        (None, Some(bits)) => Some(ir::Hash::Crc32 {
            low: bits.low,
            width: bits.width,
        }),
        _ => {
            let span = cx.tree.key_span(node);
            let expected = "one of `address_bits` and `crc32`";
            cx.add(wrong_type::finding(span, "`hash`", expected, None));
            None
        }
    }
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
    let raw: schema::Counter = cx.read(node, &format!("counter `{name}`"))?;
    let in_block = raw.block.is_some() || raw.bytes.is_some();
    let source = match (&raw.register, &raw.low, &raw.high) {
        (None, None, None) if in_block => block(cx, node, name, &raw)?,
        _ if in_block => {
            let span = cx.tree.key_span(node);
            let what = format!("counter `{name}`");
            let expected = "either registers, or both `block` and `bytes`";
            cx.add(wrong_type::finding(span, &what, expected, None));
            return None;
        }
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
    Some(Sited::new(
        node,
        ir::Counter {
            name: name.clone(),
            doc: raw.doc,
            variants: match &source {
                ir::Source::One(register) => register.variants.clone(),
                ir::Source::Pair { low, high } => low.variants.and(&high.variants),
                ir::Source::Block { .. } => ir::Variants::all(cx.variants.len()),
            },
            source,
            counts: raw.counts,
        },
    ))
}

/// A counter in a block has no register whose title could stand for a sentence of its own.
fn block(
    cx: &mut Cx<'_, '_>,
    node: NodeId,
    name: &str,
    raw: &schema::Counter,
) -> Option<ir::Source> {
    let keys = [
        ("block", raw.block.is_some()),
        ("bytes", raw.bytes.is_some()),
        ("doc", raw.doc.is_some()),
    ];
    for (key, _) in keys.iter().filter(|(_, there)| !there) {
        let what = format!("counter `{name}`");
        cx.add(missing_key::finding(cx.tree.key_span(node), &what, key));
    }
    raw.doc.as_ref()?;
    Some(ir::Source::Block {
        offset: raw.block?,
        bytes: raw.bytes?,
    })
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
    let raw: schema::Order = cx.read(node, "an order rule")?;
    let first = cx.items(cx.tree.at(node, "first"), "`first`");
    let first = first.iter().filter_map(|&item| order_event(cx, item));
    let first = first.collect();
    let then = order_event(cx, cx.tree.at(node, "then"))?;
    Some(Sited::new(
        node,
        ir::OrderRule {
            first,
            then,
            section: raw.section.0,
            line: cx.tree.line(node),
        },
    ))
}

/// A register, or a field of one.
fn order_event(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::OrderEvent> {
    let names_field = cx.tree.text(node).is_some_and(|text| text.contains('.'));
    match names_field {
        true => field_of_any_element(cx, node).map(ir::OrderEvent::Set),
        false => cx.register(node).map(ir::OrderEvent::Written),
    }
}
