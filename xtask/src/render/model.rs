//! `model.rs`: the device's side of the facts, as tables.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use askama::Template;
use nicspecs::ir::{
    Acknowledge, Counter, Counts, Descriptor, FieldPlace, Hash, Nic, NumKind, Owner, Pattern,
    Register, RingLimits, RingRegisters, Setting, SettingValue, Source,
};

use super::device;
use super::facts::Facts;
use super::header;
use super::regs;
use super::steps::literal;
use super::text::hex;

/// The variant that is modelled: the default one.
pub const VARIANT: usize = 0;

/// Keys of a struct and their values.
struct Pairs(Vec<(&'static str, String)>);

impl fmt::Display for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|(key, value)| writeln!(f, "{key}: {value},"))
    }
}

/// The file.
#[derive(Template)]
#[template(path = "model.rs.jinja", escape = "none")]
pub struct Model {
    header: String,
    imports: String,
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
    helpers: BTreeSet<&'static str>,
}

/// A descriptor format.
struct Format {
    constant: String,
    title: String,
    name: String,
    size: u32,
    fields: Vec<String>,
}

/// A register of the variant.
struct RegisterTable {
    pairs: Pairs,
    pieces: String,
    fields: Vec<String>,
}

impl Model {
    /// The view of a NIC.
    pub fn new(facts: &Facts) -> Self {
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
        let mut view = Self {
            header: header(nic, &format!("The device's side of the {}.", nic.title())),
            imports: String::new(),
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
                .map(|rule| {
                    Pairs(vec![
                        (
                            "first",
                            names(rule.first.iter().map(|register| &register.name)),
                        ),
                        ("then", name(&rule.then.place.register)),
                        ("field", literal(&rule.then.field.name)),
                        ("section", literal(&rule.section)),
                    ])
                })
                .collect(),
            follows: model
                .follows
                .iter()
                .map(|follow| (field_name(&follow.field), device::value(&follow.is)))
                .collect(),
            formats: formats.into_iter().map(format).collect(),
            registers: registers.into_iter().map(table).collect(),
            helpers: BTreeSet::new(),
        };
        view.helpers = view.helpers_named();
        view.imports = view
            .types_named()
            .into_iter()
            .collect::<Vec<_>>()
            .join(", ");
        view
    }

    /// Everything that the tables say, to find out what they name.
    fn said(&self) -> impl Iterator<Item = &str> {
        let lists = [
            &self.identity,
            &self.tx_ring,
            &self.tx,
            &self.rx_ring,
            &self.rx,
        ];
        let more = self.require.iter().chain(&self.order).chain(&self.counts);
        let pairs = lists
            .into_iter()
            .chain(more)
            .flat_map(|pairs| &pairs.0)
            .map(|(_, value)| value.as_str());
        let tables = self
            .registers
            .iter()
            .flat_map(|table| table.fields.iter().chain([&table.pieces]));
        let follows = self.follows.iter().map(|(field, _)| field.as_str());
        pairs
            .chain(tables.map(String::as_str))
            .chain(follows)
            .chain([self.link_up.as_str()])
    }

    fn helpers_named(&self) -> BTreeSet<&'static str> {
        let names = ["single", "piece", "of", "of_queue", "field", "choice"];
        let calls = |name: &str| {
            self.said().any(|said| {
                let call = format!("{name}(");
                said.starts_with(&call)
                    || said.contains(&format!("[{call}"))
                    || said.contains(&format!(" {call}"))
            })
        };
        names.into_iter().filter(|name| calls(name)).collect()
    }

    fn types_named(&self) -> BTreeSet<&'static str> {
        let always = [
            "Access",
            "DescriptorField",
            "DescriptorModel",
            "FieldModel",
            "FieldName",
            "Element",
            "InterruptModel",
            "Model",
            "Owner",
            "RegisterModel",
            "RingModel",
            "RxModel",
            "SlotValue",
            "StationModel",
            "TxModel",
        ];
        let sometimes = [
            ("EepromModel", self.eeprom.is_some()),
            ("PhyModel", self.phy.is_some()),
            ("CountModel", !self.counts.is_empty()),
            ("Event", !self.counts.is_empty()),
            ("Requirement", !self.require.is_empty()),
            ("OrderModel", !self.order.is_empty()),
            ("Follow", !self.follows.is_empty()),
        ];
        let sometimes = sometimes
            .into_iter()
            .filter(|(_, named)| *named)
            .map(|(name, _)| name);
        always.into_iter().chain(sometimes).collect()
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
        (
            "keeps",
            names(model.keeps.iter().map(|register| &register.name)),
        ),
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
        ("mask_set", name(&interrupts.mask_set)),
        ("mask_clear", name(&interrupts.mask_clear)),
        ("tx", causes("tx")),
        ("rx", causes("rx")),
        ("link", causes("link")),
    ])
}

fn multicast(nic: &Nic) -> String {
    let filters = nic.filters();
    let hash = match filters.hash {
        Hash::AddressBits { low, width } => format!("AddressBits {{ low: {low}, width: {width} }}"),
        Hash::Crc32 { low, width } => format!("Crc32 {{ low: {low}, width: {width} }}"),
    };
    format!("({}, MulticastHash::{hash})", name(&filters.table))
}

/// Words or registers by number.
fn numbered(entries: &[(u32, u16)]) -> String {
    let entries: Vec<_> = entries
        .iter()
        .map(|(at, value)| format!("({at:#04x}, {value:#06x})"))
        .collect();
    format!("&[{}]", entries.join(", "))
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

fn name(register: &Register) -> String {
    literal(&register.name)
}

fn names<'s>(names: impl IntoIterator<Item = &'s String>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| literal(name)).collect();
    format!("&[{}]", names.join(", "))
}

fn field_names<'p>(places: impl IntoIterator<Item = &'p FieldPlace>) -> String {
    let present = places
        .into_iter()
        .filter(|at| at.place.register.variants.contains(VARIANT));
    let names: Vec<_> = present.map(field_name).collect();
    format!("&[{}]", names.join(", "))
}

fn field_name(at: &FieldPlace) -> String {
    let register = &at.place.register;
    let (name, field) = (name(register), literal(&at.field.name));
    match at
        .place
        .index
        .as_ref()
        .map(|index| (index.constant(), &index.kind))
    {
        Some((_, NumKind::Builtin(_))) => format!("of_queue({name}, {field})"),
        // Without an index every element of an array is meant, whichever it is.
        None if register.is_array => format!("of_queue({name}, {field})"),
        Some((Some(element @ 1..), _)) => {
            format!(
                "FieldName {{ register: {name}, element: Element::Fixed({element}), field: {field} }}"
            )
        }
        _ => format!("of({name}, {field})"),
    }
}

fn constant(format: &Descriptor) -> String {
    format.name.to_uppercase()
}

fn meaning(pattern: &Pattern) -> String {
    let meaning = |setting: &Setting| {
        let value = match setting.value {
            SettingValue::Number(value) => format!("SlotValue::Fixed({value})"),
            SettingValue::Address => "SlotValue::Address".to_owned(),
            SettingValue::Length => "SlotValue::Length".to_owned(),
        };
        format!("({}, {value})", literal(&setting.field.name))
    };
    let meanings: Vec<_> = pattern.set.iter().map(meaning).collect();
    format!("&[{}]", meanings.join(", "))
}

fn format(format: &Descriptor) -> Format {
    let field = |field: &Arc<nicspecs::ir::DescriptorField>| {
        let by = match field.by {
            Owner::Host => "Owner::Host",
            Owner::Nic => "Owner::Nic",
        };
        format!(
            "bits({}, {}, {}, {by})",
            literal(&field.name),
            field.low,
            field.width
        )
    };
    Format {
        constant: constant(format),
        title: format!("{} ({}).", format.title, format.section),
        name: literal(&format.name),
        size: format.size,
        fields: format.fields.iter().map(field).collect(),
    }
}

fn table(register: &Register) -> RegisterTable {
    let mut fields: Vec<_> = register.fields.iter().collect();
    fields.sort_by_key(|field| field.low);
    let field = |field: &Arc<nicspecs::ir::Field>| {
        let doc = literal(field.doc.as_deref().unwrap_or_default());
        let said = format!("{}, {}, {}", literal(&field.name), field.low, field.width);
        let values: Vec<_> = field
            .values
            .iter()
            .map(|value| format!("({}, {})", literal(&value.name), value.value))
            .collect();
        match values.as_slice() {
            [] => format!("field({said}, {doc})"),
            values => format!("choice({said}, &[{}], {doc})", values.join(", ")),
        }
    };
    let digits = regs::digits(register);
    let piece = |piece: &nicspecs::ir::Piece| match register.is_array {
        true => {
            format!(
                "piece({}, {}, {}, {:#x})",
                piece.first,
                piece.count,
                hex(piece.offset, digits),
                piece.stride
            )
        }
        false => format!("single({})", hex(piece.offset, digits)),
    };
    let pieces: Vec<_> = register.pieces.iter().map(piece).collect();
    RegisterTable {
        pairs: Pairs(vec![
            ("name", literal(&register.name)),
            ("title", literal(&register.title)),
            ("section", literal(&register.section)),
            ("width", register.width.to_string()),
            (
                "access",
                format!("Access::{}", regs::access(register.access)),
            ),
            (
                "reset",
                if register.reset == 0 {
                    "0".to_owned()
                } else {
                    hex(register.reset, 0)
                },
            ),
            ("must_write", register.must_write.to_string()),
        ]),
        pieces: format!("&[{}]", pieces.join(", ")),
        fields: fields.into_iter().map(field).collect(),
    }
}
