//! Order rules: which registers have to be written before others.

use netmap_core::model::Model;

use crate::error::ModelError;
use crate::registers::{Bits, Place, RegisterFile, RegisterId};
use crate::violations::{Violation, Violations};

/// The order rules of a model.
#[derive(Debug)]
pub(crate) struct Order {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    first: Vec<Event>,
    then: Event,
    section: &'static str,
}

/// A write of a register or, with bits, a write that sets one of them.
#[derive(Debug, Clone, Copy)]
struct Event {
    register: RegisterId,
    bits: Option<Bits>,
}

impl Event {
    fn new(
        (register, field): (&str, &str),
        file: &RegisterFile,
        wanted_by: &'static str,
    ) -> Result<Event, ModelError> {
        let register = file.register(register, wanted_by)?;
        let bits = match field {
            "" => None,
            field => Some(file.bits(register, field, wanted_by)?),
        };
        Ok(Event { register, bits })
    }

    /// Whether the event has happened at an element and is still valid.
    fn has_happened(self, place: Place, file: &RegisterFile) -> bool {
        match self.bits {
            None => file.was_written(place),
            Some(bits) => bits.get(file.get(place)) != 0,
        }
    }
}

impl Order {
    pub(crate) fn new(model: &Model, file: &RegisterFile) -> Result<Order, ModelError> {
        let rules = model
            .order
            .iter()
            .filter(|rule| !file.is_elsewhere(rule.then.0))
            .map(|rule| {
                let first = rule.first.iter();
                let first = first.filter(|first| !file.is_elsewhere(first.0));
                Ok(Rule {
                    first: first
                        .map(|&first| Event::new(first, file, "order.first"))
                        .collect::<Result<_, _>>()?,
                    then: Event::new(rule.then, file, "order.then")?,
                    section: rule.section,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Order { rules })
    }

    /// Checks a write of `value` to an element that held `old`.
    pub(crate) fn check(
        &self,
        place: Place,
        old: u64,
        value: u64,
        file: &RegisterFile,
        violations: &mut Violations,
    ) {
        let ours = |rule: &&Rule| rule.then.register == place.register;
        for rule in self.rules.iter().filter(ours) {
            // A field that is already set was checked when it was set.
            if let Some(bits) = rule.then.bits
                && (bits.get(value) == 0 || bits.get(old) != 0)
            {
                continue;
            }
            for &first in &rule.first {
                let register = first.register;
                // Arrays of equal length correspond element by element.
                let happened = match file.count(register) == file.count(place.register) {
                    true => first.has_happened(register.at(place.element), file),
                    false => (file.places(register)).any(|place| first.has_happened(place, file)),
                };
                if !happened {
                    violations.push(Violation::Order {
                        first: file.name(register),
                        then: file.name(rule.then.register),
                        section: rule.section,
                    });
                }
            }
        }
    }
}
