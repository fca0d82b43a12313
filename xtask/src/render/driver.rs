//! `driver.rs`: the driver type and its sequences.

use askama::Template;
use nicspecs::ir::{Hash, PciId, RingLimits, Sequence};
use nicspecs::lifecycle;

use super::facts::Facts;
use super::functions::Function;
use super::header;
use super::imports::Imports;
use super::state::{Causes, LinkPoll, Speed};
use super::steps::literal;
use super::text::{doc, hex, identifier, sentence};

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
    /// What the attribute of the driver type says, a line each.
    says: Vec<String>,
    constants: Vec<Constant>,
    has_options: bool,
    detects_by_registers: bool,
    bring_up: Vec<Function>,
    link: LinkPoll,
    interrupts: Vec<Function>,
    causes: Causes,
    take_down: Vec<Function>,
    subs: Vec<Function>,
}

/// A named number that is the same for all variants.
struct Constant {
    doc: Vec<String>,
    name: String,
    value: u32,
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
        let constants = nic.constants().iter().filter(|constant| !constant.varies());
        let constants = constants.filter(|constant| facts.used.constants.contains(&constant.name));
        let is_sub = |sequence: &&Sequence| !sequence.signature.is_port;
        Self {
            facts,
            driver: facts.driver(),
            says: says(facts),
            constants: constants
                .map(|constant| Constant {
                    doc: doc(&sentence(&constant.doc, constant.section.as_deref()), 0),
                    name: constant.name.to_uppercase(),
                    value: constant.value(),
                })
                .collect(),
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
            take_down: functions(&["stop", "tx.disable", "rx.disable"]),
            subs: nic
                .sequences()
                .iter()
                .filter(is_sub)
                .map(|each| Function::new(facts, each))
                .collect(),
        }
    }
}

/// The facts that `derive(Nic)` is told.
fn says(facts: &Facts) -> Vec<String> {
    let nic = facts.nic;
    let space = &nic.spaces()[0];
    let (tx, rx) = (nic.tx(), nic.rx());
    let mut ids: Vec<PciId> = Vec::new();
    for id in nic.variants().iter().flat_map(|variant| &variant.pci) {
        if !ids.contains(id) {
            ids.push(*id);
        }
    }
    let ids: Vec<_> = ids
        .iter()
        .map(|id| format!("{:#06x}:{:#06x}", id.vendor, id.device))
        .collect();
    let mut pci: Vec<String> = ids
        .chunks(7)
        .map(|ids| format!("    {},", ids.join(", ")))
        .collect();
    match pci.as_mut_slice() {
        [only] => *only = format!("pci({}),", ids.join(", ")),
        _ => {
            pci.insert(0, "pci(".to_owned());
            pci.push("),".to_owned());
        }
    }
    let multicast = match nic.filters().hash {
        Hash::AddressBits { low, width } => format!("address_bits = {low}..{}", low + width),
        Hash::Crc32 { low, width } => format!("crc32 = {low}..{}", low + width),
    };
    let ring = |direction: &str, format: &str, doorbell: &str, queues: u32, limits: &RingLimits| {
        let RingLimits {
            min,
            max,
            multiple,
            align,
            address_bits,
            ..
        } = limits;
        vec![
            format!("{direction}("),
            format!(
                "    format = {format}, doorbell = {}, queues = {queues},",
                identifier(doorbell)
            ),
            format!(
                "    slots = {min}..={max}, multiple = {multiple}, align = {align}, address_bits = {address_bits},"
            ),
        ]
    };
    let mut says = vec![
        format!(
            "name = {}, title = {},",
            literal(nic.name()),
            literal(nic.title())
        ),
        format!("bar = {}, bar_size = {},", space.bar, hex(space.size, 0)),
    ];
    says.extend(pci);
    says.push("registers = Regs,".to_owned());
    says.extend(ring(
        "transmit",
        "TxDescriptor",
        &tx.doorbell.register.snake,
        tx.queues,
        &tx.ring,
    ));
    says.push("),".to_owned());
    says.extend(ring(
        "receive",
        "RxDescriptor",
        &rx.doorbell.register.snake,
        rx.queues,
        &rx.ring,
    ));
    says.push(format!("    buffer_size = {},", rx.buffer.size));
    says.push("),".to_owned());
    says.push(format!("multicast({multicast}),"));
    says.push("statistics = STATISTICS,".to_owned());
    says
}
