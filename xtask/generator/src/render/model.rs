//! `model.rs`: the device's side of the facts, as tables.

mod messages;
mod rss;

use std::sync::Arc;

use askama::Template;
use nicspecs::ir::{
    Acknowledge, Completion, Counter, Counts, Descriptor, DescriptorField, Doorbell, FieldPlace,
    Hash, Nic, OrderEvent, PhyAccess, Register, RingLimits, RingRegisters, Scheme, Shown, Source,
    TxCompletion, Variant, Variants,
};

use super::device;
use super::facts::Facts;
use super::imports::Imports;
use super::steps::literal;
use super::tables::{
    Format, Pairs, RegisterTable, constant, field_name, field_names, format, meaning, name, names,
    numbered, only_on, registers_named, table,
};
use super::text::{header, hex};

/// The file.
#[derive(Template)]
#[template(path = "model.rs.jinja", escape = "none")]
pub struct Model {
    header: String,
    imports: Imports,
    body: String,
}

/// The part below the imports.
#[derive(Template)]
#[template(path = "model_body.rs.jinja", escape = "none")]
struct Body {
    driver: String,
    title: String,
    identity: Pairs,
    variants: Vec<Pairs>,
    tx_ring: Pairs,
    tx: Pairs,
    rx_ring: Pairs,
    rx: Pairs,
    interrupts: Pairs,
    link_up: String,
    station: Pairs,
    multicast: Pairs,
    rss: Option<Pairs>,
    block: Option<Pairs>,
    eeprom: Option<Pairs>,
    phy: Option<Pairs>,
    counts: Vec<Pairs>,
    require: Vec<Pairs>,
    modified: Vec<String>,
    late: Vec<Pairs>,
    links: Vec<Pairs>,
    refuse: Vec<Pairs>,
    order: Vec<Pairs>,
    locks: Vec<Pairs>,
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
        registers.retain(|register| register.space.name == space.name);
        registers.sort_by(|a, b| (a.offset(), &a.name).cmp(&(b.offset(), &b.name)));
        let listed = facts.registers();
        let mut formats: Vec<&Descriptor> = Vec::new();
        let written_back = tx.completion_bit().map(|told| &told.format);
        for format in [&tx.encode.format]
            .into_iter()
            .chain(written_back)
            .chain([&rx.arm.format, &rx.completion.format])
        {
            if !formats.iter().any(|known| known.name == format.name) {
                formats.push(format);
            }
        }
        let valid = model.station.valid.as_ref();
        let valid = valid.map_or("", |valid| &valid.name);
        Self {
            driver: facts.driver(),
            title: nic.title().to_owned(),
            identity: identity(nic),
            variants: nic
                .variants()
                .iter()
                .map(|each| variant(nic, each))
                .collect(),
            tx_ring: ring(
                nic,
                tx.queues,
                &tx.registers,
                &tx.doorbell,
                &model.tx.enable,
                tx.ring,
            ),
            tx: transmit(nic),
            rx_ring: ring(
                nic,
                rx.queues,
                &rx.registers,
                &rx.doorbell,
                &model.rx.enable,
                rx.ring,
            ),
            rx: receive(nic),
            interrupts: interrupts(nic),
            link_up: field_names(&device::fields(&nic.link().up)),
            station: Pairs(vec![
                ("low", name(&model.station.low)),
                ("high", name(&model.station.high)),
                ("valid", literal(valid)),
            ]),
            multicast: multicast(nic),
            rss: rss::rss(nic),
            block: block(nic),
            eeprom: eeprom(nic),
            phy: phy(nic),
            counts: nic.statistics().iter().filter_map(count).collect(),
            require: model
                .require
                .iter()
                .map(|rule| {
                    Pairs(vec![
                        ("field", field_name(&rule.value.field)),
                        ("is", rule.value.is.to_string()),
                        ("at", format!("Moment::{:?}", rule.at)),
                        ("only_on", only_on(&rule.only_on, nic.variants())),
                        ("section", literal(&rule.section)),
                    ])
                })
                .collect(),
            modified: nic
                .modified()
                .iter()
                .map(|(register, bits)| format!("({}, {})", name(register), hex(*bits, 0)))
                .collect(),
            late: model
                .late
                .iter()
                .map(|late| {
                    Pairs(vec![
                        ("field", field_name(&late.field)),
                        ("after", format!("After::{:?}", late.after)),
                        ("before", registers_named(&late.before)),
                        ("section", literal(&late.section)),
                    ])
                })
                .collect(),
            links: model
                .links
                .iter()
                .map(|link| {
                    Pairs(vec![
                        ("mbps", link.mbps.to_string()),
                        ("full_duplex", link.full_duplex.to_string()),
                        ("shows", shown(&link.shows)),
                    ])
                })
                .collect(),
            refuse: model
                .refuse
                .iter()
                .map(|refusal| {
                    Pairs(vec![
                        ("shows", shown(&refusal.shows)),
                        ("only_on", only_on(&refusal.only_on, nic.variants())),
                        ("section", literal(&refusal.section)),
                    ])
                })
                .collect(),
            order: nic
                .order()
                .iter()
                .map(|rule| {
                    let first: Vec<_> = rule.first.iter().map(event).collect();
                    Pairs(vec![
                        ("first", format!("&[{}]", first.join(", "))),
                        ("then", event(&rule.then)),
                        ("section", literal(&rule.section)),
                    ])
                })
                .collect(),
            locks: model
                .locks
                .iter()
                .map(|lock| {
                    Pairs(vec![
                        ("unless", device::condition(&lock.unless)),
                        ("registers", registers_named(&lock.registers)),
                        ("section", literal(&lock.section)),
                    ])
                })
                .collect(),
            follows: model
                .follows
                .iter()
                .map(|follow| (field_name(&follow.field), device::value(&follow.is)))
                .collect(),
            formats: formats.into_iter().map(format).collect(),
            registers: registers
                .into_iter()
                .map(|register| {
                    let listed = listed.iter().any(|other| other.name == register.name);
                    table(register, nic.variants(), listed)
                })
                .collect(),
        }
    }
}

/// Fields and their values.
fn shown(shows: &[Shown]) -> String {
    let shows = shows.iter();
    let shows = shows.map(|shown| format!("({}, {})", field_name(&shown.field), shown.is));
    format!("&[{}]", shows.collect::<Vec<_>>().join(", "))
}

fn identity(nic: &Nic) -> Pairs {
    let model = nic.model();
    Pairs(vec![
        ("name", literal(nic.name())),
        ("size", hex(nic.spaces()[0].size, 0)),
        ("registers", "REGISTERS".to_owned()),
        ("reset", field_names(&model.reset)),
        ("self_clearing", field_names(&model.self_clearing)),
        ("keeps", registers_named(&model.keeps)),
        ("comes_up", shown(&model.comes_up)),
        ("set_by_reading", field_names(&model.set_by_reading)),
    ])
}

fn variant(nic: &Nic, variant: &Variant) -> Pairs {
    let id = variant.pci[0];
    let fixed = variant.when.as_ref().map(device::values);
    let fixed: Vec<_> = fixed
        .unwrap_or_default()
        .iter()
        .map(|(at, value)| format!("({}, {value})", field_name(at)))
        .collect();
    Pairs(vec![
        ("name", literal(&variant.name)),
        ("title", literal(&variant.title)),
        (
            "pci",
            format!(
                "PciId {{ vendor: {:#06x}, device: {:#06x} }}",
                id.vendor, id.device
            ),
        ),
        (
            "frames",
            format!(
                "FrameLimits {{ sent: {}, received: {} }}",
                nic.tx_frame_max(variant),
                nic.rx_frame_max(variant)
            ),
        ),
        ("fixed", format!("&[{}]", fixed.join(", "))),
    ])
}

fn ring(
    nic: &Nic,
    queues: u32,
    registers: &RingRegisters,
    doorbell: &Doorbell,
    enable: &[FieldPlace],
    limits: RingLimits,
) -> Pairs {
    let maybe = |register: &Option<Arc<Register>>| match register {
        Some(register) => name(register),
        None => literal(""),
    };
    Pairs(vec![
        ("queues", queues.to_string()),
        ("base_low", name(&registers.base_low)),
        ("base_high", name(&registers.base_high)),
        ("bytes", maybe(&registers.bytes)),
        ("head", maybe(&registers.head)),
        ("tail", maybe(&registers.tail)),
        ("doorbell", self::doorbell(nic, doorbell)),
        ("enable", field_names(enable)),
        (
            "slots",
            format!("({}, {}, {})", limits.min, limits.max, limits.multiple),
        ),
        ("align", limits.align.to_string()),
        ("address_bits", limits.address_bits.to_string()),
    ])
}

fn doorbell(nic: &Nic, doorbell: &Doorbell) -> String {
    match doorbell {
        Doorbell::Index(_) => "DoorbellModel::Tail".to_owned(),
        Doorbell::Kick { register, set, .. } => format!(
            "DoorbellModel::Kick {{ register: {}, fields: {}, lost_while_busy: {} }}",
            name(register),
            names(set.iter().map(|field| &field.name)),
            variants_named(nic, &nic.model().kick_lost_on)
        ),
        Doorbell::Unneeded => "DoorbellModel::Unneeded".to_owned(),
    }
}

/// Names of some fields of a descriptor.
fn fields(fields: &[Arc<DescriptorField>]) -> String {
    names(fields.iter().map(|field| &field.name))
}

fn transmit(nic: &Nic) -> Pairs {
    let tx = nic.tx();
    let completions: Vec<_> = tx.completions.iter().map(tx_completion).collect();
    Pairs(vec![
        ("reads", constant(&tx.encode.format)),
        ("meaning", meaning(&tx.encode)),
        ("first", fields(&tx.first)),
        ("last", fields(&tx.last)),
        ("end_of_ring", fields(&tx.end_of_ring)),
        ("report", fields(&tx.report)),
        ("completions", format!("&[{}]", completions.join(", "))),
        ("pads_to", tx.frame.pads_to.to_string()),
        ("shortest", tx.frame.min.to_string()),
        ("descriptors", tx.frame.descriptors.to_string()),
    ])
}

fn tx_completion(completion: &TxCompletion) -> String {
    match completion {
        TxCompletion::Bit(bit) => self::completion(bit),
        TxCompletion::HeadRegister => "CompletionModel::HeadRegister".to_owned(),
        TxCompletion::HeadWriteback { low, high, enable } => format!(
            "CompletionModel::HeadWriteback {{ low: {}, high: {}, enable: {} }}",
            name(low),
            name(high),
            literal(&enable.name)
        ),
    }
}

fn completion(completion: &Completion) -> String {
    let scheme = match completion.scheme {
        Scheme::OwnerBit => "OwnerBit",
        _ => "DoneBit",
    };
    format!(
        "CompletionModel::{scheme} {{ writes: {}, field: {} }}",
        constant(&completion.format),
        literal(&completion.field.name)
    )
}

fn receive(nic: &Nic) -> Pairs {
    let rx = nic.rx();
    let accept = &nic.model().accept;
    let maybe = |at: &Option<FieldPlace>| match at {
        Some(at) => format!("Some({})", field_name(at)),
        None => "None".to_owned(),
    };
    Pairs(vec![
        ("reads", constant(&rx.arm.format)),
        ("meaning", meaning(&rx.arm)),
        ("end_of_ring", fields(&rx.end_of_ring)),
        ("completion", completion(&rx.completion)),
        ("length", literal(&rx.length.name)),
        ("length_of_frame", rx.length_of_frame.to_string()),
        ("first", fields(&rx.first)),
        ("last", fields(&rx.last)),
        ("good_set", fields(&rx.good.set)),
        ("good_clear", fields(&rx.good.clear)),
        ("crc_stripped_when", field_names(&rx.crc.stripped_when)),
        ("vlan_stripped_when", field_names(&rx.vlan.stripped_when)),
        ("broadcast", field_name(&accept.broadcast)),
        ("promiscuous", field_name(&accept.promiscuous)),
        ("all_multicast", maybe(&accept.all_multicast)),
        ("stations", maybe(&accept.stations)),
        ("table", maybe(&accept.table)),
        (
            "longest",
            nic.model()
                .rx_longest
                .as_ref()
                .map_or(format!("|_, _| {}", rx.frame_max + 4), device::value),
        ),
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
        (
            "messages",
            match &interrupts.messages {
                Some(messages) => {
                    format!("Some(MessageModel {{ {} }})", messages::messages(messages))
                }
                None => "None".to_owned(),
            },
        ),
    ])
}

/// A register, and the field of it if it is not the whole register.
fn event(event: &OrderEvent) -> String {
    let field = event.field().map_or("", |field| &field.name);
    format!("({}, {})", name(event.register()), literal(field))
}

fn multicast(nic: &Nic) -> Pairs {
    let filters = nic.filters();
    let hash = match filters.hash {
        Hash::AddressBits { low, width } => format!("AddressBits {{ low: {low}, width: {width} }}"),
        Hash::Crc32 { low, width } => format!("Crc32 {{ low: {low}, width: {width} }}"),
    };
    Pairs(vec![
        ("table", name(&filters.table)),
        ("hash", format!("MulticastHash::{hash}")),
        ("reversed_on", variants_named(nic, &filters.reversed_on)),
    ])
}

fn variants_named(nic: &Nic, variants: &Variants) -> String {
    names(variants.indices().map(|index| &nic.variants()[index].name))
}

fn block(nic: &Nic) -> Option<Pairs> {
    let block = nic.model().stats_block.as_ref()?;
    Some(Pairs(vec![
        ("low", name(&block.low)),
        ("high", name(&block.high)),
        ("start", literal(&block.start.name)),
        ("bytes", nic.statistics_block().to_string()),
    ]))
}

fn eeprom(nic: &Nic) -> Option<Pairs> {
    let eeprom = nic.model().eeprom.as_ref()?;
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
    let phy = nic.model().phy.as_ref()?;
    let access = match &phy.access {
        PhyAccess::Operation { op, ready } => format!(
            "PhyAccess::Operation {{ op: {}, ready: {} }}",
            literal(&op.name),
            literal(&ready.name)
        ),
        PhyAccess::Flag(flag) => format!("PhyAccess::Flag({})", literal(&flag.name)),
    };
    Some(Pairs(vec![
        ("command", name(&phy.command)),
        ("register", literal(&phy.register.name)),
        ("data", literal(&phy.data.name)),
        ("access", access),
        ("page", format!("{:?}", phy.page)),
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
        Counts::RxCrcErrors => "RxCrcErrors",
        Counts::RxLengthErrors => "RxLengthErrors",
        Counts::RxOverruns => "RxOverruns",
    };
    let registers = |low: &Register, high: String| {
        format!(
            "CounterPlace::Registers {{ low: {}, high: {high} }}",
            name(low)
        )
    };
    let at = match &counter.source {
        Source::One(register) => registers(register, literal("")),
        Source::Pair { low, high } => registers(low, name(high)),
        Source::Block { offset, bytes } => {
            format!("CounterPlace::Block {{ offset: {offset}, bytes: {bytes} }}")
        }
    };
    Some(Pairs(vec![
        ("event", format!("Event::{event}")),
        ("at", at),
    ]))
}
