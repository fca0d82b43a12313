//! The writes of sequences, in order, with the writes of the sequences that they run.

use std::sync::Arc;

use crate::diagnostic::NodeId;
use crate::draft::{Sequence, named};
use crate::ir::{
    Action, Assign, Choice, Cond, Field, Num, Register, Signature, Step, Value, Written,
};

/// A write to a register.
#[derive(Clone, Copy)]
pub(crate) struct Write<'d> {
    /// The step that writes.
    pub(crate) node: NodeId,
    pub(crate) register: &'d Arc<Register>,
    what: What<'d>,
}

#[derive(Clone, Copy)]
enum What<'d> {
    Number(&'d Num),
    Fields(&'d [Assign]),
    Modified(&'d [Assign]),
}

/// The effect of a write on a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Effect<'d> {
    /// The field has this value afterwards.
    Is(u64),
    /// The field follows this switch.
    Follows(&'d Arc<Choice>),
    /// The field has a value that is not known here.
    Unknown,
}

impl Effect<'_> {
    /// Whether the field may be something else than zero.
    pub(crate) fn may_set(self) -> bool {
        self != Self::Is(0)
    }
}

impl<'d> Write<'d> {
    /// Its effect on a field of its register; `None` if it does not change the field.
    pub(crate) fn effect(&self, field: &Field) -> Option<Effect<'d>> {
        let (fields, rest) = match self.what {
            What::Number(num) => {
                return Some(match num.constant() {
                    Some(value) => Effect::Is((u64::from(value) & field.mask()) >> field.low),
                    None => Effect::Unknown,
                });
            }
            What::Fields(fields) => (fields, Some(Effect::Is(0))),
            What::Modified(fields) => (fields, None),
        };
        match fields.iter().find(|assign| assign.field.name == field.name) {
            Some(assign) => Some(match &assign.value {
                Value::Cond(Cond::Literal(value)) => Effect::Is(u64::from(*value)),
                Value::Cond(Cond::Choice(choice)) => Effect::Follows(choice),
                Value::Cond(_) => Effect::Unknown,
                Value::Num(num) => num
                    .constant()
                    .map_or(Effect::Unknown, |value| Effect::Is(value.into())),
            }),
            None => rest,
        }
    }
}

/// The writes of a step itself.
pub(crate) fn write(step: &Step) -> Option<Write<'_>> {
    let (register, what) = match &step.action {
        Action::Write {
            place,
            value: Written::Number(num),
        } => (&place.register, What::Number(num)),
        Action::Write {
            place,
            value: Written::Fields(fields),
        } => (&place.register, What::Fields(fields)),
        Action::Modify { place, fields } => (&place.register, What::Modified(fields)),
        Action::WriteEach { register, value } => (register, What::Number(value)),
        _ => return None,
    };
    Some(Write {
        node: step.node,
        register,
        what,
    })
}

/// Every write of some steps, both branches of an `if` after each other.
pub(crate) fn writes<'d>(sequences: &'d [Sequence], steps: &'d [Step]) -> Vec<Write<'d>> {
    let mut flow = Flow {
        sequences,
        inside: Vec::new(),
        writes: Vec::new(),
    };
    flow.steps(steps);
    flow.writes
}

/// Every step that runs a sequence, at any depth, and what it runs.
pub(crate) fn runs(steps: &[Step]) -> Vec<(NodeId, &Arc<Signature>)> {
    let mut found = Vec::new();
    let mut open = vec![steps];
    while let Some(steps) = open.pop() {
        for step in steps {
            if let Action::Run { callee, .. } = &step.action {
                found.push((step.node, callee));
            }
            open.extend(step.action.bodies());
        }
    }
    found
}

/// More writes than any driver makes: a limit for specs that double their work at every level.
const MOST: usize = 20_000;

struct Flow<'d> {
    sequences: &'d [Sequence],
    /// Names of the sequences that are being run, to stop recursion.
    inside: Vec<&'d str>,
    writes: Vec<Write<'d>>,
}

impl<'d> Flow<'d> {
    fn steps(&mut self, steps: &'d [Step]) {
        for step in steps {
            self.step(step);
        }
    }

    fn step(&mut self, step: &'d Step) {
        if self.writes.len() > MOST {
            return;
        }
        self.writes.extend(write(step));
        if let Action::Run { callee, .. } = &step.action {
            let name = callee.name.as_str();
            if let Some(callee) = named(self.sequences, name)
                && !self.inside.contains(&name)
            {
                self.inside.push(name);
                self.steps(&callee.body.steps);
                self.inside.pop();
            }
        }
        for body in step.action.bodies() {
            self.steps(body);
        }
    }
}
