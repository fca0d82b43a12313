//! Order rules: what has to be written before a field is set.

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
    first: Vec<RegisterId>,
    then: RegisterId,
    bits: Bits,
    section: &'static str,
}

impl Order {
    pub(crate) fn new(model: &Model, file: &RegisterFile) -> Result<Order, ModelError> {
        let rules = model
            .order
            .iter()
            .map(|rule| {
                let then = file.register(rule.then, "order.then")?;
                Ok(Rule {
                    first: rule
                        .first
                        .iter()
                        .map(|name| file.register(name, "order.first"))
                        .collect::<Result<_, _>>()?,
                    then,
                    bits: file.bits(then, rule.field, "order.then")?,
                    section: rule.section,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Order { rules })
    }

    /// Looks at a write of `value` to an element that held `old`.
    pub(crate) fn check(
        &self,
        place: Place,
        old: u64,
        value: u64,
        file: &RegisterFile,
        violations: &mut Violations,
    ) {
        for rule in self.rules.iter().filter(|rule| rule.then == place.register) {
            // A field that is set already was set in time, or complained of then.
            if rule.bits.get(value) == 0 || rule.bits.get(old) != 0 {
                continue;
            }
            for &first in &rule.first {
                let elementwise = file.count(first) == file.count(place.register);
                let written = if elementwise {
                    file.was_written(Place {
                        register: first,
                        element: place.element,
                    })
                } else {
                    file.was_any_written(first)
                };
                if !written {
                    violations.push(Violation::Order {
                        first: file.name(first),
                        then: file.name(rule.then),
                        section: rule.section,
                    });
                }
            }
        }
    }
}
