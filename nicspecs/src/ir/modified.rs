//! Registers that a driver changes in place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Action, Doorbell, Nic, Register, visit};

impl Nic {
    /// Registers that sequences modify, and that neither a sequence nor a kick writes as a whole, by name, each with the bits that sequences change:
    /// all others stay what they are, whatever wrote them.
    pub fn modified(&self) -> Vec<(Arc<Register>, u64)> {
        let mut modified = BTreeMap::new();
        let doorbells = [&self.tx().doorbell, &self.rx().doorbell].into_iter();
        let doorbells = doorbells.filter_map(Doorbell::register);
        let mut written: BTreeSet<_> = doorbells.map(|register| &register.name).collect();
        let sequences = self.sequences().iter();
        for step in sequences.flat_map(|sequence| visit::all(&sequence.steps)) {
            match &step.action {
                Action::Write { place, .. } => {
                    written.insert(&place.register.name);
                }
                Action::WriteEach { register, .. } => {
                    written.insert(&register.name);
                }
                Action::Modify { place, fields } => {
                    let new = || (Arc::clone(&place.register), 0);
                    let (_, bits) = modified.entry(&place.register.name).or_insert_with(new);
                    *bits |= fields.iter().fold(0, |all, each| all | each.field.mask());
                }
                _ => {}
            }
        }
        modified.retain(|name, _| !written.contains(name));
        modified.into_values().collect()
    }
}
