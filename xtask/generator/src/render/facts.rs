//! Facts shared by all files of a driver.

use std::collections::BTreeSet;

use nicspecs::ir::{Action, Constant, Nic, OnTimeout, Register, Signature, Step};

use super::used::Used;

/// A NIC and what its driver's code uses.
pub struct Facts<'a> {
    /// The NIC.
    pub nic: &'a Nic,
    /// What its driver uses.
    pub used: Used,
    /// Sub-sequences that can fail.
    fallible: BTreeSet<String>,
}

impl<'a> Facts<'a> {
    /// The facts about a NIC.
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

    /// The driver's type: `Nic` and the spec's name.
    pub fn driver(&self) -> String {
        let words = self.nic.name().split(|c: char| !c.is_ascii_alphanumeric());
        let capitals = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]);
        format!("Nic{}", capitals.collect::<String>())
    }

    /// Whether variants differ in their longest frames.
    pub fn limits_frames(&self) -> bool {
        let variants = self.nic.variants();
        variants.iter().any(|variant| {
            let limits = variant.limits;
            limits.tx_frame_max.or(limits.rx_frame_max).is_some()
        })
    }

    /// Whether the register's value has a type with named fields, because the driver names one of them.
    pub fn is_typed(&self, register: &Register) -> bool {
        self.used.typed.contains(&register.name)
    }

    /// Registers that the driver's code names, by offset.
    pub fn registers(&self) -> Vec<&'a Register> {
        let mut registers: Vec<&Register> = self
            .nic
            .registers()
            .iter()
            .map(AsRef::as_ref)
            .filter(|r| self.used.has(&r.name))
            .collect();
        registers.sort_by(|a, b| (a.offset(), &a.name).cmp(&(b.offset(), &b.name)));
        registers
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
        Used::by_steps(steps).elements() || steps.iter().any(|step| self.action_fails(&step.action))
    }

    fn action_fails(&self, action: &Action) -> bool {
        match action {
            Action::Poll { on_timeout, .. } => *on_timeout == OnTimeout::Fail,
            Action::Verify { .. } | Action::Fail(_) => true,
            Action::Run { callee, .. } => self.is_fallible(callee),
            Action::If {
                then, otherwise, ..
            } => self.fails(then) || self.fails(otherwise),
            Action::For { body, .. } => self.fails(body),
            Action::Guard { enter, body, leave } => {
                [enter, body, leave].iter().any(|steps| self.fails(steps))
            }
            _ => false,
        }
    }
}
