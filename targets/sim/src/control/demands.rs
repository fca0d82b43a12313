//! Register values that the hardware needs before a ring runs, at a reset, or at a write.

use netmap_core::model::{Element, Model, Moment, Requirement};

use crate::error::ModelError;
use crate::registers::{Field, Place, RegisterFile, RegisterId};
use crate::violations::{RingName, Violation, Violations};

/// Required values and registers that have to be written.
#[derive(Debug)]
pub(crate) struct Demands {
    required: Vec<Required>,
    for_reset: Vec<Required>,
    for_write: Vec<Required>,
    must_write: Vec<RegisterId>,
}

#[derive(Debug)]
struct Required {
    field: Field,
    name: &'static str,
    by_queue: bool,
    is: u64,
    section: &'static str,
}

impl Demands {
    /// The demands of the variant of that name.
    pub(crate) fn new(
        model: &Model,
        variant: &str,
        file: &RegisterFile,
    ) -> Result<Demands, ModelError> {
        let queues = model.tx.ring.queues.max(model.rx.ring.queues);
        let required = |at: Moment| -> Result<Vec<Required>, ModelError> {
            let here = |rule: &&Requirement| {
                let is_ours = rule.only_on.is_empty() || rule.only_on.contains(&variant);
                rule.at == at && is_ours && !file.is_elsewhere(rule.field.register)
            };
            let rules = model.require.iter().filter(here);
            rules
                .map(|rule| {
                    Ok(Required {
                        field: file.field(&rule.field, queues, "require")?,
                        name: rule.field.field,
                        by_queue: rule.field.element == Element::Queue,
                        is: rule.is,
                        section: rule.section,
                    })
                })
                .collect()
        };
        Ok(Demands {
            required: required(Moment::Ring)?,
            for_reset: required(Moment::Reset)?,
            for_write: required(Moment::Write)?,
            must_write: file.ids().filter(|id| file.model(*id).must_write).collect(),
        })
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
        self.check(false, ring, file, violations);
    }

    /// Checks the values required at a reset, in every element of an array.
    pub(crate) fn of_reset(&self, file: &RegisterFile, violations: &mut Violations) {
        for rule in &self.for_reset {
            let elements = match rule.by_queue {
                true => file.count(rule.field.register),
                false => 1,
            };
            let found = (0..elements)
                .map(|queue| rule.field.bits.get(file.get(rule.field.place(queue))))
                .find(|found| *found != rule.is);
            if let Some(found) = found {
                violations.push(Violation::RequiredForReset {
                    register: file.name(rule.field.register),
                    field: rule.name,
                    found,
                    is: rule.is,
                    section: rule.section,
                });
            }
        }
    }

    /// Checks the values required at every write, for `value` written to an element.
    pub(crate) fn of_write(
        &self,
        place: Place,
        value: u64,
        file: &RegisterFile,
        violations: &mut Violations,
    ) {
        let rules = self.for_write.iter();
        for rule in rules.filter(|rule| rule.field.place(place.element) == place) {
            let found = rule.field.bits.get(value);
            if found != rule.is {
                violations.push(Violation::RequiredForWrite {
                    register: file.name(place.register),
                    field: rule.name,
                    found,
                    is: rule.is,
                    section: rule.section,
                });
            }
        }
    }

    /// Checks the values required for each queue.
    pub(crate) fn of_queue(
        &self,
        ring: RingName,
        file: &RegisterFile,
        violations: &mut Violations,
    ) {
        self.check(true, ring, file, violations);
    }

    fn check(
        &self,
        by_queue: bool,
        ring: RingName,
        file: &RegisterFile,
        violations: &mut Violations,
    ) {
        for rule in self
            .required
            .iter()
            .filter(|rule| rule.by_queue == by_queue)
        {
            let found = rule.field.bits.get(file.get(rule.field.place(ring.queue)));
            if found != rule.is {
                violations.push(Violation::Required {
                    ring,
                    register: file.name(rule.field.register),
                    field: rule.name,
                    found,
                    is: rule.is,
                    section: rule.section,
                });
            }
        }
    }
}
