//! `driver.rs`: the driver type and its sequences.

use askama::Template;
use nicspecs::ir::{Doorbell, Hash, PciId, Restart, RingLimits};
use nicspecs::lifecycle;

use super::facts::Facts;
use super::functions::Function;
use super::imports::Imports;
use super::state::{Causes, LinkPoll, Speed};
use super::steps::literal;
use super::text::{fits, header, hex, identifier};
use super::used::head;

/// The file.
#[derive(Template)]
#[template(path = "driver.rs.jinja", escape = "none")]
pub struct Driver {
    header: String,
    imports: Imports,
    body: String,
}

/// Everything below the imports.
#[derive(Template)]
#[template(path = "driver_body.rs.jinja", escape = "none")]
struct Body<'a> {
    facts: &'a Facts<'a>,
    driver: String,
    /// The attributes of the driver type, one per line.
    says: Vec<String>,
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

impl Driver {
    /// The view of a NIC.
    pub fn new(facts: &Facts) -> askama::Result<Self> {
        let body = Body::new(facts).render()?;
        let header = header(facts.nic, &format!("Driver of the {}.", facts.nic.title()));
        Ok(Self {
            header,
            imports: Imports::of(facts, &body),
            body,
        })
    }
}

impl<'a> Body<'a> {
    fn new(facts: &'a Facts<'a>) -> Self {
        let nic = facts.nic;
        let functions = |names: &[&str]| -> Vec<Function> {
            let port = lifecycle::PORT
                .iter()
                .filter(|port| names.contains(&port.name));
            port.filter_map(|port| nic.sequence(port.name))
                .map(|each| Function::new(facts, each))
                .collect()
        };
        Self {
            facts,
            driver: facts.driver(),
            says: says(facts),
            has_options: !nic.options().is_empty(),
            detects_by_registers: nic.variants().iter().any(|variant| variant.when.is_some()),
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
fn says(facts: &Facts) -> Vec<String> {
    let nic = facts.nic;
    let space = &nic.spaces()[0];
    let mut ids: Vec<PciId> = Vec::new();
    for id in nic.variants().iter().flat_map(|variant| &variant.pci) {
        if !ids.contains(id) {
            ids.push(*id);
        }
    }
    let ids = ids
        .iter()
        .map(|id| format!("{:#06x}:{:#06x}", id.vendor, id.device));
    let multicast = match nic.filters().hash {
        Hash::AddressBits { low, width } => format!("address_bits = {low}..{}", low + width),
        Hash::Crc32 { low, width } => format!("crc32 = {low}..{}", low + width),
    };
    let bar = space
        .bar
        .map_or(String::new(), |bar| format!("bar = {bar}, "));
    let (tx, rx) = (nic.tx(), nic.rx());
    let mut transmit = ring(
        "TxDescriptor",
        &tx.doorbell,
        tx.restart,
        tx.queues,
        &tx.ring,
    );
    let schemes: Vec<_> = tx
        .completions
        .iter()
        .map(|each| each.scheme().name())
        .collect();
    transmit.push(format!("completions({})", schemes.join(", ")));
    if let Some(head) = head(tx) {
        transmit.push(format!("head = {}", identifier(&head.snake)));
    }
    let mut receive = ring(
        "RxDescriptor",
        &rx.doorbell,
        rx.restart,
        rx.queues,
        &rx.ring,
    );
    receive.push(format!("buffer_size = {}", rx.buffer.size));
    receive.push(format!("frame_max = {}", rx.frame_max));
    let mut last = vec![format!(
        "registers = Regs, multicast({multicast}), statistics = STATISTICS,"
    )];
    let rss = nic.rss().map(|rss| {
        let (queues, entries) = (rss.queues, rss.table.entries);
        format!("rss(queues = {queues}, entries = {entries}),")
    });
    let block = nic.statistics_block();
    let block = (block > 0).then(|| format!("statistics_block = {block},"));
    for item in rss.into_iter().chain(block) {
        let longer = format!("{} {item}", last[last.len() - 1]);
        match (last.last_mut(), fits(&longer, 1)) {
            (Some(line), true) => *line = longer,
            _ => last.push(item),
        }
    }
    [
        vec![
            format!(
                "name = {}, title = {},",
                literal(nic.name()),
                literal(nic.title())
            ),
            format!("{bar}bar_size = {},", hex(space.size, 0)),
        ],
        filled("pci", ids.collect()),
        filled("transmit", transmit),
        filled("receive", receive),
        last,
    ]
    .concat()
}

fn ring(
    format: &str,
    doorbell: &Doorbell,
    restart: Restart,
    queues: u32,
    limits: &RingLimits,
) -> Vec<String> {
    let mut says = vec![format!("format = {format}")];
    let register = doorbell.register();
    says.extend(register.map(|register| format!("doorbell = {}", identifier(&register.snake))));
    if let Doorbell::Kick { set, again, .. } = doorbell {
        let value = set.iter().fold(0, |value, field| value | field.mask());
        let again = if *again { ", again" } else { "" };
        says.push(format!("kick({}{again})", hex(value, 0)));
    }
    let restart = match restart {
        Restart::Queue => "queue",
        Restart::Device => "device",
    };
    says.extend([
        format!("restart = {restart}"),
        format!("queues = {queues}"),
        format!("slots = {}..={}", limits.min, limits.max),
        format!("multiple = {}", limits.multiple),
        format!("align = {}", limits.align),
        format!("address_bits = {}", limits.address_bits),
    ]);
    says
}

/// `key(item, item, ...)`, with as many items per line as fit: rustfmt does not format such attributes.
fn filled(key: &str, items: Vec<String>) -> Vec<String> {
    let whole = format!("{key}({}),", items.join(", "));
    if fits(&whole, 1) {
        return vec![whole];
    }
    let mut lines = vec![format!("{key}("), String::new()];
    for item in items {
        let line = lines.last_mut().expect("there is a line from the start");
        let longer = if line.is_empty() {
            format!("{item},")
        } else {
            format!("{line} {item},")
        };
        match fits(&longer, 2) {
            true => *line = longer,
            false => lines.push(format!("{item},")),
        }
    }
    let inside = lines.iter_mut().skip(1);
    inside.for_each(|line| line.insert_str(0, "    "));
    lines.push("),".to_owned());
    lines
}
