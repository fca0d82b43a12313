//! Facts shared by all files of a driver.

use std::collections::BTreeSet;

use nicspecs::identifiers;
use nicspecs::ir::visit::Visitor as _;
use nicspecs::ir::{
    Action, Constant, Descriptor, Nic, OnTimeout, PciId, Register, Signature, Step,
};

use super::used::Used;

/// A NIC and what its driver's code uses.
pub struct Facts<'a> {
    pub nic: &'a Nic,
    /// What its driver uses.
    pub used: Used,
    /// Sub-sequences that can fail.
    fallible: BTreeSet<String>,
}

impl<'a> Facts<'a> {
    pub fn new(nic: &'a Nic) -> Self {
        let mut facts = Self {
            nic,
            used: Used::by_driver(nic),
            fallible: BTreeSet::new(),
        };
        // Sequences are not recursive, so this ends after as many rounds as they nest.
        loop {
            let found: BTreeSet<_> = nic
                .sequences()
                .iter()
                .filter(|sequence| facts.fails(&sequence.steps))
                .map(|sequence| sequence.signature.name.clone())
                .collect();
            if found == facts.fallible {
                return facts;
            }
            facts.fallible = found;
        }
    }

    pub fn driver(&self) -> String {
        driver(self.nic)
    }

    /// Whether a register is read to find out the variant.
    pub fn detects_by_registers(&self) -> bool {
        let whens = self.nic.variants().iter().flat_map(|variant| &variant.when);
        let used = Used::by(|used| whens.for_each(|when| used.cond(when)));
        !used.places.is_empty()
    }

    /// Whether variants differ in their limits.
    pub fn has_variant_limits(&self) -> bool {
        let mut variants = self.nic.variants().iter();
        variants.any(|variant| !variant.limits.is_empty())
    }

    /// Whether the register's value has a type with named fields, because the driver names one of them.
    pub fn is_typed(&self, register: &Register) -> bool {
        self.used.typed.contains(&register.name)
    }

    /// Registers that the driver's code names, by offset.
    pub fn registers(&self) -> Vec<&'a Register> {
        self.by_offset(|register| self.used.has(&register.name))
    }

    /// The registers that `take` picks, by offset.
    pub fn by_offset(&self, take: impl Fn(&Register) -> bool) -> Vec<&'a Register> {
        let registers = self.nic.registers().iter().map(AsRef::as_ref);
        let mut registers: Vec<&Register> = registers.filter(|register| take(register)).collect();
        registers.sort_by_key(|register| (register.offset(), &register.name));
        registers
    }

    /// The descriptor formats of the rings, each once.
    pub fn formats(&self) -> Vec<&'a Descriptor> {
        let (tx, rx) = (self.nic.tx(), self.nic.rx());
        let written_back = tx.completion_bit().map(|completion| &completion.format);
        let all = [Some(&tx.encode.format), written_back]
            .into_iter()
            .flatten()
            .chain([&rx.arm.format, &rx.completion.format]);
        let mut formats: Vec<&Descriptor> = Vec::new();
        for format in all {
            if !formats.contains(&&**format) {
                formats.push(format);
            }
        }
        formats
    }

    /// Constants that the driver's code names.
    pub fn constants(&self) -> impl Iterator<Item = &'a Constant> {
        let constants = self.nic.constants().iter().map(AsRef::as_ref);
        constants.filter(|constant: &&Constant| self.used.constants.contains(&constant.name))
    }

    /// Whether a sequence's function returns a `Result`; what the port calls always does.
    pub fn is_fallible(&self, signature: &Signature) -> bool {
        signature.is_port || self.fallible.contains(&signature.name)
    }

    /// Whether steps have a `?` in them.
    pub fn fails(&self, steps: &[Step]) -> bool {
        Used::by(|used| used.steps(steps)).elements()
            || steps.iter().any(|step| self.action_fails(&step.action))
    }

    fn action_fails(&self, action: &Action) -> bool {
        match action {
            Action::Poll { on_timeout, .. } => *on_timeout == OnTimeout::Fail,
            Action::Verify { .. } | Action::Fail(_) => true,
            Action::Run { callee, .. } => self.is_fallible(callee),
            other => other.bodies().any(|steps| self.fails(steps)),
        }
    }
}

/// The PCI ids of a NIC, each once, with the title of such a device.
///
/// Variants with the same id differ in registers, which are not read before a driver attaches.
pub fn pci_ids(nic: &Nic) -> Vec<(PciId, &str)> {
    let mut ids: Vec<(PciId, &str)> = Vec::new();
    for variant in nic.variants() {
        for id in &variant.pci {
            match ids.iter_mut().find(|(known, _)| known == id) {
                Some((_, title)) => *title = nic.title(),
                None => ids.push((*id, &variant.title)),
            }
        }
    }
    ids
}

/// The driver's type.
pub fn driver(nic: &Nic) -> String {
    identifiers::driver(nic.name())
}
