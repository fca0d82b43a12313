//! Names that are available to an expression.

use std::sync::Arc;

use super::cx::{Limits, RingSize};
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

    /// Outside sequences, to identify a device.
    pub(super) fn device() -> Self {
        let facts = Self::facts();
        Self {
            given: facts.given.with(Need::Pci),
            ..facts
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
        let both = [limits.tx, limits.rx];
        let sizes = match name.split_once('.') {
            Some(("tx", _)) => &both[..1],
            Some(("rx", _)) => &both[1..],
            _ => &both,
        };
        let queues = sizes.iter().map(|size| size.queues).max().unwrap_or(0);
        let range = |unit: fn(&RingSize) -> u32| {
            let min = sizes
                .iter()
                .map(|size| size.min_slots.saturating_mul(unit(size)));
            let max = sizes
                .iter()
                .map(|size| size.max_slots.saturating_mul(unit(size)));
            Range {
                min: min.min().unwrap_or(0),
                max: max.max().unwrap_or(0),
            }
        };
        Self {
            place: format!("in `{name}`"),
            locals: Vec::new(),
            given: crate::lifecycle::port(name).map_or(Needs::ALL, |port| port.given),
            queue: Range::up_to(queues.saturating_sub(1)),
            ring: RingRanges {
                slots: range(|_| 1),
                bytes: range(|size| size.descriptor),
            },
        }
    }

    pub(super) fn local(&self, name: &str) -> Option<&LocalKind> {
        let mut locals = self.locals.iter().rev();
        locals
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
