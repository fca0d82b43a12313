//! Where the parts of a draft stand in its spec, and what the rings of both directions have in common.

use std::sync::Arc;

use crate::diagnostic::{NodeId, Span};
use crate::draft::{Draft, Sited};
use crate::flow::{self, Write};
use crate::ir::{
    Completion, DescriptorField, Doorbell, Pattern, Register, Restart, RingLimits, RingRegisters,
    Scheme, Source, Step, TxCompletion, visit,
};

/// Fields of descriptors, each with the item of a list that names it.
pub(super) type Marks<'d> = Vec<(&'d DescriptorField, NodeId)>;

fn bit((each, node): (&TxCompletion, NodeId)) -> Option<(&Completion, NodeId)> {
    match each {
        TxCompletion::Bit(completion) => Some((completion, node)),
        TxCompletion::HeadRegister | TxCompletion::HeadWriteback { .. } => None,
    }
}

/// What both directions have.
pub(super) struct Ring<'d> {
    /// `tx` or `rx`.
    pub(super) key: &'static str,
    pub(super) queues: u32,
    pub(super) restart: Restart,
    pub(super) limits: &'d RingLimits,
    pub(super) registers: &'d RingRegisters,
    pub(super) doorbell: &'d Doorbell,
    /// The descriptor bits that report a completion, each with its map.
    pub(super) bits: Vec<(&'d Completion, NodeId)>,
    /// What the driver writes to every descriptor.
    pub(super) pattern: &'d Pattern,
    /// Its map: `encode` or `arm`.
    pub(super) written: NodeId,
    /// The fields that the driver sets on some descriptors.
    pub(super) marks: Marks<'d>,
    /// Whether one of them ends the ring.
    pub(super) has_end: bool,
}

impl Ring<'_> {
    /// Whether an owner bit reports completions.
    pub(super) fn by_owner(&self) -> bool {
        let mut bits = self.bits.iter();
        bits.any(|(completion, _)| completion.scheme == Scheme::OwnerBit)
    }
}

impl Draft<'_> {
    /// The span of the node at a path of keys.
    pub(super) fn span(&self, path: &[&str]) -> Span {
        self.tree.span(self.node(path))
    }

    /// The items of the list at a path of keys.
    pub(super) fn items(&self, path: &[&str]) -> &[NodeId] {
        self.tree.list(self.node(path)).unwrap_or_default()
    }

    /// The map of a piece of a register: the register itself if it has no list of pieces.
    pub(super) fn piece(&self, register: &Sited<Arc<Register>>, index: usize) -> NodeId {
        let list = self.tree.items(register.node, "pieces");
        list.get(index).copied().unwrap_or(register.node)
    }

    /// The span of the bits of a field.
    pub(super) fn bits(&self, owner: NodeId, field: &str) -> Span {
        let fields = self.tree.at(owner, "fields");
        self.tree.span_at(self.tree.at(fields, field), "bits")
    }

    /// Every step of every sequence.
    pub(super) fn steps(&self) -> impl Iterator<Item = &Step> {
        let sequences = self.sequences.iter();
        sequences.flat_map(|sequence| visit::all(&sequence.body.steps))
    }

    /// Every write of every sequence.
    pub(super) fn writes(&self) -> impl Iterator<Item = Write<'_>> {
        let sequences = self.sequences.iter();
        sequences.flat_map(|sequence| flow::writes(&self.sequences, &sequence.body.steps))
    }

    /// Whether a step of a sequence writes that register.
    pub(super) fn is_written(&self, register: &Register) -> bool {
        self.writes()
            .any(|write| write.register.name == register.name)
    }

    /// Some sequences and all that they run, directly or through others.
    pub(super) fn reached<'d>(&'d self, mut open: Vec<&'d str>) -> Vec<&'d str> {
        let mut reached = Vec::new();
        while let Some(name) = open.pop() {
            if reached.contains(&name) {
                continue;
            }
            reached.push(name);
            if let Some(sequence) = self.sequence(name) {
                let runs = flow::runs(&sequence.body.steps).into_iter();
                open.extend(runs.map(|(_, callee)| callee.name.as_str()));
            }
        }
        reached
    }

    /// Whether a counter is in a block that the NIC writes to memory.
    pub(super) fn has_block(&self) -> bool {
        let mut counters = self.statistics.iter();
        counters.any(|counter| matches!(counter.source, Source::Block { .. }))
    }

    /// The ways in which a transmit ring reports completions, each with its map.
    pub(super) fn completions(&self) -> impl Iterator<Item = (&TxCompletion, NodeId)> {
        let tx = self.tx.iter().flat_map(|tx| &tx.completions);
        tx.zip(self.items(&["tx", "completion"]).iter().copied())
    }

    /// The rings that could be read.
    pub(super) fn rings(&self) -> impl Iterator<Item = Ring<'_>> {
        let tx = self.tx.as_ref().map(|tx| {
            let written = self.node(&["tx", "encode"]);
            let marks = [
                ("first", &tx.first),
                ("last", &tx.last),
                ("end_of_ring", &tx.end_of_ring),
                ("report", &tx.report),
            ];
            Ring {
                key: "tx",
                queues: tx.queues,
                restart: tx.restart,
                limits: &tx.ring,
                registers: &tx.registers,
                doorbell: &tx.doorbell,
                bits: self.completions().filter_map(bit).collect(),
                pattern: &tx.encode,
                written,
                marks: self.marks(written, &marks),
                has_end: !tx.end_of_ring.is_empty(),
            }
        });
        let rx = self.rx.as_ref().map(|rx| {
            let written = self.node(&["rx", "arm"]);
            Ring {
                key: "rx",
                queues: rx.queues,
                restart: rx.restart,
                limits: &rx.ring,
                registers: &rx.registers,
                doorbell: &rx.doorbell,
                bits: vec![(&rx.completion, self.node(&["rx", "completion"]))],
                pattern: &rx.arm,
                written,
                marks: self.marks(written, &[("end_of_ring", &rx.end_of_ring)]),
                has_end: !rx.end_of_ring.is_empty(),
            }
        });
        tx.into_iter().chain(rx)
    }

    /// The fields that mark the ends of a received frame and its errors.
    pub(super) fn received(&self) -> Marks<'_> {
        let Some(rx) = &self.rx else {
            return Vec::new();
        };
        let ends = [("first", &rx.first), ("last", &rx.last)];
        let good = [("set", &rx.good.set), ("clear", &rx.good.clear)];
        let ends = self.marks(self.node(&["rx"]), &ends);
        [ends, self.marks(self.node(&["rx", "good"]), &good)].concat()
    }

    /// The fields of some lists of a map.
    fn marks<'d>(
        &'d self,
        map: NodeId,
        lists: &[(&str, &'d Vec<Arc<DescriptorField>>)],
    ) -> Marks<'d> {
        let marks = lists.iter().flat_map(|(key, fields)| {
            let items = self.tree.items(map, key).iter().copied();
            fields.iter().map(|field| &**field).zip(items)
        });
        marks.collect()
    }
}
