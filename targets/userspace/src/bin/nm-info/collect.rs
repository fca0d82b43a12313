//! The information about a port, for text and JSON.

use netmap_core::model::{Access, Reading, RegisterModel};
use netmap_core::register::{Piece, RegOffset};
use netmap_core::{Choice, Duplex, Link, Restart, RingLimits, Statistic};
use netmap_userspace::{AnyPort, Identity, Limits, Loss};
use serde::Serialize;
use serde_json::{Value, json};

/// A port.
pub struct Info {
    pub port: String,
    pub identity: Identity,
    pub link: Link,
    pub limits: Limits,
    /// The NIC's options and their values.
    pub options: Vec<(&'static Choice, u32)>,
    pub statistics: Vec<(&'static Statistic, u64)>,
    pub losses: Vec<Loss>,
    /// Only if requested.
    pub registers: Option<Vec<Register>>,
}

/// A register, or adjacent array elements with the same value.
#[derive(Debug, Serialize)]
pub struct Register {
    pub name: &'static str,
    /// The first element; none if the register is not an array.
    pub index: Option<u32>,
    /// Elements.
    pub count: u32,
    /// The offset of the first element.
    pub offset: u32,
    pub title: &'static str,
    pub section: &'static str,
    pub width: u8,
    pub access: &'static str,
    /// The value; none if it was not read.
    pub value: Option<u64>,
    /// Why it was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_read: Option<&'static str>,
    pub fields: Vec<Field>,
}

#[derive(Debug, Serialize)]
pub struct Field {
    pub name: &'static str,
    pub low: u8,
    pub width: u8,
    pub value: Option<u64>,
    /// The name of that value, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<&'static str>,
    pub doc: &'static str,
}

impl Info {
    /// Everything about a port except its registers.
    pub fn new(name: String, port: &mut AnyPort, link: Link) -> Info {
        let limits = port.limits();
        let chosen = |option: &Choice| port.chosen(option.name).unwrap_or(option.default);
        Info {
            port: name,
            identity: port.identity(),
            link,
            limits,
            options: (limits.options.iter())
                .map(|option| (option, chosen(option)))
                .collect(),
            statistics: port.statistics(),
            losses: port.losses(),
            registers: None,
        }
    }

    /// Frame lengths are in bytes without CRC; there is no address if the device was not started.
    pub fn json(&self) -> Value {
        let (identity, limits) = (&self.identity, &self.limits);
        let (mbps, full_duplex) = match self.link {
            Link::Down => (None, None),
            Link::Up { mbps, duplex } => (Some(mbps), Some(duplex == Duplex::Full)),
        };
        let completions = limits.completions.iter().map(|way| way.name());
        let rss = limits.rss;
        let rss = rss.map(|rss| json!({ "queues": rss.queues, "entries": rss.entries }));
        let options = self.options.iter().map(|(option, value)| {
            json!({
                "name": option.name,
                "title": option.title,
                "value": value,
                "most": option.max,
            })
        });
        let statistics = self.statistics.iter().map(|(counter, value)| {
            json!({ "name": counter.name, "title": counter.title, "value": value })
        });
        let losses = self.losses.iter();
        let losses = losses.map(|loss| json!({ "why": loss.why, "frames": loss.frames }));
        let mut info = json!({
            "port": self.port,
            "nic": identity.nic,
            "title": identity.title,
            "variant": identity.variant,
            "pci": identity.pci.to_string(),
            "address": identity.mac.map(|mac| mac.to_string()),
            "link": { "up": mbps.is_some(), "mbps": mbps, "full_duplex": full_duplex },
            "frames": {
                "shortest": limits.frame_min,
                "longest_sent": limits.tx_frame_max,
                "longest_received": limits.rx_frame_max,
                "most_slots": limits.tx_frame_slots,
            },
            "tx": rings(limits.tx),
            "rx": rings(limits.rx),
            "completions": completions.collect::<Vec<_>>(),
            "rss": rss,
            "options": options.collect::<Vec<_>>(),
            "statistics": statistics.collect::<Vec<_>>(),
            "losses": losses.collect::<Vec<_>>(),
        });
        if let Some(registers) = &self.registers {
            info["registers"] = json!(registers);
        }
        info
    }
}

/// The alignment is in bytes.
fn rings(limits: RingLimits) -> Value {
    json!({
        "most": limits.queues,
        "fewest_slots": limits.min,
        "most_slots": limits.max,
        "slots_multiple_of": limits.multiple,
        "alignment": limits.align,
        "address_bits": limits.address_bits,
        "reset_alone": limits.restart == Restart::Queue,
    })
}

/// Every register of the variant; registers that change when read are read only with `all`.
pub fn registers(port: &AnyPort, all: bool) -> Vec<Register> {
    let (model, variant) = (port.model(), port.identity().variant);
    let mut found = Vec::new();
    for register in model.registers.iter().filter(|r| r.exists_on(variant)) {
        let not_read = match model.reading(register) {
            Reading::Changes if all => None,
            Reading::Pure => None,
            Reading::Changes => Some("reading changes it"),
            Reading::Meaningless => Some("write-only"),
        };
        for piece in register.pieces {
            elements(port, register, piece, not_read, &mut found);
        }
    }
    found
}

/// The elements of a piece; adjacent elements with the same value are combined.
fn elements(
    port: &AnyPort,
    register: &'static RegisterModel,
    piece: &Piece,
    not_read: Option<&'static str>,
    found: &mut Vec<Register>,
) {
    let array = register.pieces.len() > 1 || piece.count > 1;
    let first = found.len();
    for element in 0..piece.count {
        let offset = piece.offset.0 + element * piece.stride;
        let value = match not_read {
            None => Some(port.read_register(RegOffset(offset), register.width)),
            Some(_) => None,
        };
        if let Some(before) = found[first..].last_mut()
            && before.value == value
        {
            before.count += 1;
            continue;
        }
        found.push(Register {
            name: register.name,
            index: array.then_some(piece.first + element),
            count: 1,
            offset,
            title: register.title,
            section: register.section,
            width: register.width,
            access: access(register.access),
            value,
            not_read,
            fields: fields(register, value),
        });
    }
}

fn fields(register: &'static RegisterModel, value: Option<u64>) -> Vec<Field> {
    let fields = register.fields.iter().map(|field| {
        let value = value.map(|value| value >> field.low & (u64::MAX >> (64 - field.width)));
        let named = field.values.iter().find(|(_, of)| Some(*of) == value);
        Field {
            name: field.name,
            low: field.low,
            width: field.width,
            value,
            meaning: named.map(|(name, _)| *name),
            doc: field.doc,
        }
    });
    fields.collect()
}

/// The access kind's name in specs.
fn access(access: Access) -> &'static str {
    match access {
        Access::ReadWrite => "rw",
        Access::ReadOnly => "ro",
        Access::WriteOnly => "wo",
        Access::ReadClear => "rc",
        Access::WriteOneClear => "w1c",
        Access::ReadOrWriteOneClear => "rc_w1c",
        Access::WriteClear => "wc",
        Access::WriteOneSet => "w1s",
    }
}
