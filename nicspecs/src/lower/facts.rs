//! `interrupts`, `link`, `filters`, `statistics` and `order`

use super::cx::{Cx, Part};
use super::expr::{self, field_of_any_element, order_event};
use super::messages;
use super::names;
use crate::diagnostic::NodeId;
use crate::draft::Sited;
use crate::errors::{missing_key, not_shown};
use crate::ir;
use crate::schema::{self, Bits};
use crate::tree::Entry;

pub(super) fn interrupts(cx: &mut Cx<'_, '_>) -> Option<ir::Interrupts> {
    let node = cx.section("interrupts")?;
    let raw: Option<schema::Interrupts> = cx.read(node, "`interrupts`");
    let cause = cx.part(node, "cause", |cx, node| {
        let raw: schema::Cause = cx.read(node, "`cause`")?;
        Some((cx.part(node, "register", Cx::register)?, raw.acknowledge))
    });
    let mask = raw.as_ref().and_then(|raw| mask(cx, node, raw));
    let causes = cx.part(node, "causes", |cx, node| {
        let _: schema::Causes = cx.read(node, "`causes`")?;
        let (register, _) = cause.as_ref()?;
        Some(causes_of(cx, register, node))
    });
    let throttle = cx.maybe(node, "throttle", throttle);
    let (register, acknowledge) = cause?;
    let mask = mask?;
    let messages = cx.maybe(node, "messages", |cx, node| {
        messages::lower(cx, node, &register, &mask)
    });
    let raw = raw?;
    Some(ir::Interrupts {
        section: raw.section.0,
        modes: raw.modes,
        cause: register,
        acknowledge,
        mask,
        causes: causes?,
        throttle: throttle?,
        messages: messages?,
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
            cx.wrong(node, "`interrupts`", expected)
        }
    }
}

fn causes_of(cx: &mut Cx<'_, '_>, register: &ir::Register, node: NodeId) -> Vec<ir::Cause> {
    let entries = cx.tree.map(node).unwrap_or_default();
    let cause = |entry: &Entry| {
        let items = cx.tree.list(entry.value).unwrap_or_default().iter();
        ir::Cause {
            name: entry.key.clone(),
            fields: items
                .filter_map(|&item| cx.field_named(register, item))
                .collect(),
        }
    };
    entries.iter().map(cause).collect()
}

fn throttle(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Throttle> {
    let raw: schema::Throttle = cx.read(node, "`throttle`")?;
    let register = cx.register(cx.tree.at(node, "register"))?;
    Some(ir::Throttle {
        field: cx.maybe(node, "field", |cx, field| cx.field_named(&register, field))?,
        register,
        unit_ns: raw.unit_ns,
    })
}

pub(super) fn link(cx: &mut Cx<'_, '_>) -> Option<ir::Link> {
    let node = cx.section("link")?;
    let raw: Option<schema::Link> = cx.read(node, "`link`");
    let present = cx.part(node, "present", expr::condition);
    let up = cx.part(node, "up", expr::condition);
    let down = up.as_ref().and_then(|up| match up {
        ir::Cond::Literal(true) => Some(Vec::new()),
        up => {
            let down = ir::Showing::of([(up, false)]).map(|showing| showing.fields);
            let at = cx.tree.span_at(node, "up");
            down.or_else(|| cx.fail(not_shown::finding(at, "`up`", false)))
        }
    });
    let speeds = cx.each(node, "speeds", |cx, node| {
        let speed: schema::Speed = cx.read(node, "a speed")?;
        Some(ir::Speed {
            when: cx.part(node, "when", expr::condition)?,
            mbps: speed.mbps,
        })
    });
    let full_duplex = cx.part(node, "full_duplex", expr::condition);
    let raw = raw?;
    Some(ir::Link {
        section: raw.section.0,
        present: present?,
        up: up?,
        down: down?,
        speeds,
        full_duplex: full_duplex?,
    })
}

pub(super) fn filters(cx: &mut Cx<'_, '_>) -> Option<ir::Filters> {
    let node = cx.section("filters")?;
    let raw: Option<schema::Filters> = cx.read(node, "`filters`");
    let multicast = cx.maybe(node, "multicast", |cx, node| {
        let _: schema::Multicast = cx.read(node, "`multicast`")?;
        let table = cx.part(node, "table", Cx::register);
        let hash = cx.part(node, "hash", hash);
        let reversed_on = cx.variants_named(node, "reversed_on");
        let reversed_on = reversed_on.unwrap_or_else(|| cx.no_variant());
        Some(ir::Multicast {
            table: table?,
            hash: hash?,
            reversed_on,
        })
    });
    if multicast.is_none() {
        cx.limits.multicast = Part::Unknown;
    }
    let multicast = multicast?;
    cx.limits.multicast = match &multicast {
        Some(multicast) => Part::Known(multicast.table.count()),
        None => Part::None,
    };
    let raw = raw?;
    Some(ir::Filters {
        section: raw.section.0,
        multicast,
        after_start: raw.after == Some(schema::FilterAfter::Start),
    })
}

fn hash(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Hash> {
    let hash: schema::Hash = cx.read(node, "`hash`")?;
    match (hash.address_bits, hash.crc32) {
        (Some(Bits { low, width }), None) => Some(ir::Hash::AddressBits { low, width }),
        (None, Some(Bits { low, width })) => Some(ir::Hash::Crc32 { low, width }),
        _ => cx.wrong(node, "`hash`", "one of `address_bits` and `crc32`"),
    }
}

pub(super) fn statistics(cx: &mut Cx<'_, '_>) -> Vec<Sited<ir::Counter>> {
    let entries = cx.chapter("statistics").iter();
    entries.filter_map(|entry| counter(cx, entry)).collect()
}

fn counter(cx: &mut Cx<'_, '_>, entry: &Entry) -> Option<Sited<ir::Counter>> {
    let (name, node) = (&entry.key, entry.value);
    cx.spelled(entry.key_span, "a counter", name, names::LOWER);
    let what = format!("counter `{name}`");
    let raw: schema::Counter = cx.read(node, &what)?;
    let in_block = raw.block.is_some() || raw.bytes.is_some();
    let source = match (&raw.register, &raw.low, &raw.high) {
        (None, None, None) if in_block => block(cx, node, &what, &raw)?,
        _ if in_block => {
            return cx.wrong(node, &what, "either registers, or both `block` and `bytes`");
        }
        (Some(_), None, None) => ir::Source::One(cx.register(cx.tree.at(node, "register"))?),
        (None, Some(_), Some(_)) => {
            let low = cx.part(node, "low", Cx::register);
            let high = cx.part(node, "high", Cx::register);
            ir::Source::Pair {
                low: low?,
                high: high?,
            }
        }
        (None, None, None) => {
            let span = cx.tree.key_span(node);
            return cx.fail(missing_key::finding(span, &what, "register"));
        }
        _ => return cx.wrong(node, &what, "either `register`, or both `low` and `high`"),
    };
    let also = cx.maybe(node, "also", |cx, at| also(cx, at, &what, &source))?;
    let counter = ir::Counter {
        name: name.clone(),
        doc: raw.doc,
        variants: match (&source, &also) {
            (ir::Source::One(register), None) => register.variants.clone(),
            (ir::Source::One(register), Some(also)) => {
                register.variants.and(&also.register.variants)
            }
            (ir::Source::Pair { low, high }, _) => low.variants.and(&high.variants),
            (ir::Source::Block { .. }, _) => ir::Variants::all(cx.variants.len()),
        },
        source,
        also,
        counts: raw.counts,
    };
    Some(Sited::new(node, counter))
}

/// The other register of a counter in one register.
fn also(cx: &mut Cx<'_, '_>, node: NodeId, what: &str, source: &ir::Source) -> Option<ir::Also> {
    let _: schema::Also = cx.read(node, "`also`")?;
    let register = cx.part(node, "register", Cx::register);
    let when = cx.part(node, "when", field_of_any_element);
    let (register, when) = (register?, when?);
    let ir::Source::One(first) = source else {
        return cx.wrong(node, what, "`register` with `also`");
    };
    let cleared_by = |access: ir::Access| (access.read_clears(), access.any_write_clears());
    if first.name == register.name || cleared_by(first.access) != cleared_by(register.access) {
        let expected = format!(
            "another register, which is cleared in the same way as `{}`",
            first.name
        );
        return cx.wrong(node, "`also`", &expected);
    }
    Some(ir::Also { register, when })
}

/// A counter in a block has no register whose title could stand for a sentence of its own.
fn block(
    cx: &mut Cx<'_, '_>,
    node: NodeId,
    what: &str,
    raw: &schema::Counter,
) -> Option<ir::Source> {
    for key in ["block", "bytes", "doc"] {
        if cx.tree.get(node, key).is_none() {
            cx.add(missing_key::finding(cx.tree.key_span(node), what, key));
        }
    }
    raw.doc.as_ref()?;
    Some(ir::Source::Block {
        offset: raw.block?,
        bytes: raw.bytes?,
    })
}

pub(super) fn order(cx: &mut Cx<'_, '_>) -> Vec<Sited<ir::OrderRule>> {
    cx.each(cx.tree.root(), "order", order_rule)
}

fn order_rule(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<Sited<ir::OrderRule>> {
    let raw: schema::Order = cx.read(node, "an order rule")?;
    let rule = ir::OrderRule {
        first: cx.each(node, "first", order_event),
        then: cx.part(node, "then", order_event)?,
        section: raw.section.0,
        line: cx.tree.line(node),
    };
    Some(Sited::new(node, rule))
}
