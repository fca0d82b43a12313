//! Fields that show their new value late: a driver has to poll them.

use netmap_core::NicLimits;
use netmap_core::model::{After, LateModel, Model};

use crate::error::ModelError;
use crate::follows::View;
use crate::registers::{Field, Place, RegisterFile, RegisterId};
use crate::violations::{Violation, Violations};

/// Reads of a field until it shows its new value.
const READS: u32 = 3;

/// All late fields.
#[derive(Debug)]
pub(crate) struct Late {
    fields: Vec<LateField>,
}

#[derive(Debug)]
struct LateField {
    model: &'static LateModel,
    field: Field,
    before: Vec<RegisterId>,
    /// Whether the device computes it from other fields.
    is_computed: bool,
    /// Remaining reads, by element.
    left: Vec<u32>,
}

impl Late {
    pub(crate) fn new(
        model: &'static Model,
        limits: &NicLimits,
        file: &RegisterFile,
    ) -> Result<Late, ModelError> {
        let queues = limits.queues();
        let here = model.late.iter();
        let here = here.filter(|late| !file.is_elsewhere(late.field.register));
        let fields = here.map(|late| {
            let field = file.field(&late.field, queues, "late")?;
            let elements = file.count(field.register) as usize;
            Ok(LateField {
                model: late,
                field,
                before: file.registers(late.before, "late.before")?,
                is_computed: model.follows.iter().any(|rule| {
                    rule.field.register == late.field.register
                        && rule.field.field == late.field.field
                }),
                left: vec![0; elements],
            })
        });
        Ok(Late {
            fields: fields.collect::<Result<_, _>>()?,
        })
    }

    /// After a write that changed an element from `old` to `new`: a field that was set, or cleared, becomes late.
    pub(crate) fn written(&mut self, place: Place, old: u64, new: u64) {
        for late in &mut self.fields {
            if late.field.place(place.element) != place {
                continue;
            }
            let bits = late.field.bits;
            let (old, new) = (bits.get(old) != 0, bits.get(new) != 0);
            let wanted = match late.model.after {
                After::Write => true,
                After::Clear => false,
                After::Reset => continue,
            };
            if new != wanted {
                late.wait(place, 0);
            } else if old != new {
                late.wait(place, READS);
            }
        }
    }

    /// The current values of computed fields, for comparison after a write to their inputs.
    pub(crate) fn computed(&self, view: &View<'_>) -> Vec<u64> {
        let computed = self.fields.iter().filter(|late| late.is_computed);
        let values = computed.map(|late| late.field.bits.get(view.value(late.field.place(0))));
        values.collect()
    }

    /// After a write, with the computed fields' values `before` it: changed fields become late.
    pub(crate) fn recomputed(&mut self, before: &[u64], view: &View<'_>) {
        let computed = self.fields.iter_mut().filter(|late| late.is_computed);
        for (late, &before) in computed.zip(before) {
            let place = late.field.place(0);
            if late.model.after == After::Write && late.field.bits.get(view.value(place)) != before
            {
                late.wait(place, READS);
            }
        }
    }

    /// After a reset by the driver.
    pub(crate) fn reset(&mut self) {
        for late in &mut self.fields {
            late.left.fill(0);
            if late.model.after == After::Reset {
                late.wait(late.field.place(0), READS);
            }
        }
    }

    /// What a read returns for an element whose value is `seen`.
    pub(crate) fn read(&mut self, place: Place, seen: u64) -> u64 {
        let mut seen = seen;
        for late in &mut self.fields {
            if late.field.place(place.element) == place
                && let Some(left) = late.left.get_mut(place.element as usize)
                && *left > 0
            {
                *left -= 1;
                let bits = late.field.bits;
                seen = bits.put(seen, !bits.get(seen));
            }
        }
        seen
    }

    /// Checks an access to an element.
    pub(crate) fn check(&self, place: Place, file: &RegisterFile, violations: &mut Violations) {
        for late in &self.fields {
            if !late.before.contains(&place.register) {
                continue;
            }
            // Arrays of equal length correspond element by element.
            let is_waiting = match file.count(place.register) as usize == late.left.len() {
                true => late.left.get(place.element as usize) > Some(&0),
                false => late.left.iter().any(|left| *left > 0),
            };
            if is_waiting {
                violations.push(Violation::TooEarly {
                    register: file.name(place.register),
                    field: late.model.field.field,
                    section: late.model.section,
                });
            }
        }
    }
}

impl LateField {
    fn wait(&mut self, place: Place, reads: u32) {
        if let Some(left) = self.left.get_mut(place.element as usize) {
            *left = reads;
        }
    }
}
