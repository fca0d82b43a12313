//! Names that are available to an expression.

use std::sync::Arc;

use super::cx::Limits;
use crate::ir::{self, Need, Needs, Range};

/// What an expression may use.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// Its place, for messages: "`tx.enable`".
    pub(super) place: String,
    pub(super) locals: Vec<Local>,
    pub(super) given: Needs,
    pub(super) queue: Range,
    pub(super) ring: RingRanges,
}

/// A name bound in a sequence.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub(super) name: String,
    pub(super) kind: LocalKind,
}

#[derive(Clone, Debug)]
pub(super) enum LocalKind {
    Num(Range),
    Cond,
    Register(Arc<ir::Register>),
    /// Binding it failed, which has been reported.
    Broken,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct RingRanges {
    pub(super) slots: Range,
    pub(super) bytes: Range,
}

const NOTHING: RingRanges = RingRanges {
    slots: Range { min: 0, max: 0 },
    bytes: Range { min: 0, max: 0 },
};

impl Scope {
    /// Outside sequences: registers, constants and options only.
    pub(super) fn facts() -> Self {
        Self {
            place: "here".to_owned(),
            locals: Vec::new(),
            given: Needs::of(&[Need::Options, Need::Variant]),
            queue: Range::exactly(0),
            ring: NOTHING,
        }
    }

    /// Outside sequences, where an index may be `queue`.
    pub(super) fn of_queue(queues: u32) -> Self {
        let facts = Self::facts();
        Self {
            given: facts.given.with(Need::Queue),
            queue: Range::up_to(queues.saturating_sub(1)),
            ..facts
        }
    }

    /// In a sequence. A sub-sequence may use whatever its callers are given, which a rule checks later.
    pub(super) fn sequence(name: &str, limits: &Limits) -> Self {
        let (tx, rx) = (&limits.tx, &limits.rx);
        let bytes = |slots: u32, descriptor: u32| slots.saturating_mul(descriptor);
        let (queues, min, max, min_bytes, max_bytes) = if name.starts_with("tx.") {
            (
                tx.queues,
                tx.min_slots,
                tx.max_slots,
                bytes(tx.min_slots, tx.descriptor),
                bytes(tx.max_slots, tx.descriptor),
            )
        } else if name.starts_with("rx.") {
            (
                rx.queues,
                rx.min_slots,
                rx.max_slots,
                bytes(rx.min_slots, rx.descriptor),
                bytes(rx.max_slots, rx.descriptor),
            )
        } else {
            (
                tx.queues.max(rx.queues),
                tx.min_slots.min(rx.min_slots),
                tx.max_slots.max(rx.max_slots),
                bytes(tx.min_slots, tx.descriptor).min(bytes(rx.min_slots, rx.descriptor)),
                bytes(tx.max_slots, tx.descriptor).max(bytes(rx.max_slots, rx.descriptor)),
            )
        };
        Self {
            place: format!("in `{name}`"),
            locals: Vec::new(),
            given: crate::lifecycle::port(name).map_or(Needs::ALL, |port| port.given),
            queue: Range::up_to(queues.saturating_sub(1)),
            ring: RingRanges {
                slots: Range { min, max },
                bytes: Range {
                    min: min_bytes,
                    max: max_bytes,
                },
            },
        }
    }

    pub(super) fn local(&self, name: &str) -> Option<&LocalKind> {
        self.locals
            .iter()
            .rev()
            .find(|local| local.name == name)
            .map(|local| &local.kind)
    }

    pub(super) fn bind(&mut self, name: &str, kind: LocalKind) {
        self.locals.push(Local {
            name: name.to_owned(),
            kind,
        });
    }
}
