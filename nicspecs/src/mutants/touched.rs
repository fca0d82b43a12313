//! Registers and fields that a driver uses, without its counters.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ir::visit::{self, Visitor};
use crate::ir::{Action, Cond, Nic, Num, NumKind, Place, Register, Scheme, Step, Value, Written};

/// Registers and fields that a driver uses, by name.
#[derive(Debug, Default)]
pub(super) struct Touched {
    registers: BTreeSet<String>,
    fields: BTreeSet<(String, String)>,
    /// Fields whose width matters: a value that is only written with others fits anyway.
    wide: BTreeSet<(String, String)>,
}

impl Touched {
    pub(super) fn by_driver(nic: &Nic) -> Self {
        let mut touched = Self::default();
        for sequence in nic.sequences() {
            touched.steps(&sequence.steps);
        }
        for variant in nic.variants() {
            variant.when.iter().for_each(|when| touched.cond(when));
        }
        nic.link().conditions().for_each(|cond| touched.cond(cond));
        let interrupts = nic.interrupts();
        touched.whole(Some(&interrupts.cause));
        for field in interrupts.causes.iter().flat_map(|cause| &cause.fields) {
            touched.field(&interrupts.cause, &field.name);
        }
        for doorbell in [&nic.tx().doorbell, &nic.rx().doorbell] {
            touched.whole(doorbell.register());
            if let Some(register) = doorbell.register() {
                for field in doorbell.ones() {
                    touched.field(register, &field.name);
                }
            }
        }
        if nic.tx().has(Scheme::HeadRegister) {
            touched.whole(nic.tx().registers.head.as_ref());
        }
        touched
    }

    pub(super) fn has(&self, register: &str) -> bool {
        self.registers.contains(register)
    }

    pub(super) fn has_field(&self, register: &str, field: &str) -> bool {
        let name = (register.to_owned(), field.to_owned());
        self.fields.contains(&name)
    }

    pub(super) fn width_matters(&self, register: &str, field: &str) -> bool {
        self.wide.contains(&(register.to_owned(), field.to_owned()))
    }

    fn whole(&mut self, register: Option<&Arc<Register>>) {
        self.registers
            .extend(register.map(|register| register.name.clone()));
    }

    fn written(&mut self, register: &Register, field: &str) {
        self.fields
            .insert((register.name.clone(), field.to_owned()));
    }

    fn field(&mut self, register: &Register, field: &str) {
        self.written(register, field);
        self.wide.insert((register.name.clone(), field.to_owned()));
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Num(num) => num.constant() == Some(0),
        Value::Cond(cond) => *cond == Cond::Literal(false),
    }
}

impl Visitor for Touched {
    fn step(&mut self, step: &Step) {
        match &step.action {
            Action::Write {
                place,
                value: Written::Fields(fields),
            } => {
                // In a write of a whole register, a zero is the same at every position.
                for assign in fields.iter().filter(|assign| !is_zero(&assign.value)) {
                    self.written(&place.register, &assign.field.name);
                }
            }
            Action::Modify { place, fields } => {
                for assign in fields {
                    self.field(&place.register, &assign.field.name);
                }
            }
            Action::WriteEach { register, .. } => self.whole(Some(register)),
            _ => {}
        }
        visit::step(self, step);
    }

    fn num(&mut self, num: &Num) {
        match &num.kind {
            NumKind::Field(at) => self.field(&at.place.register, &at.field.name),
            NumKind::LocalField {
                register, field, ..
            } => self.field(register, &field.name),
            _ => {}
        }
        visit::num(self, num);
    }

    fn cond(&mut self, cond: &Cond) {
        match cond {
            Cond::Bit(at) => self.field(&at.place.register, &at.field.name),
            Cond::LocalBit {
                register, field, ..
            } => self.field(register, &field.name),
            _ => {}
        }
        visit::cond(self, cond);
    }

    fn place(&mut self, place: &Place) {
        self.whole(Some(&place.register));
        visit::place(self, place);
    }
}
