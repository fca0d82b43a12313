//! Register values that the hardware needs before a ring runs, at a reset, or at a write.

use netmap_core::model::{Model, Moment, Requirement, VariantModel};

use crate::error::ModelError;
use crate::registers::{Field, Place, RegisterFile, RegisterId};
use crate::violations::{RingName, Violation, Violations};

/// Required values and registers that have to be written.
#[derive(Debug)]
pub(crate) struct Demands {
    required: Vec<Required>,
    must_write: Vec<RegisterId>,
}

#[derive(Debug)]
struct Required {
    field: Field,
    rule: &'static Requirement,
}

impl Demands {
    /// The demands of the variant `named`.
    pub(crate) fn new(
        model: &'static Model,
        named: &VariantModel,
        file: &RegisterFile,
    ) -> Result<Demands, ModelError> {
        let queues = named.limits.queues();
        let here = |rule: &&Requirement| {
            named.is_among(rule.only_on) && !file.is_elsewhere(rule.field.register)
        };
        let required = model.require.iter().filter(here).map(|rule| {
            let field = file.field(&rule.field, queues, "require")?;
            Ok(Required { field, rule })
        });
        Ok(Demands {
            required: required.collect::<Result<_, _>>()?,
            must_write: file.ids().filter(|id| file.model(*id).must_write).collect(),
        })
    }

    fn at(&self, moment: Moment) -> impl Iterator<Item = &Required> {
        let required = self.required.iter();
        required.filter(move |required| required.rule.at == moment)
    }

    /// Checks demands that do not depend on the queue. In an array, one written element is enough.
    pub(crate) fn of_device(
        &self,
        ring: RingName,
        file: &RegisterFile,
        violations: &mut Violations,
    ) {
        for &register in &self.must_write {
            if !file.was_any_written(register) {
                violations.push(Violation::NeverWritten {
                    ring,
                    register: file.name(register),
                    section: file.model(register).section,
                });
            }
        }
        self.of_ring(false, ring, file, violations);
    }

    /// Checks the values required at a reset, in every element of an array.
    pub(crate) fn of_reset(&self, file: &RegisterFile, violations: &mut Violations) {
        for Required { field, rule } in self.at(Moment::Reset) {
            let elements = match field.is_by_queue() {
                true => file.count(field.register),
                false => 1,
            };
            let mut found = (0..elements).map(|queue| field.of(queue, file));
            if let Some(found) = found.find(|found| *found != rule.is) {
                violations.push(Violation::RequiredForReset {
                    register: rule.field.register,
                    field: rule.field.field,
                    found,
                    is: rule.is,
                    section: rule.section,
                });
            }
        }
    }

    /// Checks the values required at every write, for `value` written to an element.
    pub(crate) fn of_write(&self, place: Place, value: u64, violations: &mut Violations) {
        for Required { field, rule } in self.at(Moment::Write) {
            let found = field.bits.get(value);
            if field.place(place.element) == place && found != rule.is {
                violations.push(Violation::RequiredForWrite {
                    register: rule.field.register,
                    field: rule.field.field,
                    found,
                    is: rule.is,
                    section: rule.section,
                });
            }
        }
    }

    /// Checks the values required for each queue, or those that do not depend on the queue.
    pub(crate) fn of_ring(
        &self,
        by_queue: bool,
        ring: RingName,
        file: &RegisterFile,
        violations: &mut Violations,
    ) {
        for Required { field, rule } in self.at(Moment::Ring) {
            let found = field.of(ring.queue, file);
            if field.is_by_queue() == by_queue && found != rule.is {
                violations.push(Violation::Required {
                    ring,
                    register: rule.field.register,
                    field: rule.field.field,
                    found,
                    is: rule.is,
                    section: rule.section,
                });
            }
        }
    }
}
