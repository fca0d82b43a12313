//! The information about a port, for text and JSON.

use netmap_core::model::{Access, Reading, RegisterModel};
use netmap_core::register::{Piece, RegOffset};
use netmap_core::{Duplex, Link, Restart, RingLimits};
use netmap_userspace::{AnyPort, Limits};
use serde::Serialize;

/// A port.
#[derive(Debug, Serialize)]
pub struct Info {
    pub port: String,
    pub nic: &'static str,
    pub title: &'static str,
    pub variant: &'static str,
    pub pci: String,
    /// The MAC address; none if the device was not started.
    pub address: Option<String>,
    pub link: LinkState,
    pub frames: Frames,
    pub tx: Rings,
    pub rx: Rings,
    /// Completion schemes, the default first.
    pub completions: Vec<&'static str>,
    pub rss: Option<Spread>,
    pub options: Vec<Chosen>,
    pub statistics: Vec<Counter>,
    /// Only if requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registers: Option<Vec<Register>>,
}

#[derive(Debug, Serialize)]
pub struct LinkState {
    pub up: bool,
    pub mbps: Option<u32>,
    pub full_duplex: Option<bool>,
    #[serde(skip)]
    pub text: String,
}

/// Lengths of frames in bytes, without CRC.
#[derive(Debug, Serialize)]
pub struct Frames {
    pub shortest: u32,
    pub longest_sent: u32,
    pub longest_received: u32,
    /// Most slots of a sent frame.
    pub most_slots: u32,
}

/// Rings of a direction.
#[derive(Debug, Serialize)]
pub struct Rings {
    pub most: u32,
    pub fewest_slots: u32,
    pub most_slots: u32,
    pub slots_multiple_of: u32,
    /// Bytes.
    pub alignment: u32,
    pub address_bits: u32,
    /// Whether one ring can be reset while the others run.
    pub reset_alone: bool,
}

/// Receive-side scaling.
#[derive(Debug, Serialize)]
pub struct Spread {
    pub queues: u32,
    pub entries: u32,
}

/// An option of the NIC.
#[derive(Debug, Serialize)]
pub struct Chosen {
    pub name: &'static str,
    pub title: &'static str,
    pub value: u32,
    pub most: u32,
}

#[derive(Debug, Serialize)]
pub struct Counter {
    pub name: &'static str,
    pub title: &'static str,
    pub value: u64,
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

/// Everything about a port except its registers.
pub fn port(name: String, port: &mut AnyPort, link: Link) -> Info {
    let (identity, limits) = (port.identity(), port.limits());
    Info {
        port: name,
        nic: identity.nic,
        title: identity.title,
        variant: identity.variant,
        pci: identity.pci.to_string(),
        address: identity.mac.map(|mac| mac.to_string()),
        link: link_state(link),
        frames: frames(&limits),
        tx: rings(limits.tx),
        rx: rings(limits.rx),
        completions: limits.completions.iter().map(|way| way.name()).collect(),
        rss: limits.rss.map(|rss| Spread {
            queues: rss.queues,
            entries: rss.entries,
        }),
        options: limits
            .options
            .iter()
            .map(|option| Chosen {
                name: option.name,
                title: option.title,
                value: port.chosen(option.name).unwrap_or(option.default),
                most: option.max,
            })
            .collect(),
        statistics: port
            .statistics()
            .map(|(statistic, value)| Counter {
                name: statistic.name,
                title: statistic.title,
                value,
            })
            .collect(),
        registers: None,
    }
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
        Access::WriteOneSet => "w1s",
    }
}

fn link_state(link: Link) -> LinkState {
    let (mbps, full_duplex) = match link {
        Link::Down => (None, None),
        Link::Up { mbps, duplex } => (Some(mbps), Some(duplex == Duplex::Full)),
    };
    LinkState {
        up: link != Link::Down,
        mbps,
        full_duplex,
        text: link.to_string(),
    }
}

fn frames(limits: &Limits) -> Frames {
    Frames {
        shortest: limits.frame_min,
        longest_sent: limits.tx_frame_max,
        longest_received: limits.rx_frame_max,
        most_slots: limits.tx_frame_slots,
    }
}

fn rings(limits: RingLimits) -> Rings {
    Rings {
        most: limits.queues,
        fewest_slots: limits.min,
        most_slots: limits.max,
        slots_multiple_of: limits.multiple,
        alignment: limits.align,
        address_bits: limits.address_bits,
        reset_alone: limits.restart == Restart::Queue,
    }
}
