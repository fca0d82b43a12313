//! Influences from outside the driver: the link partner, a previous driver, and tests.

use netmap_core::model::FieldName;

use super::{Chip, Role, shown};
use crate::control::interrupts::Happened;
use crate::error::ModelError;

impl Chip {
    /// Adds or removes the link partner.
    pub(crate) fn set_partner(&mut self, partner: bool) {
        self.partner = partner;
        self.check_link();
    }

    /// Changes registers as a previous driver may have left them, except those that a reset does not restore, and fills
    /// unnamed bits.
    pub(crate) fn disturb(&mut self) {
        self.is_noisy = true;
        self.is_disturbed = true;
        let (roles, keeps) = (&self.roles, &self.keeps);
        self.file.disturb(|id| {
            let is_plain = matches!(roles[id.index()], Role::Plain | Role::Head | Role::MaskSet);
            !is_plain || keeps.contains(&id)
        });
        for field in self.resets.iter().chain(&self.self_clearing) {
            for place in self.file.places(field.register) {
                self.file.put(place, field.bits, 0);
            }
        }
        self.foreign.disturb(&mut self.file);
        if let Some(phy) = &mut self.phy {
            phy.disturb();
        }
        self.interrupts.update(&self.file);
    }

    /// Makes fields read as given until the next call.
    pub(crate) fn show(&mut self, shows: &[(FieldName, u64)]) -> Result<(), ModelError> {
        self.shown = shown(shows, &self.file, "show")?;
        Ok(())
    }

    /// Raises bits of the cause register.
    pub(crate) fn raise(&mut self, bits: u64) {
        self.interrupts
            .raise(Happened::Anything(bits), &mut self.file);
    }

    pub(crate) fn set_phy_register(&mut self, register: u8, value: u16) {
        if let Some(phy) = &mut self.phy {
            phy.set_register(register, value);
        }
        self.check_link();
    }

    /// A field of a register as a reader would see it, without any effect of reading.
    pub(crate) fn peek_field(&self, register: &str, field: &str, element: u32) -> Option<u64> {
        let id = self.file.lookup(register)?;
        let bits = self.file.bits(id, field, "peek").ok()?;
        Some(bits.get(self.peek(register, element)?))
    }

    /// A register as a reader would see it, without any effect of reading.
    pub(crate) fn peek(&self, register: &str, element: u32) -> Option<u64> {
        let register = self.file.lookup(register)?;
        (element < self.file.count(register)).then(|| self.view().value(register.at(element)))
    }
}
