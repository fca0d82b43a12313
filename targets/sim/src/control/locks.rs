//! Registers that ignore writes while locked.

use netmap_core::model::Computed;

use crate::error::ModelError;
use crate::follows::{View, registers_of};
use crate::registers::{RegisterFile, RegisterId};
use crate::simulated::Simulated;
use crate::violations::Violation;

/// The locks of a model.
#[derive(Debug)]
pub(crate) struct Locks {
    locks: Vec<Lock>,
}

#[derive(Debug)]
struct Lock {
    unless: Computed,
    registers: Vec<RegisterId>,
    section: &'static str,
}

impl Locks {
    pub(crate) fn new(simulated: Simulated, file: &RegisterFile) -> Result<Locks, ModelError> {
        let lock = |lock: &netmap_core::model::LockModel| {
            registers_of(lock.unless, simulated, file, "locks.unless")?;
            Ok(Lock {
                unless: lock.unless,
                registers: file.registers(lock.registers, "locks.registers")?,
                section: lock.section,
            })
        };
        Ok(Locks {
            locks: (simulated.model.locks.iter())
                .map(lock)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The violation of a write to `register`, if the register is locked.
    pub(crate) fn violated(&self, register: RegisterId, view: &View<'_>) -> Option<Violation> {
        let of = |lock: &&Lock| lock.registers.contains(&register);
        let shut = |lock: &&Lock| (lock.unless)(view, 0) == 0;
        let lock = self.locks.iter().filter(of).find(shut)?;
        Some(Violation::Locked {
            register: view.file.name(register),
            section: lock.section,
        })
    }
}
