//! Bits that a driver has to preserve.

use std::collections::HashMap;

use netmap_core::model::Model;

use crate::error::ModelError;
use crate::registers::{Bits, Place, RegisterFile, RegisterId};
use crate::violations::{Violation, Violations};

/// The bits that a driver has to preserve, in registers that it modifies.
#[derive(Debug)]
pub(crate) struct Foreign {
    registers: HashMap<RegisterId, u64>,
}

impl Foreign {
    pub(crate) fn new(model: &Model, file: &RegisterFile) -> Result<Foreign, ModelError> {
        let here = model.modified.iter();
        let here = here.filter(|(register, _)| !file.is_elsewhere(register));
        let registers = here.map(|&(name, bits)| {
            let register = file.register(name, "modified")?;
            let whole = Bits::new(0, file.model(register).width).mask();
            Ok((register, whole & !bits))
        });
        Ok(Foreign {
            registers: registers.collect::<Result<_, _>>()?,
        })
    }

    /// Checks a write of `value` to an element that reads as `seen`.
    pub(crate) fn check(
        &self,
        place: Place,
        seen: u64,
        value: u64,
        file: &RegisterFile,
        violations: &mut Violations,
    ) {
        let foreign = self.registers.get(&place.register).copied();
        let bits = (seen ^ value) & foreign.unwrap_or(0);
        if bits != 0 {
            violations.push(Violation::ForeignBits {
                register: file.name(place.register),
                bits,
            });
        }
    }

    /// Inverts the unnamed bits of these registers: a driver has to work with any value.
    pub(crate) fn disturb(&self, file: &mut RegisterFile) {
        for (&register, &bits) in &self.registers {
            let nameless = bits & file.nameless(register);
            for place in file.places(register) {
                file.set(place, file.get(place) ^ nameless);
            }
        }
    }
}
