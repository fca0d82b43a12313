//! The value of a bit after a port has come up: zero, one, or that of a switch.

use std::sync::Arc;

use crate::diagnostic::NodeId;
use crate::draft::{Sequence, named};
use crate::flow::{self, Effect};
use crate::ir::{Action, Choice, Cond, Crc, FieldPlace, Step, Stripped};
use crate::lifecycle;

/// The value of a bit, or what determines it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Decider {
    Zero,
    One,
    /// It is one while this switch is on.
    Choice(Arc<Choice>),
    /// Something else, at this step.
    Other(NodeId),
}

impl Decider {
    /// Its value while `choice` is `on`; `None` if something else determines it.
    fn with(&self, choice: &Choice, on: bool) -> Option<bool> {
        match self {
            Self::Zero => Some(false),
            Self::One => Some(true),
            Self::Choice(own) => (own.name == choice.name).then_some(on),
            Self::Other(_) => None,
        }
    }
}

/// What determines a field of one bit, from a reset to the stop.
pub(crate) fn of(place: &FieldPlace, sequences: &[Sequence]) -> Decider {
    let after_reset = place.place.register.reset & place.field.mask() != 0;
    let mut walk = Walk {
        place,
        sequences,
        inside: Vec::new(),
        left: MOST,
        decider: if after_reset {
            Decider::One
        } else {
            Decider::Zero
        },
    };
    // After the first sequence, the device has its power-on values.
    let ports = lifecycle::PORT.iter().skip(1);
    for port in ports.take_while(|port| port.name != "interrupts.off") {
        walk.run(port.name);
    }
    walk.decider
}

/// When the sequences make the NIC strip the CRC; `None` if the bits disagree.
pub(crate) fn stripped(crc: &Crc, sequences: &[Sequence]) -> Option<Stripped> {
    let mut deciders = crc.stripped_when.iter().map(|place| of(place, sequences));
    let Some(first) = deciders.next() else {
        return Some(Stripped::Never);
    };
    if deciders.any(|decider| decider != first) {
        return None;
    }
    match first {
        Decider::Zero => Some(Stripped::Never),
        Decider::One => Some(Stripped::Always),
        Decider::Choice(choice) => Some(Stripped::Choice(choice)),
        Decider::Other(_) => None,
    }
}

/// More steps than any driver takes: a limit for specs that double their work at every level.
const MOST: u32 = 100_000;

struct Walk<'d> {
    place: &'d FieldPlace,
    sequences: &'d [Sequence],
    /// Names of the sequences that are being run, to stop recursion.
    inside: Vec<&'d str>,
    /// Steps left before the limit.
    left: u32,
    decider: Decider,
}

impl<'d> Walk<'d> {
    fn run(&mut self, name: &str) {
        let Some(sequence) = named(self.sequences, name) else {
            return;
        };
        if !self.inside.contains(&name) {
            self.inside.push(&sequence.body.signature.name);
            self.steps(&sequence.body.steps);
            self.inside.pop();
        }
    }

    fn steps(&mut self, steps: &'d [Step]) {
        for step in steps {
            if self.left == 0 {
                self.decider = Decider::Other(step.node);
                return;
            }
            self.left -= 1;
            self.step(step);
        }
    }

    fn step(&mut self, step: &'d Step) {
        match &step.action {
            Action::Run { callee, .. } => self.run(&callee.name),
            Action::If {
                cond,
                then,
                otherwise,
            } => {
                let before = self.decider.clone();
                self.steps(then);
                let holds = std::mem::replace(&mut self.decider, before);
                self.steps(otherwise);
                self.decider = joined(step.node, cond, holds, &self.decider);
            }
            action => {
                self.write(step);
                action.bodies().for_each(|body| self.steps(body));
            }
        }
    }

    fn write(&mut self, step: &'d Step) {
        let Some(write) = flow::write(step) else {
            return;
        };
        if write.register.name != self.place.place.register.name {
            return;
        }
        self.decider = match write.effect(&self.place.field) {
            None => return,
            Some(Effect::Follows(switch)) => Decider::Choice(Arc::clone(switch)),
            Some(Effect::Is(0)) => Decider::Zero,
            Some(Effect::Is(_)) => Decider::One,
            Some(Effect::Unknown) => Decider::Other(step.node),
        };
    }
}

/// What determines the bit after both branches of an `if`.
fn joined(node: NodeId, cond: &Cond, holds: Decider, fails: &Decider) -> Decider {
    if holds == *fails {
        return holds;
    }
    let (choice, on, off) = match cond {
        Cond::Choice(choice) => (choice, &holds, fails),
        Cond::Not(inner) => match inner.as_ref() {
            Cond::Choice(choice) => (choice, fails, &holds),
            _ => return Decider::Other(node),
        },
        _ => return Decider::Other(node),
    };
    match (on.with(choice, true), off.with(choice, false)) {
        (Some(true), Some(false)) => Decider::Choice(Arc::clone(choice)),
        (Some(true), Some(true)) => Decider::One,
        (Some(false), Some(false)) => Decider::Zero,
        _ => Decider::Other(node),
    }
}
