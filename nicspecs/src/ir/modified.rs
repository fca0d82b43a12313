//! Registers that a driver changes in place.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::visit::{self, Visitor};
use super::{Action, Nic, Register, Step};

impl Nic {
    /// Registers that sequences modify and never write as a whole, by name, each with the bits that sequences change:
    /// all others stay what they are, whatever wrote them.
    pub fn modified(&self) -> Vec<(Arc<Register>, u64)> {
        let mut changes = Changes::default();
        for sequence in self.sequences() {
            changes.steps(&sequence.steps);
        }
        let mut found = changes.found.into_values().collect::<Vec<_>>();
        found.retain(|change| !change.whole);
        found
            .into_iter()
            .map(|change| (change.register, change.bits))
            .collect()
    }
}

#[derive(Default)]
struct Changes {
    found: BTreeMap<String, Change>,
}

struct Change {
    register: Arc<Register>,
    bits: u64,
    whole: bool,
}

impl Changes {
    fn of(&mut self, register: &Arc<Register>) -> &mut Change {
        let name = register.name.clone();
        self.found.entry(name).or_insert_with(|| Change {
            register: Arc::clone(register),
            bits: 0,
            whole: false,
        })
    }
}

impl Visitor for Changes {
    fn step(&mut self, step: &Step) {
        match &step.action {
            Action::Write { place, .. } => self.of(&place.register).whole = true,
            Action::WriteEach { register, .. } => self.of(register).whole = true,
            Action::Modify { place, fields } => {
                let bits = fields.iter().map(|assign| assign.field.mask());
                let bits = bits.fold(0, |all, mask| all | mask);
                self.of(&place.register).bits |= bits;
            }
            _ => {}
        }
        visit::step(self, step);
    }
}
