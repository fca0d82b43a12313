//! `model`

use std::sync::Arc;

use super::cx::Cx;
use super::expr::{Typer, as_num, field_of_any_element};
use super::scope::Scope;
use crate::diagnostic::NodeId;
use crate::errors::{missing_key, wrong_type};
use crate::ir;
use crate::schema;

pub(super) fn lower(cx: &mut Cx<'_, '_>) -> Option<ir::Model> {
    let node = cx.section("model")?;
    let raw: Option<schema::Model> = cx.read(node, "`model`");
    let reset = fields(cx, node, "reset");
    let self_clearing = fields(cx, node, "self_clearing");
    let follows = optional_items(cx, node, "follows");
    let follows = follows
        .iter()
        .filter_map(|&item| follow(cx, item))
        .collect();
    let keeps = cx.part(node, "keeps", |cx, list| {
        Some(cx.register_list(list, "`keeps`"))
    });
    let comes_up = optional_items(cx, node, "comes_up");
    let comes_up = comes_up
        .iter()
        .filter_map(|&item| shown(cx, item, "`comes_up`"))
        .collect();
    let set_by_reading = fields(cx, node, "set_by_reading");
    let locks = optional_items(cx, node, "locks");
    let locks = locks.iter().filter_map(|&item| lock(cx, item)).collect();
    let kick_lost_on = cx.tree.get(node, "kick").and_then(|node| {
        let _: schema::Kick = cx.read(node, "`kick`")?;
        cx.variants_named(node, "lost_while_busy")
    });
    let tx = cx.part(node, "tx", |cx, node| {
        let _: schema::ModelTx = cx.read(node, "`tx`")?;
        let enable = fields(cx, node, "enable");
        Some(ir::ModelRing { enable })
    });
    let rx = cx.part(node, "rx", |cx, node| {
        let _: schema::ModelRx = cx.read(node, "`rx`")?;
        let enable = fields(cx, node, "enable");
        let longest = cx.tree.get(node, "longest");
        let longest = longest.map(|node| Typer::new(cx, node, &Scope::facts()).number());
        Some((ir::ModelRing { enable }, optional(longest)?))
    });
    let accept = cx.part(node, "accept", accept);
    let station = cx.part(node, "station", station);
    let stats_block = cx.tree.get(node, "stats_block");
    let stats_block = stats_block.map(|node| self::stats_block(cx, node));
    if stats_block.is_none() && has_block(cx) {
        let span = cx.tree.key_span(node);
        cx.add(missing_key::finding(span, "`model`", "stats_block"));
    }
    let eeprom = cx.tree.get(node, "eeprom").map(|node| eeprom(cx, node));
    let phy = cx.tree.get(node, "phy").map(|node| phy(cx, node));
    let require = optional_items(cx, node, "require");
    let require = require
        .iter()
        .filter_map(|&item| self::require(cx, item))
        .collect();
    let late = optional_items(cx, node, "late");
    let late = late
        .iter()
        .filter_map(|&item| self::late(cx, item))
        .collect();
    let links = optional_items(cx, node, "links");
    let links = links
        .iter()
        .filter_map(|&item| link_shown(cx, item))
        .collect();
    let refuse = optional_items(cx, node, "refuse");
    let refuse = refuse
        .iter()
        .filter_map(|&item| refusal(cx, item))
        .collect();
    let unobservable = optional_items(cx, node, "unobservable");
    let unobservable = unobservable
        .iter()
        .filter_map(|&item| self::unobservable(cx, item))
        .collect();
    raw?;
    let (rx, rx_longest) = rx?;
    Some(ir::Model {
        reset,
        self_clearing,
        follows,
        keeps: keeps.unwrap_or_default(),
        comes_up,
        set_by_reading,
        locks,
        kick_lost_on: kick_lost_on.unwrap_or_else(|| cx.no_variant()),
        tx: tx?,
        rx,
        rx_longest,
        accept: accept?,
        station: station?,
        stats_block: optional(stats_block)?,
        eeprom: optional(eeprom)?,
        phy: optional(phy)?,
        require,
        late,
        links,
        refuse,
        unobservable,
    })
}

/// An optional item: `None` means that it is there but could not be read.
fn optional<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        Some(None) => None,
        Some(Some(part)) => Some(Some(part)),
        None => Some(None),
    }
}

fn optional_items<'a>(cx: &mut Cx<'a, '_>, node: NodeId, key: &str) -> &'a [NodeId] {
    match cx.tree.get(node, key) {
        Some(list) => cx.items(list, &format!("`{key}`")),
        None => &[],
    }
}

fn fields(cx: &mut Cx<'_, '_>, node: NodeId, key: &str) -> Vec<ir::FieldPlace> {
    let items = cx
        .tree
        .get(node, key)
        .and_then(|list| cx.tree.list(list))
        .unwrap_or_default();
    items
        .iter()
        .filter_map(|&item| field_of_any_element(cx, item))
        .collect()
}

fn follow(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Follow> {
    let _: schema::Follow = cx.read(node, "an item of `follows`")?;
    let field = field_of_any_element(cx, cx.tree.at(node, "field"))?;
    let scope = Scope::of_queue(cx.limits.tx.queues.max(cx.limits.rx.queues));
    let value = Typer::new(cx, cx.tree.at(node, "is"), &scope)
        .value_for(&field.place.register, &field.field)?;
    Some(ir::Follow {
        field,
        is: as_num(value),
    })
}

fn lock(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Lock> {
    let raw: schema::Lock = cx.read(node, "an item of `locks`")?;
    let unless = Typer::new(cx, cx.tree.at(node, "unless"), &Scope::facts()).condition();
    let registers = cx.register_list(cx.tree.at(node, "registers"), "`registers`");
    Some(ir::Lock {
        unless: unless?,
        registers,
        section: raw.section.0,
    })
}

fn accept(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Accept> {
    let _: schema::Accept = cx.read(node, "`accept`")?;
    let mut get = |key: &str| {
        let at = cx.tree.get(node, key);
        at.map(|at| field_of_any_element(cx, at))
    };
    let (broadcast, promiscuous) = (get("broadcast"), get("promiscuous"));
    let (all_multicast, stations, table) = (get("all_multicast"), get("stations"), get("table"));
    Some(ir::Accept {
        broadcast: broadcast??,
        promiscuous: promiscuous??,
        all_multicast: optional(all_multicast)?,
        stations: optional(stations)?,
        table: optional(table)?,
    })
}

fn station(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Station> {
    let _: schema::Station = cx.read(node, "`station`")?;
    let (low, high) = (
        cx.register(cx.tree.at(node, "low")),
        cx.register(cx.tree.at(node, "high")),
    );
    let valid = cx.tree.get(node, "valid");
    let valid = optional(valid.map(|node| field_of_any_element(cx, node)))?;
    let high = high?;
    if let Some(valid) = &valid
        && valid.place.register.name != high.name
    {
        let span = cx.tree.span_at(node, "valid");
        cx.add(wrong_type::finding(
            span,
            "`valid`",
            &format!("a field of `{}`", high.name),
            None,
        ));
        return None;
    }
    Some(ir::Station {
        low: low?,
        high,
        valid: valid.map(|valid| valid.field),
    })
}

/// Whether a counter is in a block that the NIC writes to memory.
fn has_block(cx: &mut Cx<'_, '_>) -> bool {
    let counters = cx
        .section("statistics")
        .and_then(|node| cx.tree.map(node))
        .unwrap_or_default();
    counters
        .iter()
        .any(|counter| cx.tree.get(counter.value, "block").is_some())
}

fn stats_block(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::StatsBlock> {
    let _: schema::StatsBlock = cx.read(node, "`stats_block`")?;
    let (low, high) = (
        cx.register(cx.tree.at(node, "low")),
        cx.register(cx.tree.at(node, "high")),
    );
    let low = low?;
    let [start] = command_fields(cx, node, &low, ["start"])?;
    Some(ir::StatsBlock {
        low,
        high: high?,
        start,
    })
}

/// Fields of the command register, by key.
fn command_fields<const N: usize>(
    cx: &mut Cx<'_, '_>,
    node: NodeId,
    register: &ir::Register,
    keys: [&str; N],
) -> Option<[Arc<ir::Field>; N]> {
    let fields: Vec<_> = keys
        .iter()
        .filter_map(|key| {
            let at = cx.tree.get(node, key)?;
            cx.field(register, cx.tree.text(at)?, cx.tree.span(at))
        })
        .collect();
    fields.try_into().ok()
}

fn eeprom(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Eeprom> {
    let _: schema::Eeprom = cx.read(node, "`eeprom`")?;
    let command = cx.register(cx.tree.at(node, "command"))?;
    let [start, done, address, data] =
        command_fields(cx, node, &command, ["start", "done", "address", "data"])?;
    Some(ir::Eeprom {
        command,
        start,
        done,
        address,
        data,
        words: words(cx, node, "words"),
    })
}

fn phy(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Phy> {
    let raw: schema::Phy = cx.read(node, "`phy`")?;
    let command = cx.register(cx.tree.at(node, "command"))?;
    let [register, data] = command_fields(cx, node, &command, ["register", "data"])?;
    let access = match (raw.flag, raw.op, raw.ready) {
        (Some(_), None, None) => {
            let [flag] = command_fields(cx, node, &command, ["flag"])?;
            ir::PhyAccess::Flag(flag)
        }
        (None, Some(_), Some(_)) => {
            let [op, ready] = command_fields(cx, node, &command, ["op", "ready"])?;
            ir::PhyAccess::Operation { op, ready }
        }
        _ => {
            let span = cx.tree.key_span(node);
            let expected = "either `flag`, or `op` and `ready`";
            cx.add(wrong_type::finding(span, "`phy`", expected, None));
            return None;
        }
    };
    Some(ir::Phy {
        command,
        register,
        data,
        access,
        page: raw.page,
        registers: words(cx, node, "registers"),
    })
}

/// A map of numbers to words of 16 bits.
fn words(cx: &mut Cx<'_, '_>, node: NodeId, key: &str) -> Vec<(u32, u16)> {
    let Some(node) = cx.tree.get(node, key) else {
        return Vec::new();
    };
    let mut words = Vec::new();
    for entry in cx.entries(node, &format!("`{key}`")) {
        let text = cx.tree.text(entry.value);
        let value = text
            .and_then(number)
            .and_then(|number| u16::try_from(number).ok());
        match (number(&entry.key), value) {
            (Some(at), Some(value)) => words.push((at, value)),
            (None, _) => cx.add(wrong_type::finding(
                entry.key_span,
                &format!("`{key}`"),
                "numbers as keys",
                Some(&entry.key),
            )),
            (_, None) => {
                let span = cx.tree.span(entry.value);
                cx.add(wrong_type::finding(
                    span,
                    &format!("`{}`", entry.key),
                    "a number of at most 16 bits",
                    text,
                ));
            }
        }
    }
    words
}

fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn require(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Require> {
    let raw: schema::Require = cx.read(node, "an item of `require`")?;
    Some(ir::Require {
        value: value_of_field(cx, node, raw.is)?,
        at: raw.at.unwrap_or(ir::Moment::Ring),
        only_on: cx
            .variants_named(node, "only_on")
            .unwrap_or_else(|| ir::Variants::all(cx.variants.len())),
        section: raw.section.0,
    })
}

/// The field that `field` names, and a value for it.
fn value_of_field(cx: &mut Cx<'_, '_>, node: NodeId, is: u64) -> Option<ir::Shown> {
    let field = field_of_any_element(cx, cx.tree.at(node, "field"))?;
    if is > field.field.max() {
        let span = cx.tree.span_at(node, "is");
        let target = format!("`{}`", field.name());
        cx.add(crate::errors::does_not_fit::finding(
            span,
            is,
            &target,
            field.field.max(),
        ));
        return None;
    }
    Some(ir::Shown { field, is })
}

/// Fields and their values.
fn shows(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<Vec<ir::Shown>> {
    let items = cx.items(cx.tree.at(node, "shows"), "`shows`").iter();
    let read: Vec<_> = items.map(|&item| shown(cx, item, "`shows`")).collect();
    read.into_iter().collect()
}

fn shown(cx: &mut Cx<'_, '_>, node: NodeId, list: &str) -> Option<ir::Shown> {
    let raw: schema::Shown = cx.read(node, &format!("an item of {list}"))?;
    value_of_field(cx, node, raw.is)
}

fn late(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Late> {
    let raw: schema::Late = cx.read(node, "an item of `late`")?;
    Some(ir::Late {
        field: field_of_any_element(cx, cx.tree.at(node, "field"))?,
        after: raw.after.unwrap_or(ir::After::Write),
        before: cx.register_list(cx.tree.at(node, "before"), "`before`"),
        section: raw.section.0,
    })
}

fn link_shown(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::LinkShown> {
    let raw: schema::LinkShown = cx.read(node, "an item of `links`")?;
    Some(ir::LinkShown {
        mbps: raw.mbps,
        full_duplex: raw.full_duplex,
        shows: shows(cx, node)?,
    })
}

fn refusal(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Refusal> {
    let raw: schema::Refusal = cx.read(node, "an item of `refuse`")?;
    let only_on = cx.variants_named(node, "only_on");
    Some(ir::Refusal {
        shows: shows(cx, node)?,
        only_on: only_on.unwrap_or_else(|| ir::Variants::all(cx.variants.len())),
        section: raw.section.0,
    })
}

/// Registers and fields that share a reason.
fn unobservable(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Unobservable> {
    let raw: schema::Unobservable = cx.read(node, "an item of `unobservable`")?;
    let mut facts = Vec::new();
    for &item in cx.items(cx.tree.at(node, "facts"), "`facts`") {
        let is_field = cx.tree.text(item).is_some_and(|name| name.contains('.'));
        facts.push(if is_field {
            field_of_any_element(cx, item)?.name()
        } else {
            cx.register(item)?.name.clone()
        });
    }
    Some(ir::Unobservable {
        facts,
        why: raw.why,
    })
}
