//! `model.rs`: the device's side of the facts, as tables.

use askama::Template;
use nicspecs::ir::{
    Acknowledge, Counter, Counts, Descriptor, FieldPlace, Hash, Nic, OrderEvent, Register,
    RingLimits, RingRegisters, Source,
};

use super::device;
use super::facts::Facts;
use super::header;
use super::imports::Imports;
use super::steps::literal;
use super::tables::{
    Format, Pairs, RegisterTable, constant, field_name, field_names, format, is_there, meaning,
    name, names, numbered, registers_named, table,
};
use super::text::hex;

/// The variant that is modelled: the default one.
pub const VARIANT: usize = 0;

/// The file.
#[derive(Template)]
#[template(path = "model.rs.jinja", escape = "none")]
pub struct Model {
    header: String,
    imports: Imports,
    body: String,
}

/// Everything below the imports.
#[derive(Template)]
#[template(path = "model_body.rs.jinja", escape = "none")]
struct Body {
    driver: String,
    title: String,
    identity: Pairs,
    tx_ring: Pairs,
    tx: Pairs,
    rx_ring: Pairs,
    rx: Pairs,
    interrupts: Pairs,
    link_up: String,
    station: Pairs,
    multicast: String,
    eeprom: Option<Pairs>,
    phy: Option<Pairs>,
    counts: Vec<Pairs>,
    require: Vec<Pairs>,
    order: Vec<Pairs>,
    follows: Vec<(String, String)>,
    formats: Vec<Format>,
    registers: Vec<RegisterTable>,
}

impl Model {
    /// The view of a NIC.
    pub fn new(facts: &Facts) -> askama::Result<Self> {
        let nic = facts.nic;
        let body = Body::new(facts).render()?;
        Ok(Self {
            header: header(nic, &format!("The device's side of the {}.", nic.title())),
            imports: Imports::of_model(facts, &body),
            body,
        })
    }
}

impl Body {
    fn new(facts: &Facts) -> Self {
        let nic = facts.nic;
        let model = nic.model();
        let space = &nic.spaces()[0];
        let (tx, rx) = (nic.tx(), nic.rx());
        let mut registers: Vec<&Register> = nic.registers().iter().map(AsRef::as_ref).collect();
        registers.retain(|register| {
            register.variants.contains(VARIANT) && register.space.name == space.name
        });
        registers.sort_by(|a, b| (a.offset(), &a.name).cmp(&(b.offset(), &b.name)));
        let mut formats: Vec<&Descriptor> = Vec::new();
        for format in [
            &tx.encode.format,
            &tx.completion.format,
            &rx.arm.format,
            &rx.completion.format,
        ] {
            if !formats.iter().any(|known| known.name == format.name) {
                formats.push(format);
            }
        }
        Self {
            driver: facts.driver(),
            title: nic.variants()[VARIANT].title.clone(),
            identity: identity(nic),
            tx_ring: ring(tx.queues, &tx.registers, &model.tx.enable, tx.ring),
            tx: transmit(nic),
            rx_ring: ring(rx.queues, &rx.registers, &model.rx.enable, rx.ring),
            rx: receive(nic),
            interrupts: interrupts(nic),
            link_up: field_names(&device::fields(&nic.link().up)),
            station: Pairs(vec![
                ("low", name(&model.station.low)),
                ("high", name(&model.station.high)),
                ("valid", literal(&model.station.valid.name)),
            ]),
            multicast: multicast(nic),
            eeprom: eeprom(nic),
            phy: phy(nic),
            counts: nic.statistics().iter().filter_map(count).collect(),
            require: model
                .require
                .iter()
                .filter(|rule| is_there(&rule.field))
                .map(|rule| {
                    Pairs(vec![
                        ("field", field_name(&rule.field)),
                        ("is", rule.is.to_string()),
                        ("section", literal(&rule.section)),
                    ])
                })
                .collect(),
            order: nic
                .order()
                .iter()
                .filter(|rule| has_event(&rule.then))
                .map(|rule| {
                    let first = rule.first.iter().filter(|first| has_event(first));
                    let first: Vec<_> = first.map(event).collect();
                    Pairs(vec![
                        ("first", format!("&[{}]", first.join(", "))),
                        ("then", event(&rule.then)),
                        ("section", literal(&rule.section)),
                    ])
                })
                .collect(),
            follows: model
                .follows
                .iter()
                .filter(|follow| is_there(&follow.field))
                .map(|follow| (field_name(&follow.field), device::value(&follow.is)))
                .collect(),
            formats: formats.into_iter().map(format).collect(),
            registers: registers.into_iter().map(table).collect(),
        }
    }
}

fn identity(nic: &Nic) -> Pairs {
    let variant = &nic.variants()[VARIANT];
    let id = variant.pci[0];
    let model = nic.model();
    Pairs(vec![
        ("name", literal(nic.name())),
        ("variant", literal(&variant.name)),
        (
            "pci",
            format!(
                "PciId {{ vendor: {:#06x}, device: {:#06x} }}",
                id.vendor, id.device
            ),
        ),
        ("size", hex(nic.spaces()[0].size, 0)),
        ("registers", "REGISTERS".to_owned()),
        ("reset", field_names(&model.reset)),
        ("self_clearing", field_names(&model.self_clearing)),
        ("keeps", registers_named(&model.keeps)),
    ])
}

fn ring(
    queues: u32,
    registers: &RingRegisters,
    enable: &[FieldPlace],
    limits: RingLimits,
) -> Pairs {
    Pairs(vec![
        ("queues", queues.to_string()),
        ("base_low", name(&registers.base_low)),
        ("base_high", name(&registers.base_high)),
        ("bytes", name(&registers.bytes)),
        ("head", name(&registers.head)),
        ("tail", name(&registers.tail)),
        ("enable", field_names(enable)),
        (
            "slots",
            format!("({}, {}, {})", limits.min, limits.max, limits.multiple),
        ),
        ("align", limits.align.to_string()),
        ("address_bits", limits.address_bits.to_string()),
    ])
}

fn transmit(nic: &Nic) -> Pairs {
    let tx = nic.tx();
    Pairs(vec![
        ("reads", constant(&tx.encode.format)),
        ("meaning", meaning(&tx.encode)),
        ("report", names(tx.report.iter().map(|field| &field.name))),
        ("writes", constant(&tx.completion.format)),
        ("done", literal(&tx.completion.field.name)),
        ("pads_to", tx.frame.pads_to.to_string()),
        ("shortest", tx.frame.min.to_string()),
        ("longest", tx.frame.max.to_string()),
    ])
}

fn receive(nic: &Nic) -> Pairs {
    let rx = nic.rx();
    let accept = &nic.model().accept;
    Pairs(vec![
        ("reads", constant(&rx.arm.format)),
        ("meaning", meaning(&rx.arm)),
        ("writes", constant(&rx.completion.format)),
        ("done", literal(&rx.completion.field.name)),
        ("length", literal(&rx.length.name)),
        (
            "good_set",
            names(rx.good.set.iter().map(|field| &field.name)),
        ),
        (
            "good_clear",
            names(rx.good.clear.iter().map(|field| &field.name)),
        ),
        ("crc_stripped_when", field_names(&rx.crc.stripped_when)),
        ("broadcast", field_name(&accept.broadcast)),
        ("promiscuous", field_name(&accept.promiscuous)),
        ("all_multicast", field_name(&accept.all_multicast)),
        ("buffer_size", rx.buffer.size.to_string()),
    ])
}

fn interrupts(nic: &Nic) -> Pairs {
    let interrupts = nic.interrupts();
    let causes = |kind: &str| {
        let causes = interrupts.causes.iter().filter(|cause| cause.name == kind);
        names(
            causes
                .flat_map(|cause| &cause.fields)
                .map(|field| &field.name),
        )
    };
    Pairs(vec![
        ("cause", name(&interrupts.cause)),
        (
            "clears_on_read",
            (interrupts.acknowledge == Acknowledge::Read).to_string(),
        ),
        ("mask_set", name(interrupts.mask.set())),
        ("mask_clear", name(interrupts.mask.clear())),
        ("tx", causes("tx")),
        ("rx", causes("rx")),
        ("link", causes("link")),
    ])
}

/// Whether the modelled variant has what an order rule speaks of.
fn has_event(event: &OrderEvent) -> bool {
    event.register().variants.contains(VARIANT)
}

/// A register, and the field of it if it is not the whole register.
fn event(event: &OrderEvent) -> String {
    let field = event.field().map_or("", |field| &field.name);
    format!("({}, {})", name(event.register()), literal(field))
}

fn multicast(nic: &Nic) -> String {
    let filters = nic.filters();
    let hash = match filters.hash {
        Hash::AddressBits { low, width } => format!("AddressBits {{ low: {low}, width: {width} }}"),
        Hash::Crc32 { low, width } => format!("Crc32 {{ low: {low}, width: {width} }}"),
    };
    format!("({}, MulticastHash::{hash})", name(&filters.table))
}

fn eeprom(nic: &Nic) -> Option<Pairs> {
    // The variant may have no such register, and then its EEPROM is reached in another way.
    let eeprom = nic
        .model()
        .eeprom
        .as_ref()
        .filter(|eeprom| eeprom.command.variants.contains(VARIANT))?;
    Some(Pairs(vec![
        ("command", name(&eeprom.command)),
        ("start", literal(&eeprom.start.name)),
        ("done", literal(&eeprom.done.name)),
        ("address", literal(&eeprom.address.name)),
        ("data", literal(&eeprom.data.name)),
        ("words", numbered(&eeprom.words)),
    ]))
}

fn phy(nic: &Nic) -> Option<Pairs> {
    let phy = nic
        .model()
        .phy
        .as_ref()
        .filter(|phy| phy.command.variants.contains(VARIANT))?;
    Some(Pairs(vec![
        ("command", name(&phy.command)),
        ("register", literal(&phy.register.name)),
        ("data", literal(&phy.data.name)),
        ("op", literal(&phy.op.name)),
        ("ready", literal(&phy.ready.name)),
        ("registers", numbered(&phy.registers)),
    ]))
}

fn count(counter: &Counter) -> Option<Pairs> {
    let event = match counter.counts? {
        Counts::RxFrames => "RxFrames",
        Counts::RxBytes => "RxBytes",
        Counts::TxFrames => "TxFrames",
        Counts::TxBytes => "TxBytes",
        Counts::RxBroadcast => "RxBroadcast",
        Counts::RxMulticast => "RxMulticast",
        Counts::RxMissed => "RxMissed",
    };
    let (low, high) = match &counter.source {
        Source::One(register) => (register, literal("")),
        Source::Pair { low, high } => (low, name(high)),
    };
    let exists = low.variants.contains(VARIANT);
    exists.then(|| {
        Pairs(vec![
            ("event", format!("Event::{event}")),
            ("low", name(low)),
            ("high", high),
        ])
    })
}
