//! The shapes of NICs, and what a datasheet says of each.

use super::facts;
use crate::new_nic::shape::{Completion, Flags, Handover, Interrupts, Phy, RingEnd, Statistics};

/// Whole values for every gap of a shape: what somebody writes who holds the datasheet of such a NIC.
pub(super) struct Datasheet<'f> {
    pub(super) flags: &'f Flags,
}

impl Datasheet<'_> {
    fn is_tail(&self) -> bool {
        self.flags.handover == Some(Handover::Tail)
    }

    fn has_mark(&self) -> bool {
        self.flags.ring_end == Some(RingEnd::Mark)
    }

    /// Descriptor fields with the lowest bit of each above the address and the length, and the bits that are left.
    fn fields(&self, of_tx: bool) -> (String, String) {
        let (length, last) = match of_tx {
            true => ("host", "host"),
            false => ("nic", "nic"),
        };
        let mut bits = vec![("LAST", 80, last)];
        match self.is_tail() {
            true => bits.push(("DONE", 96, "nic")),
            false => bits.push(("OWN", 96, "both")),
        }
        if of_tx && self.is_tail() {
            bits.push(("REPORT", 81, "host"));
        }
        if !of_tx {
            bits.push(("ERROR", 97, "nic"));
        }
        if self.has_mark() {
            bits.push(("END", 98, "host"));
        }
        let fields = bits
            .iter()
            .map(|(name, bit, by)| format!(", {name}: {{ bits: {bit}, by: {by} }}"));
        let fields: String = fields.collect();
        let fields = format!(
            "{{ ADDRESS: {{ bits: \"63:0\", by: host }}, LENGTH: {{ bits: \"79:64\", by: {length} }}{fields} }}"
        );
        let mut left = Vec::new();
        let mut start = 80;
        let mut used: Vec<u32> = bits.iter().map(|(_, bit, _)| *bit).collect();
        used.sort_unstable();
        for bit in used.into_iter().chain([128]) {
            if start < bit {
                left.push(format!("\"{}:{start}\"", bit - 1));
            }
            start = bit + 1;
        }
        (fields, format!("[{}]", left.join(", ")))
    }

    fn queues(&self, direction: &str) -> u32 {
        let queues = match direction {
            "T" => self.flags.tx_queues,
            "R" => self.flags.rx_queues,
            _ => self.flags.tx_queues.max(self.flags.rx_queues),
        };
        queues.unwrap_or(1)
    }

    /// An element of a register of a queue.
    fn element(&self, direction: &str, name: &str) -> String {
        match self.queues(direction) {
            1 => format!("{direction}{name}"),
            _ => format!("\"{direction}{name}[queue]\""),
        }
    }

    /// Writes the registers of a ring and enables its direction.
    fn enable(&self, direction: &str) -> String {
        let write = |name: &str, value: &str| {
            format!("write: {{ {}: {value} }}, ", self.element(direction, name))
        };
        let mut steps = write("DBAL", "ring.base.low") + &write("DBAH", "ring.base.high");
        if !self.has_mark() {
            steps += &write("DLEN", "ring.bytes");
        }
        let of_tx = direction == "T";
        match self.flags.completion {
            Some(Completion::HeadRegister) if of_tx => steps += &write("DH", "0"),
            Some(Completion::HeadWriteback) if of_tx => {
                let low = write(
                    "DWBAL",
                    "{ ADDRESS: \"headwb.address.low >> 2\", ENABLE: 1 }",
                );
                let high = write("DWBAH", "headwb.address.high");
                let high = high.trim_end_matches(", ");
                steps +=
                    &format!("{{ if: \"completion == head_writeback\", then: [{low}{high}] }}, ");
            }
            _ => {}
        }
        if self.is_tail() {
            steps += &write("DT", "0");
        }
        format!("[{steps}set: CTRL.{direction}X]")
    }

    /// What is written for the gap at a path.
    pub(super) fn fact(&self, path: &str) -> String {
        let parts: Vec<&str> = path.split('.').collect();
        match parts.as_slice() {
            [.., "section"] => return "\"1.1\"".to_owned(),
            ["registers", name, "offset"] if RING.contains(name) => {
                let place = RING.iter().position(|known| known == name).unwrap();
                return format!("{:#x}", 0x400 + 0x40 * place);
            }
            ["registers", "TKICK", "stride"] => return "1".to_owned(),
            ["registers", "TKICK", "access"] => return "wo".to_owned(),
            ["registers", name, "stride"] if RING.contains(name) => return "4".to_owned(),
            ["registers", name, "access"] if RING.contains(name) => return "rw".to_owned(),
            ["descriptors", format, "fields"] => return self.fields(*format == "tx").0,
            ["descriptors", format, "reserved"] => return self.fields(*format == "tx").1,
            ["sequences", "tx", "enable", "steps"] => return self.enable("T"),
            ["sequences", "rx", "enable", "steps"] => return self.enable("R"),
            [_, "restart"] => return "device".to_owned(),
            ["tx", "encode", "set"] => {
                return "{ ADDRESS: slot.address, LENGTH: slot.length }".to_owned();
            }
            ["interrupts", "messages", "rx"] => return self.element("", "VECTORS"),
            ["interrupts", "messages", "tx"] => {
                return format!("\"{} >> 8\"", self.element("", "VECTORS").trim_matches('"'));
            }
            ["sequences", "messages", "on", "steps"] => {
                let vectors = match self.queues("") {
                    1 => "write: { VECTORS: 0x8181 }".to_owned(),
                    _ => "write_each: { VECTORS: 0x8181 }".to_owned(),
                };
                return format!(
                    "[{vectors}, write: {{ VECTORS_MISC: 0x80 }}, write: {{ AUTO_CLEAR: 7 }}]"
                );
            }
            ["registers", "PHYCTL" | "PHYSTS" | "PHYADV", "access"] => return "rw".to_owned(),
            ["registers", "PHYCTL", "offset"] => return "0xd00".to_owned(),
            ["registers", "PHYSTS", "offset"] => return "0xd02".to_owned(),
            ["registers", "PHYADV", "offset"] => return "0xd08".to_owned(),
            ["sequences", "link", "start", "steps"] if self.flags.phy == Some(Phy::Mapped) => {
                return "[let: { control: PHYCTL }, { if: \"control == 0\", then: [fail: there is no PHY] }]".to_owned();
            }
            ["sequences", "link", "start", "steps"] if self.flags.phy == Some(Phy::Command) => {
                return "[{ run: phy.read, with: { register: 1 }, let: state }, { if: \"state == 0\", then: [fail: there is no PHY] }]".to_owned();
            }
            _ => {}
        }
        let of_shape = OF_SHAPES.iter().find(|(key, _)| *key == path);
        let toy = facts(include_str!("../toy_facts.txt"));
        let fact = of_shape
            .copied()
            .or_else(|| toy.into_iter().find(|(key, _)| *key == path));
        fact.unwrap_or_else(|| panic!("no fact for {path}"))
            .1
            .to_owned()
    }
}

/// The registers of queues and of vectors, in the order of their offsets.
const RING: [&str; 16] = [
    "TDBAL",
    "TDBAH",
    "TDLEN",
    "TDH",
    "TDT",
    "TDWBAL",
    "TDWBAH",
    "TKICK",
    "RDBAL",
    "RDBAH",
    "RDLEN",
    "RDT",
    "VECTORS",
    "VECTORS_MISC",
    "AUTO_CLEAR",
    "PHYCMD",
];

/// Facts that only some shapes need.
const OF_SHAPES: &[(&str, &str)] = &[
    ("registers.TKICK.fields", "{ GO: { bits: 0 } }"),
    (
        "registers.TDWBAL.fields",
        "{ ENABLE: { bits: 0 }, ADDRESS: { bits: \"31:2\" } }",
    ),
    (
        "registers.PHYCMD.fields",
        "{ DATA: { bits: \"15:0\" }, REG: { bits: \"20:16\" }, OP: { bits: \"27:26\", values: { read: 2 } }, DONE: { bits: 28 } }",
    ),
    ("registers.RXGOOD.offset", "0xc00"),
    ("registers.RXGOOD.access", "rc"),
    ("registers.DUMPL.offset", "0xc04"),
    ("registers.DUMPL.access", "rw"),
    (
        "registers.DUMPL.fields",
        "{ START: { bits: 0 }, ADDRESS: { bits: \"31:6\" } }",
    ),
    ("registers.DUMPH.offset", "0xc08"),
    ("registers.DUMPH.access", "rw"),
    ("tx.doorbell.set", "[GO]"),
    ("tx.completion.1.enable", "ENABLE"),
    ("tx.encode.end_of_ring", "[END]"),
    ("rx.arm.end_of_ring", "[END]"),
    ("interrupts.messages.count", "5"),
    ("interrupts.messages.other", "VECTORS_MISC"),
    ("interrupts.messages.valid", "7"),
    ("statistics.rx_frames.block", "0"),
    ("statistics.rx_frames.bytes", "8"),
    ("sequences.messages.queue.steps", "[]"),
    ("sequences.messages.other.steps", "[]"),
    (
        "sequences.statistics.dump.steps",
        "[write: { DUMPH: stats.address.high }, write: { DUMPL: { ADDRESS: \"stats.address.low >> 6\", START: 1 } }, poll: { until: \"not DUMPL.START\", every: 10us, within: 1ms }]",
    ),
    (
        "sequences.phy.read.steps",
        "[write: { PHYCMD: { REG: register, OP: read } }, poll: { until: \"PHYCMD.DONE\", every: 10us, within: 1ms }, return: \"PHYCMD.DATA\"]",
    ),
    ("model.stats_block.start", "START"),
    ("model.phy.register", "REG"),
    ("model.phy.data", "DATA"),
    ("model.phy.op", "OP"),
    ("model.phy.ready", "DONE"),
];

/// Every combination of the answers, with one and with several queues.
pub(super) fn shapes() -> Vec<Flags> {
    let mut shapes = vec![Flags::default()];
    macro_rules! each {
        ($key:ident, $values:expr) => {
            shapes = shapes
                .iter()
                .flat_map(|shape| {
                    let values = $values.into_iter();
                    values.map(|value| Flags {
                        $key: Some(value),
                        ..shape.clone()
                    })
                })
                .collect();
        };
    }
    each!(handover, [Handover::Tail, Handover::Kick, Handover::Owner]);
    each!(ring_end, [RingEnd::Length, RingEnd::Mark]);
    each!(rx_queues, [1, 4]);
    // One and several in each direction.
    let tx = |shape: Flags| Flags {
        tx_queues: shape.rx_queues.map(|queues| queues / 2 + queues % 2),
        ..shape
    };
    shapes = shapes.into_iter().map(tx).collect();
    each!(phy, [Phy::None, Phy::Command]);
    each!(
        statistics,
        [Statistics::None, Statistics::Registers, Statistics::Block]
    );
    each!(
        interrupts,
        [Interrupts::Intx, Interrupts::Msi, Interrupts::Msix]
    );
    // Registers of the PHY depend on nothing else.
    let is_plain = |shape: &&Flags| is_simplest(shape) && shape.phy == Some(Phy::None);
    let mapped = shapes.iter().filter(is_plain).map(|shape| Flags {
        phy: Some(Phy::Mapped),
        ..shape.clone()
    });
    let mapped: Vec<Flags> = mapped.collect();
    shapes.extend(mapped);
    let tails = shapes.clone().into_iter();
    let tails = tails.filter(|shape| shape.handover == Some(Handover::Tail));
    let schemes = [
        Completion::DoneBit,
        Completion::HeadRegister,
        Completion::HeadWriteback,
    ];
    let of_tails = tails.flat_map(|shape| {
        schemes.map(|scheme| Flags {
            completion: Some(scheme),
            ..shape.clone()
        })
    });
    let others = shapes
        .iter()
        .filter(|shape| shape.handover != Some(Handover::Tail));
    others.cloned().chain(of_tails).collect()
}

/// Whether a shape has no counters, and a single interrupt.
pub(super) fn is_simplest(shape: &Flags) -> bool {
    shape.statistics == Some(Statistics::None) && shape.interrupts == Some(Interrupts::Intx)
}
