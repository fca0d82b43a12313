//! `model`

use std::sync::Arc;

use super::cx::Cx;
use super::expr::{self, Typer, as_num, field_of_any_element};
use super::scope::Scope;
use crate::diagnostic::NodeId;
use crate::errors::{does_not_fit, missing_key, name_taken, not_a_number, wrong_type};
use crate::ir;
use crate::number;
use crate::schema;

pub(super) fn lower(cx: &mut Cx<'_, '_>) -> Option<ir::Model> {
    let node = cx.section("model")?;
    let raw: Option<schema::Model> = cx.read(node, "`model`");
    let reset = fields(cx, node, "reset", cx.limits.queues());
    let self_clearing = fields(cx, node, "self_clearing", cx.limits.queues());
    let follows = cx.each(node, "follows", follow);
    let keeps = cx.each(node, "keeps", Cx::register);
    let comes_up = cx.each(node, "comes_up", |cx, item| shown(cx, item, "`comes_up`"));
    let set_by_reading = fields(cx, node, "set_by_reading", cx.limits.queues());
    let locks = cx.each(node, "locks", lock);
    let kick_lost_on = cx.part(node, "kick", |cx, node| {
        let _: schema::Kick = cx.read(node, "`kick`")?;
        cx.variants_named(node, "lost_while_busy")
    });
    let tx = cx.part(node, "tx", |cx, node| {
        let _: schema::ModelTx = cx.read(node, "`tx`")?;
        let enable = fields(cx, node, "enable", cx.limits.tx.queues);
        Some(ir::ModelRing { enable })
    });
    let rx = cx.part(node, "rx", |cx, node| {
        let raw: schema::ModelRx = cx.read(node, "`rx`")?;
        let enable = fields(cx, node, "enable", cx.limits.rx.queues);
        let mut bytes = |key| {
            cx.maybe(node, key, |cx, node| {
                Typer::new(cx, node, &Scope::facts()).number()
            })
        };
        let (longest, tag) = (bytes("longest"), bytes("tag"));
        let lossy = raw.lossy.unwrap_or(false);
        Some((ir::ModelRing { enable }, longest?, tag?, lossy))
    });
    let accept = cx.part(node, "accept", accept);
    let station = cx.part(node, "station", station);
    let stats_block = cx.maybe(node, "stats_block", stats_block);
    if cx.tree.get(node, "stats_block").is_none() && has_block(cx) {
        let span = cx.tree.key_span(node);
        cx.add(missing_key::finding(span, "`model`", "stats_block"));
    }
    let eeprom = cx.maybe(node, "eeprom", eeprom);
    let phy = cx.maybe(node, "phy", phy);
    let require = cx.each(node, "require", require);
    let late = cx.each(node, "late", late);
    let links = cx.each(node, "links", link_shown);
    let refuse = cx.each(node, "refuse", refusal);
    let unobservable = cx.each(node, "unobservable", unobservable);
    raw?;
    let (rx, rx_longest, rx_tag, rx_lossy) = rx?;
    Some(ir::Model {
        reset,
        self_clearing,
        follows,
        keeps,
        comes_up,
        set_by_reading,
        locks,
        kick_lost_on: kick_lost_on.unwrap_or_else(|| cx.no_variant()),
        tx: tx?,
        rx,
        rx_longest,
        rx_tag,
        rx_lossy,
        accept: accept?,
        station: station?,
        stats_block: stats_block?,
        eeprom: eeprom?,
        phy: phy?,
        require,
        late,
        links,
        refuse,
        unobservable,
    })
}

/// The fields of a list, in which `queue` is one of the first `queues`.
fn fields(cx: &mut Cx<'_, '_>, node: NodeId, key: &str, queues: u32) -> Vec<ir::FieldPlace> {
    let items = cx.tree.items(node, key).iter();
    items
        .filter_map(|&item| expr::field_of_queues(cx, item, queues))
        .collect()
}

fn follow(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Follow> {
    let _: schema::Follow = cx.read(node, "an item of `follows`")?;
    let field = cx.part(node, "field", field_of_any_element)?;
    let scope = Scope::of_queue(cx.limits.queues());
    let value = Typer::new(cx, cx.tree.at(node, "is"), &scope)
        .value_for(&field.place.register, &field.field)?;
    Some(ir::Follow {
        field,
        is: as_num(value),
    })
}

fn lock(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Lock> {
    let raw: schema::Lock = cx.read(node, "an item of `locks`")?;
    let unless = cx.part(node, "unless", expr::condition);
    let registers = cx.each(node, "registers", Cx::register);
    Some(ir::Lock {
        unless: unless?,
        registers,
        section: raw.section.0,
    })
}

fn accept(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Accept> {
    let _: schema::Accept = cx.read(node, "`accept`")?;
    let mut get = |key: &str| cx.maybe(node, key, field_of_any_element);
    let (broadcast, promiscuous) = (get("broadcast"), get("promiscuous"));
    let (all_multicast, stations, table) = (get("all_multicast"), get("stations"), get("table"));
    Some(ir::Accept {
        broadcast: broadcast??,
        promiscuous: promiscuous??,
        all_multicast: all_multicast?,
        stations: stations?,
        table: table?,
    })
}

fn station(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Station> {
    let raw: schema::Station = cx.read(node, "`station`")?;
    match (&raw.low, &raw.high, &raw.octets) {
        (Some(_), Some(_), None) => {}
        (None, None, Some(_)) if raw.valid.is_none() => {
            let octets = cx.part(node, "octets", Cx::register)?;
            if octets.count() != 6 || octets.width != 8 {
                let span = cx.tree.span_at(node, "octets");
                let expected = "an array of six registers of 8 bits";
                return cx.fail(wrong_type::finding(span, "`octets`", expected, None));
            }
            return Some(ir::Station::Octets(octets));
        }
        _ => return cx.wrong(node, "`station`", "either `low` and `high`, or `octets`"),
    }
    let low = cx.part(node, "low", Cx::register);
    let high = cx.part(node, "high", Cx::register);
    let valid = cx.maybe(node, "valid", field_of_any_element)?;
    let high = high?;
    if let Some(valid) = &valid
        && valid.place.register.name != high.name
    {
        let span = cx.tree.span_at(node, "valid");
        let expected = format!("a field of `{}`", high.name);
        return cx.fail(wrong_type::finding(span, "`valid`", &expected, None));
    }
    Some(ir::Station::Words {
        low: low?,
        high,
        valid: valid.map(|valid| valid.field),
    })
}

/// Whether a counter is in a block that the NIC writes to memory.
fn has_block(cx: &Cx<'_, '_>) -> bool {
    let mut counters = cx.tree.entries(cx.tree.root(), "statistics").iter();
    counters.any(|counter| cx.tree.get(counter.value, "block").is_some())
}

fn stats_block(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::StatsBlock> {
    let _: schema::StatsBlock = cx.read(node, "`stats_block`")?;
    let low = cx.part(node, "low", Cx::register);
    let high = cx.part(node, "high", Cx::register);
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
    let field = |key: &&str| cx.part(node, key, |cx, at| cx.field_named(register, at));
    let fields: Vec<_> = keys.iter().filter_map(field).collect();
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
    let by_command = [
        &raw.command,
        &raw.register,
        &raw.data,
        &raw.op,
        &raw.ready,
        &raw.flag,
    ];
    let access = match &raw.mapped {
        Some(_) if by_command.into_iter().all(Option::is_none) => {
            ir::PhyAccess::Mapped(cx.each(node, "mapped", phy_register))
        }
        Some(_) => return cx.wrong(node, "`phy`", "either `mapped`, or a command register"),
        None => phy_command(cx, node, &raw)?,
    };
    Some(ir::Phy {
        access,
        page: raw.page,
        registers: words(cx, node, "registers"),
    })
}

/// A register of the NIC that is one of the PHY.
fn phy_register(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<(u8, Arc<ir::Register>)> {
    let raw: schema::PhyRegister = cx.read(node, "an item of `mapped`")?;
    let register = cx.part(node, "register", Cx::register)?;
    if register.is_array || register.width < 16 {
        let span = cx.tree.span_at(node, "register");
        let expected = "a single register of at least 16 bits";
        return cx.fail(wrong_type::finding(span, "`register`", expected, None));
    }
    Some((raw.number, register))
}

/// A PHY behind a command register.
fn phy_command(cx: &mut Cx<'_, '_>, node: NodeId, raw: &schema::Phy) -> Option<ir::PhyAccess> {
    for key in ["command", "register", "data"] {
        if cx.tree.get(node, key).is_none() {
            let span = cx.tree.key_span(node);
            return cx.fail(missing_key::finding(span, "`phy` without `mapped`", key));
        }
    }
    let command = cx.register(cx.tree.at(node, "command"))?;
    let [register, data] = command_fields(cx, node, &command, ["register", "data"])?;
    let way = match (&raw.flag, &raw.op, &raw.ready) {
        (Some(_), None, None) => {
            let [flag] = command_fields(cx, node, &command, ["flag"])?;
            ir::PhyCommand::Flag(flag)
        }
        (None, Some(_), Some(_)) => {
            let [op, ready] = command_fields(cx, node, &command, ["op", "ready"])?;
            if op.max() < READ {
                let (span, target) = (cx.tree.span_at(node, "op"), format!("`{}`", op.name));
                return cx.fail(does_not_fit::finding(span, READ, &target, op.max(), ""));
            }
            ir::PhyCommand::Operation { op, ready }
        }
        _ => return cx.wrong(node, "`phy`", "either `flag`, or `op` and `ready`"),
    };
    Some(ir::PhyAccess::Command {
        command,
        register,
        data,
        way,
    })
}

/// A map of numbers to words of 16 bits.
fn words(cx: &mut Cx<'_, '_>, node: NodeId, key: &str) -> Vec<(u32, u16)> {
    let (Some(node), key) = (cx.tree.get(node, key), format!("`{key}`")) else {
        return Vec::new();
    };
    let mut words = Vec::new();
    for entry in cx.entries(node, &key) {
        let (name, span) = (entry.key.as_str(), entry.key_span);
        let value = schema::element(cx.tree, entry.value, name, cx.findings);
        let Some(at) = number::fitting(name) else {
            cx.add(match number::is_meant(name) {
                true => not_a_number::finding(span, name),
                false => wrong_type::finding(span, &key, "numbers as keys", Some(name)),
            });
            continue;
        };
        if words.iter().any(|(other, _)| *other == at) {
            cx.add(name_taken::finding(span, name, "another key of this map"));
        }
        words.extend(value.map(|value| (at, value)));
    }
    words
}

/// What the operation field of a PHY access holds for a read; a write is 1.
const READ: u64 = 2;

fn require(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Require> {
    let raw: schema::Require = cx.read(node, "an item of `require`")?;
    Some(ir::Require {
        value: value_of_field(cx, node, raw.is)?,
        at: raw.at.unwrap_or(ir::Moment::Ring),
        only_on: cx.only_on(node),
        section: raw.section.0,
    })
}

/// The field that `field` names, and a value for it.
fn value_of_field(cx: &mut Cx<'_, '_>, node: NodeId, is: u64) -> Option<ir::Shown> {
    let field = cx.part(node, "field", field_of_any_element)?;
    let max = field.field.max();
    if is > max {
        let (span, target) = (cx.tree.span_at(node, "is"), format!("`{}`", field.name()));
        return cx.fail(does_not_fit::finding(span, is, &target, max, ""));
    }
    Some(ir::Shown { field, is })
}

/// Fields and their values.
fn shows(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<Vec<ir::Shown>> {
    let read = cx.each(node, "shows", |cx, item| Some(shown(cx, item, "`shows`")));
    read.into_iter().collect()
}

fn shown(cx: &mut Cx<'_, '_>, node: NodeId, list: &str) -> Option<ir::Shown> {
    let raw: schema::Shown = cx.read(node, &format!("an item of {list}"))?;
    value_of_field(cx, node, raw.is)
}

fn late(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Late> {
    let raw: schema::Late = cx.read(node, "an item of `late`")?;
    Some(ir::Late {
        field: cx.part(node, "field", field_of_any_element)?,
        after: raw.after.unwrap_or(ir::After::Write),
        before: cx.each(node, "before", Cx::register),
        section: raw.section.0,
    })
}

fn link_shown(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::LinkShown> {
    let raw: schema::LinkShown = cx.read(node, "an item of `links`")?;
    let only_on = cx.only_on(node);
    Some(ir::LinkShown {
        mbps: raw.mbps,
        full_duplex: raw.full_duplex,
        shows: shows(cx, node)?,
        only_on,
    })
}

fn refusal(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Refusal> {
    let raw: schema::Refusal = cx.read(node, "an item of `refuse`")?;
    let only_on = cx.only_on(node);
    Some(ir::Refusal {
        shows: shows(cx, node)?,
        only_on,
        section: raw.section.0,
    })
}

/// Registers and fields that share a reason.
fn unobservable(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Unobservable> {
    let raw: schema::Unobservable = cx.read(node, "an item of `unobservable`")?;
    let mut facts = Vec::new();
    for &item in cx.items(cx.tree.at(node, "facts"), "`facts`") {
        facts.push(expr::order_event(cx, item)?.name());
    }
    Some(ir::Unobservable {
        facts,
        why: raw.why,
    })
}
