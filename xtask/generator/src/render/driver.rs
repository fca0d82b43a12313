//! `driver.rs`: the driver type and its sequences.

use askama::Template;
use nicspecs::ir::{Doorbell, Hash, Restart, RingLimits};
use nicspecs::lifecycle;

use super::facts::{Facts, pci_ids};
use super::functions::Function;
use super::state::{Causes, LinkPoll};
use super::steps::literal;
use super::text::{filled, fits, header, hex, identifier};
use super::used::head;
use super::{imports, print};

/// Everything below the imports.
#[derive(Template)]
#[template(path = "driver_body.rs.jinja", escape = "none")]
struct Body<'a> {
    facts: &'a Facts<'a>,
    driver: String,
    /// The attributes of the driver type, one per line.
    attributes: Vec<String>,
    has_options: bool,
    detects_by_registers: bool,
    bring_up: Vec<Function>,
    link: LinkPoll,
    interrupts: Vec<Function>,
    causes: Causes,
    take_down: Vec<Function>,
    /// Sequences that others run.
    shared: Vec<Function>,
}

pub fn file(facts: &Facts) -> miette::Result<String> {
    let body = print(&Body::new(facts))?;
    let header = header(facts.nic, &format!("Driver of the {}.", facts.nic.title()));
    let imports = imports::of_driver(facts, &body);
    Ok(format!("{header}\n\n{imports}\n{body}"))
}

impl<'a> Body<'a> {
    fn new(facts: &'a Facts<'a>) -> Self {
        let nic = facts.nic;
        let functions = |names: &[&str]| -> Vec<Function> {
            let port = lifecycle::PORT.iter();
            let port = port.filter(|port| names.contains(&port.name));
            port.filter_map(|port| nic.sequence(port.name))
                .map(|each| Function::new(facts, each))
                .collect()
        };
        Self {
            facts,
            driver: facts.driver(),
            attributes: attributes(facts),
            has_options: !nic.options().is_empty(),
            detects_by_registers: facts.detects_by_registers(),
            bring_up: functions(&[
                "reset",
                "init",
                "mac.read",
                "mac.write",
                "filter.write",
                "tx.enable",
                "rx.enable",
                "start",
                "link.start",
            ]),
            link: LinkPoll::new(facts),
            interrupts: functions(&["interrupts.on", "interrupts.off"]),
            causes: Causes::new(facts),
            take_down: functions(&["stop", "tx.disable", "rx.disable", lifecycle::DUMP]),
            shared: nic
                .sequences()
                .iter()
                .filter(|sequence| !sequence.signature.is_port)
                .map(|sequence| Function::new(facts, sequence))
                .collect(),
        }
    }
}

/// The facts for `derive(Nic)`.
fn attributes(facts: &Facts) -> Vec<String> {
    let nic = facts.nic;
    let space = &nic.spaces()[0];
    let ids = pci_ids(nic).into_iter();
    let ids = ids.map(|(id, _)| format!("{:#06x}:{:#06x}", id.vendor, id.device));
    let multicast = nic.filters().multicast.as_ref();
    let multicast = multicast.map(|multicast| match multicast.hash {
        Hash::AddressBits { low, width } => {
            format!("multicast(address_bits = {low}..{}), ", low + width)
        }
        Hash::Crc32 { low, width } => format!("multicast(crc32 = {low}..{}), ", low + width),
    });
    let multicast = multicast.unwrap_or_default();
    let bar = space.bar.map(|bar| format!("bar = {bar}, "));
    let bar = bar.unwrap_or_default();
    let (tx, rx) = (nic.tx(), nic.rx());
    let mut transmit = vec!["format = TxDescriptor".to_owned()];
    transmit.extend(ring(&tx.doorbell, tx.restart, tx.queues, &tx.ring));
    let schemes = tx.completions.iter().map(|each| each.scheme().name());
    let schemes: Vec<_> = schemes.collect();
    transmit.push(format!("completions({})", schemes.join(", ")));
    if let Some(head) = head(tx) {
        transmit.push(format!("head = {}", identifier(&head.snake)));
    }
    let mut receive = vec!["format = RxDescriptor".to_owned()];
    receive.extend(ring(&rx.doorbell, rx.restart, rx.queues, &rx.ring));
    receive.push(format!("buffer_size = {}", rx.buffer.size));
    receive.push(format!("frame_max = {}", rx.frame_max));
    let rss = nic.rss().map(|rss| {
        let (queues, entries) = (rss.queues, rss.table.entries);
        format!("rss(queues = {queues}, entries = {entries}),")
    });
    let block = nic.statistics_block();
    let block = (block > 0).then(|| format!("statistics_block = {block},"));
    let first = format!("registers = Regs, {multicast}statistics = STATISTICS,");
    let mut last = vec![first];
    for item in rss.into_iter().chain(block) {
        match last.last_mut() {
            Some(line) if fits(&format!("{line} {item}"), 1) => line.push_str(&format!(" {item}")),
            _ => last.push(item),
        }
    }
    let (name, title) = (literal(nic.name()), literal(nic.title()));
    [
        vec![
            format!("name = {name}, title = {title},"),
            format!("{bar}bar_size = {},", hex(space.size, 0)),
        ],
        filled("pci", &ids.collect::<Vec<_>>(), ",", 1),
        filled("transmit", &transmit, ",", 1),
        filled("receive", &receive, ",", 1),
        last,
    ]
    .concat()
}

fn ring(doorbell: &Doorbell, restart: Restart, queues: u32, limits: &RingLimits) -> Vec<String> {
    let mut keys = Vec::new();
    let register = doorbell.register();
    keys.extend(register.map(|register| format!("doorbell = {}", identifier(&register.snake))));
    if let Doorbell::Kick { again, .. } = doorbell {
        let again = if *again { ", again" } else { "" };
        keys.push(format!("kick({}{again})", hex(doorbell.word(), 0)));
    }
    keys.extend([
        format!("restart = {}", restart.name()),
        format!("queues = {queues}"),
        format!("slots = {}..={}", limits.min, limits.max),
        format!("multiple = {}", limits.multiple),
        format!("align = {}", limits.align),
        format!("address_bits = {}", limits.address_bits),
    ]);
    keys
}
