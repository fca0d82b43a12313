//! The names and registers that code uses, found by walking its expressions and steps.

use std::collections::BTreeSet;
use std::sync::Arc;

use nicspecs::ir::visit::{self, Visitor};
use nicspecs::ir::{
    Action, Builtin, Cond, Doorbell, FieldPlace, Nic, Num, NumKind, Place, Register, Scheme, Step,
    Tx, Value, Written,
};

/// The names and registers that some code uses.
#[derive(Debug, Default)]
pub struct Used {
    /// Registers and elements of arrays, each once.
    pub places: Vec<Place>,
    /// Arrays that are written as a whole, and other registers without a place in the code.
    pub whole: BTreeSet<String>,
    /// Registers with a named field.
    pub typed: BTreeSet<String>,
    /// Registers with a named value.
    pub valued: BTreeSet<String>,
    /// Bound names.
    pub locals: BTreeSet<String>,
    /// Names whose value is used.
    pub read: BTreeSet<String>,
    /// Constants, by name.
    pub constants: BTreeSet<String>,
    /// Whether it uses octets of the MAC address.
    pub octets: bool,
    /// Whether it needs more of the bus than registers.
    pub waits: bool,
}

impl Used {
    /// By what `look` visits.
    pub fn by(look: impl FnOnce(&mut Self)) -> Self {
        let mut used = Self::default();
        look(&mut used);
        used
    }

    /// By the driver of a NIC.
    pub fn by_driver(nic: &Nic) -> Self {
        let mut used = Self::default();
        for sequence in nic.sequences() {
            used.steps(&sequence.steps);
        }
        let whens = nic.variants().iter().flat_map(|variant| &variant.when);
        let conds = whens.chain(nic.link().conditions());
        conds.for_each(|cond| used.cond(cond));
        let cause = &nic.interrupts().cause.name;
        used.typed.insert(cause.clone());
        let doorbells = [&nic.tx().doorbell, &nic.rx().doorbell];
        let doorbells = doorbells.into_iter().filter_map(Doorbell::register);
        let named = doorbells.chain(head(nic.tx()));
        let named = named.map(|register| &register.name).chain([cause]);
        used.whole.extend(named.cloned());
        used
    }

    /// By a value.
    pub fn by_value(value: &Value) -> Self {
        Self::by(|used| match value {
            Value::Num(num) => used.num(num),
            Value::Cond(cond) => used.cond(cond),
        })
    }

    /// Whether it names a register.
    pub fn has(&self, register: &str) -> bool {
        self.whole.contains(register)
            || self
                .places
                .iter()
                .any(|place| place.register.name == register)
    }

    /// Whether it reaches an element of an array, which can fail.
    pub fn elements(&self) -> bool {
        !self.whole.is_empty() || self.places.iter().any(|place| place.index.is_some())
    }

    /// Whether it accesses the device.
    pub fn bus(&self) -> bool {
        self.waits || !self.whole.is_empty() || !self.places.is_empty()
    }
}

impl Visitor for Used {
    fn step(&mut self, step: &Step) {
        match &step.action {
            Action::Write {
                place,
                value: Written::Fields(_),
            }
            | Action::Modify { place, .. } => {
                self.typed.insert(place.register.name.clone());
            }
            Action::WriteEach { register, .. } => {
                self.whole.insert(register.name.clone());
                self.locals.insert("i".to_owned());
            }
            Action::Let { name, .. } | Action::For { name, .. } => {
                self.locals.insert(name.clone());
            }
            Action::Run { bind, .. } => {
                self.waits = true;
                self.locals.extend(bind.iter().cloned());
            }
            Action::Poll { every, within, .. } => {
                self.waits = true;
                self.num(&every.count);
                self.num(&within.count);
            }
            Action::Delay(_) | Action::Sleep(_) | Action::Publish => self.waits = true,
            _ => {}
        }
        visit::step(self, step);
    }

    fn num(&mut self, num: &Num) {
        match &num.kind {
            NumKind::Named { register, .. } => {
                self.typed.insert(register.name.clone());
                self.valued.insert(register.name.clone());
            }
            NumKind::Field(FieldPlace {
                place: Place { register, .. },
                ..
            }) => {
                self.typed.insert(register.name.clone());
            }
            NumKind::LocalField {
                local, register, ..
            } => {
                self.read.insert(local.clone());
                self.typed.insert(register.name.clone());
            }
            NumKind::Local(name) | NumKind::LocalRegister { local: name, .. } => {
                self.read.insert(name.clone());
            }
            NumKind::Constant(constant) => {
                self.constants.insert(constant.name.clone());
            }
            NumKind::Builtin {
                builtin: Builtin::Mac,
                ..
            } => self.octets = true,
            _ => {}
        }
        visit::num(self, num);
    }

    fn cond(&mut self, cond: &Cond) {
        match cond {
            Cond::Bit(at) => {
                self.typed.insert(at.place.register.name.clone());
            }
            Cond::LocalBit {
                local, register, ..
            } => {
                self.read.insert(local.clone());
                self.typed.insert(register.name.clone());
            }
            Cond::Local(name) => {
                self.read.insert(name.clone());
            }
            _ => {}
        }
        visit::cond(self, cond);
    }

    fn place(&mut self, place: &Place) {
        if !self.places.contains(place) {
            self.places.push(place.clone());
        }
        visit::place(self, place);
    }
}

/// The head register of transmit rings, if a scheme uses it.
pub fn head(tx: &Tx) -> Option<&Arc<Register>> {
    let head = tx.registers.head.as_ref();
    head.filter(|_| tx.has(Scheme::HeadRegister))
}
