//! `model.rs`: the device's side of the facts, as tables.

mod messages;
mod rss;

use std::sync::Arc;

use askama::Template;
use nicspecs::ir::{
    Acknowledge, Builtin, Completion, Counter, Descriptor, DescriptorField, Doorbell, FieldPlace,
    Nic, OrderEvent, PhyAccess, PhyCommand, Register, RingRegisters, Shown, Source, Station,
    TxCompletion, Variant, Variants,
};

use super::facts::Facts;
use super::steps::literal;
use super::tables::{
    Record, constant, field_name, field_names, format, list, meaning, name, names, only_on, option,
    registers_named, table,
};
use super::text::{header, hex};
use super::{device, imports, print};

/// The part below the imports.
#[derive(Template)]
#[template(path = "model_body.rs.jinja", escape = "none")]
struct Body<'a> {
    driver: String,
    title: &'a str,
    model: Record,
    formats: Vec<&'a Descriptor>,
    registers: String,
}

pub fn file(facts: &Facts) -> miette::Result<String> {
    let nic = facts.nic;
    let listed = facts.registers();
    let registers = facts.by_offset(|register| register.space == nic.spaces()[0]);
    let body = print(&Body {
        driver: facts.driver(),
        title: nic.title(),
        model: model(nic),
        formats: facts.formats(),
        registers: list(registers.into_iter().map(|register| {
            let listed = listed.iter().any(|other| other.name == register.name);
            table(register, nic.variants(), listed)
        })),
    })?;
    let header = header(nic, &format!("The device's side of the {}.", nic.title()));
    let imports = imports::of_model(facts, &body);
    Ok(format!("{header}\n\n{imports}\n{body}"))
}

fn model(nic: &Nic) -> Record {
    let model = nic.model();
    let variants = nic.variants().iter();
    let follows = model.follows.iter().map(|follow| {
        Record::new("Follow")
            .with("field", field_name(&follow.field))
            .with("is", device::value(&follow.is))
    });
    let require = model.require.iter().map(|rule| {
        Record::new("Requirement")
            .with("field", field_name(&rule.value.field))
            .with("is", rule.value.is)
            .with("at", format!("Moment::{:?}", rule.at))
            .with("only_on", only_on(&rule.only_on, nic.variants()))
            .with("section", literal(&rule.section))
    });
    let modified = nic.modified().into_iter();
    let modified = modified.map(|(at, bits)| format!("({}, {})", name(&at), hex(bits, 0)));
    let late = model.late.iter().map(|late| {
        Record::new("LateModel")
            .with("field", field_name(&late.field))
            .with("after", format!("After::{:?}", late.after))
            .with("before", registers_named(&late.before))
            .with("section", literal(&late.section))
    });
    let links = model.links.iter().map(|link| {
        Record::new("LinkModel")
            .with("mbps", link.mbps)
            .with("full_duplex", link.full_duplex)
            .with("shows", shown(&link.shows))
            .with("only_on", only_on(&link.only_on, nic.variants()))
    });
    let refuse = model.refuse.iter().map(|refusal| {
        Record::new("RefusalModel")
            .with("shows", shown(&refusal.shows))
            .with("only_on", only_on(&refusal.only_on, nic.variants()))
            .with("section", literal(&refusal.section))
    });
    let order = nic.order().iter().map(|rule| {
        Record::new("OrderModel")
            .with("first", list(rule.first.iter().map(event)))
            .with("then", event(&rule.then))
            .with("section", literal(&rule.section))
    });
    let locks = model.locks.iter().map(|lock| {
        Record::new("LockModel")
            .with("unless", device::condition(&lock.unless))
            .with("registers", registers_named(&lock.registers))
            .with("section", literal(&lock.section))
    });
    let station = match &model.station {
        Station::Words { low, high, valid } => Record::new("StationModel::Halves")
            .with("low", name(low))
            .with("high", name(high))
            .with(
                "valid",
                literal(valid.as_ref().map_or("", |valid| &valid.name)),
            )
            .to_string(),
        Station::Octets(octets) => format!("StationModel::Octets({})", name(octets)),
    };
    Record::new("Model")
        .with("name", literal(nic.name()))
        .with("size", hex(nic.spaces()[0].size, 0))
        .with("registers", "REGISTERS")
        .with("reset", field_names(&model.reset))
        .with("self_clearing", field_names(&model.self_clearing))
        .with("keeps", registers_named(&model.keeps))
        .with("comes_up", shown(&model.comes_up))
        .with("set_by_reading", field_names(&model.set_by_reading))
        .with("variants", list(variants.map(|each| variant(nic, each))))
        .with("follows", list(follows))
        .with("tx", transmit(nic))
        .with("rx", receive(nic))
        .with("rss", option(nic.rss().map(rss::rss)))
        .with("interrupts", interrupts(nic))
        .with("link_up", device::condition(&nic.link().up))
        .with("link_down", shown(&nic.link().down))
        .with("station", station)
        .with("multicast", option(multicast(nic)))
        .with("eeprom", option(eeprom(nic)))
        .with("phy", option(phy(nic)))
        .with("counts", list(nic.statistics().iter().flat_map(counts)))
        .with("block", option(block(nic)))
        .with("require", list(require))
        .with("modified", list(modified))
        .with("late", list(late))
        .with("links", list(links))
        .with("refuse", list(refuse))
        .with("order", list(order))
        .with("locks", list(locks))
}

fn shown(shows: &[Shown]) -> String {
    let shows = shows.iter();
    list(shows.map(|shown| format!("({}, {})", field_name(&shown.field), shown.is)))
}

fn variant(nic: &Nic, variant: &Variant) -> Record {
    let showing = |wanted: Builtin| {
        let mut shown = variant.shown.pci.iter();
        shown.find_map(|&(builtin, value)| (builtin == wanted).then_some(value))
    };
    let id = |vendor: u32, device: u32| {
        Record::new("PciId")
            .with("vendor", format!("{vendor:#06x}"))
            .with("device", format!("{device:#06x}"))
    };
    let first = variant.pci[0];
    let subsystem = id(
        showing(Builtin::PciSubsystemVendor).unwrap_or(0),
        showing(Builtin::PciSubsystemDevice).unwrap_or(0),
    );
    let first = id(first.vendor.into(), first.device.into());
    let pci = match variant.shown.pci.is_empty() {
        true => format!("PciIdentity::of({first})"),
        false => Record::new("PciIdentity")
            .with("id", first)
            .with("subsystem", subsystem)
            .with("revision", showing(Builtin::PciRevision).unwrap_or(0))
            .to_string(),
    };
    let limits = match nic.variants().iter().all(|each| each.limits.is_empty()) {
        true => format!("NicLimits::of::<{}>()", super::facts::driver(nic)),
        false => format!("Variant::{}.limits()", variant.type_name),
    };
    Record::new("VariantModel")
        .with("name", literal(&variant.name))
        .with("title", literal(&variant.title))
        .with("pci", pci)
        .with("limits", limits)
        .with(
            "qemu",
            option(variant.qemu.as_ref().map(|qemu| literal(&qemu.device))),
        )
        .with("fixed", shown(&variant.shown.fields))
}

fn ring(
    nic: &Nic,
    registers: &RingRegisters,
    doorbell: &Doorbell,
    enable: &[FieldPlace],
) -> Record {
    let maybe = |register: &Option<Arc<Register>>| {
        literal(register.as_ref().map_or("", |register| &register.name))
    };
    Record::new("RingModel")
        .with("base_low", name(&registers.base_low))
        .with("base_high", maybe(&registers.base_high))
        .with("bytes", maybe(&registers.bytes))
        .with("head", maybe(&registers.head))
        .with("tail", maybe(&registers.tail))
        .with("doorbell", self::doorbell(nic, doorbell))
        .with("enable", field_names(enable))
}

fn doorbell(nic: &Nic, doorbell: &Doorbell) -> String {
    let lost = &nic.model().kick_lost_on;
    match doorbell {
        Doorbell::Index(_) => "DoorbellModel::Tail".to_owned(),
        Doorbell::Kick { register, set, .. } => Record::new("DoorbellModel::Kick")
            .with("register", name(register))
            .with("fields", names(set.iter().map(|field| &field.name)))
            .with("lost_while_busy", variants_named(nic, lost))
            .to_string(),
        Doorbell::Unneeded => "DoorbellModel::Unneeded".to_owned(),
    }
}

/// Names of some fields of a descriptor.
fn fields(fields: &[Arc<DescriptorField>]) -> String {
    names(fields.iter().map(|field| &field.name))
}

fn transmit(nic: &Nic) -> Record {
    let tx = nic.tx();
    let enable = &nic.model().tx.enable;
    let completions = tx.completions.iter().map(|completion| match completion {
        TxCompletion::Bit(bit) => self::completion(bit).to_string(),
        TxCompletion::HeadRegister => "CompletionModel::HeadRegister".to_owned(),
        TxCompletion::HeadWriteback { low, high, enable } => {
            Record::new("CompletionModel::HeadWriteback")
                .with("low", name(low))
                .with("high", name(high))
                .with("enable", literal(&enable.name))
                .to_string()
        }
    });
    let ring = ring(nic, &tx.registers, &tx.doorbell, enable);
    Record::new("TxModel")
        .with("ring", ring)
        .with("reads", constant(&tx.encode.format))
        .with("meaning", meaning(&tx.encode))
        .with("first", fields(&tx.first))
        .with("last", fields(&tx.last))
        .with("end_of_ring", fields(&tx.end_of_ring))
        .with("report", fields(&tx.report))
        .with("completions", list(completions))
        .with(
            "failed",
            fields(tx.completion_bit().map_or(&[], |bit| &bit.failed)),
        )
        .with("pads_to", tx.frame.pads_to)
}

fn completion(completion: &Completion) -> Record {
    Record::new(format!("CompletionModel::{:?}", completion.scheme))
        .with("writes", constant(&completion.format))
        .with("field", literal(&completion.field.name))
}

fn receive(nic: &Nic) -> Record {
    let (rx, model) = (nic.rx(), nic.model());
    let (accept, enable) = (&model.accept, &model.rx.enable);
    let longest = model.rx_longest.as_ref();
    let longest = longest.map_or(format!("|_, _| {}", rx.frame_max + 4), device::value);
    let tag = model.rx_tag.as_ref();
    let tag = tag.map_or("|_, _| 0".to_owned(), device::value);
    let maybe = |at: &Option<FieldPlace>| option(at.as_ref().map(field_name));
    let ring = ring(nic, &rx.registers, &rx.doorbell, enable);
    Record::new("RxModel")
        .with("ring", ring)
        .with("reads", constant(&rx.arm.format))
        .with("meaning", meaning(&rx.arm))
        .with("end_of_ring", fields(&rx.end_of_ring))
        .with("completion", completion(&rx.completion))
        .with("length", literal(&rx.length.name))
        .with("length_of_frame", rx.length_of_frame)
        .with("first", fields(&rx.first))
        .with("last", fields(&rx.last))
        .with("good_set", fields(&rx.good.set))
        .with("good_clear", fields(&rx.good.clear))
        .with("crc_stripped_when", field_names(&rx.crc.stripped_when))
        .with("vlan_stripped_when", field_names(&rx.vlan.stripped_when))
        .with("broadcast", field_name(&accept.broadcast))
        .with("promiscuous", field_name(&accept.promiscuous))
        .with("all_multicast", maybe(&accept.all_multicast))
        .with("stations", maybe(&accept.stations))
        .with("table", maybe(&accept.table))
        .with("longest", longest)
        .with("tag", tag)
        .with("buffer_size", rx.buffer.size)
        .with("lossy", model.rx_lossy)
}

fn interrupts(nic: &Nic) -> Record {
    let interrupts = nic.interrupts();
    let causes = |kind: &str| {
        let causes = interrupts.causes.iter().filter(|cause| cause.name == kind);
        let fields = causes.flat_map(|cause| &cause.fields);
        names(fields.map(|field| &field.name))
    };
    let by_reading = interrupts.acknowledge == Acknowledge::Read;
    let messages = interrupts.messages.as_ref();
    Record::new("InterruptModel")
        .with("cause", name(&interrupts.cause))
        .with("clears_on_read", by_reading)
        .with("mask_set", name(interrupts.mask.set()))
        .with("mask_clear", name(interrupts.mask.clear()))
        .with("tx", causes("tx"))
        .with("rx", causes("rx"))
        .with("link", causes("link"))
        .with("messages", option(messages.map(messages::messages)))
}

/// A register, and the field of it if it is not the whole register.
fn event(event: &OrderEvent) -> String {
    let field = event.field().map_or("", |field| &field.name);
    format!("({}, {})", name(event.register()), literal(field))
}

fn multicast(nic: &Nic) -> Option<Record> {
    let multicast = nic.filters().multicast.as_ref()?;
    Some(
        Record::new("MulticastModel")
            .with("table", name(&multicast.table))
            .with("hash", format!("MulticastHash::{:?}", multicast.hash))
            .with("reversed_on", variants_named(nic, &multicast.reversed_on)),
    )
}

fn variants_named(nic: &Nic, variants: &Variants) -> String {
    names(variants.indices().map(|index| &nic.variants()[index].name))
}

fn block(nic: &Nic) -> Option<Record> {
    let block = nic.model().stats_block.as_ref()?;
    Some(
        Record::new("BlockModel")
            .with("low", name(&block.low))
            .with("high", name(&block.high))
            .with("start", literal(&block.start.name))
            .with("bytes", nic.statistics_block()),
    )
}

fn eeprom(nic: &Nic) -> Option<Record> {
    let eeprom = nic.model().eeprom.as_ref()?;
    Some(
        Record::new("EepromModel")
            .with("command", name(&eeprom.command))
            .with("start", literal(&eeprom.start.name))
            .with("done", literal(&eeprom.done.name))
            .with("address", literal(&eeprom.address.name))
            .with("data", literal(&eeprom.data.name))
            .with("words", numbered(&eeprom.words)),
    )
}

fn phy(nic: &Nic) -> Option<Record> {
    let phy = nic.model().phy.as_ref()?;
    let access = match &phy.access {
        PhyAccess::Command {
            command,
            register,
            data,
            way,
        } => Record::new("PhyAccess::Command")
            .with("command", name(command))
            .with("register", literal(&register.name))
            .with("data", literal(&data.name))
            .with("way", phy_command(way))
            .to_string(),
        PhyAccess::Mapped(mapped) => {
            let mapped = mapped.iter();
            let mapped = mapped.map(|(number, register)| format!("({number}, {})", name(register)));
            format!("PhyAccess::Mapped({})", list(mapped))
        }
    };
    Some(
        Record::new("PhyModel")
            .with("access", access)
            .with("page", format!("{:?}", phy.page))
            .with("registers", numbered(&phy.registers)),
    )
}

fn phy_command(way: &PhyCommand) -> String {
    match way {
        PhyCommand::Operation { op, ready } => Record::new("PhyCommand::Operation")
            .with("op", literal(&op.name))
            .with("ready", literal(&ready.name))
            .to_string(),
        PhyCommand::Flag(flag) => format!("PhyCommand::Flag({})", literal(&flag.name)),
    }
}

/// Words or registers by number.
fn numbered(entries: &[(u32, u16)]) -> String {
    let entries = entries.iter();
    list(entries.map(|(at, value)| format!("({at:#04x}, {value:#06x})")))
}

/// The places at which a model counts what the counter counts.
fn counts(counter: &Counter) -> Vec<Record> {
    let registers = |low: &Register, high: String| {
        Record::new("CounterPlace::Registers")
            .with("low", name(low))
            .with("high", high)
    };
    let at = match &counter.source {
        Source::One(register) => registers(register, literal("")),
        Source::Pair { low, high } => registers(low, name(high)),
        Source::Block { offset, bytes } => {
            let at = Record::new("CounterPlace::Block").with("offset", offset);
            at.with("bytes", bytes)
        }
    };
    let Some(counts) = counter.counts else {
        return Vec::new();
    };
    let record = |at: Record, when: Option<String>| {
        Record::new("CountModel")
            .with("event", format!("Event::{counts:?}"))
            .with("at", at)
            .with("when", option(when))
    };
    let also = counter.also.iter().map(|also| {
        let at = registers(&also.register, literal(""));
        record(at, Some(field_name(&also.when)))
    });
    [record(at, None)].into_iter().chain(also).collect()
}
