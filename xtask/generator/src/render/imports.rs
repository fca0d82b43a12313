//! `use` lines of code whose names depend on its sequences.

use std::collections::BTreeSet;
use std::fmt;

use super::facts::Facts;

/// Names by path: other crates first, then this one.
pub struct Imports([Vec<Import>; 2]);

/// Names from one path.
struct Import {
    path: &'static str,
    names: Vec<String>,
}

impl Imports {
    /// The names that a driver uses.
    pub fn of(facts: &Facts, code: &str) -> Self {
        let registers = facts.registers();
        let values = registers.iter().map(|register| register.type_name.as_str());
        let constants: Vec<_> = facts
            .constants()
            .map(|constant| constant.name.to_uppercase())
            .collect();
        let module = "Options REGS STATISTICS Variant".split(' ');
        let words = words(code);
        let known = |path, names: &str| used(&words, path, names.split(' '));
        Self::grouped(
            [
                known(
                    "netmap_core",
                    "Bus Causes Completion DmaAddr Driver Duplex Fault Filter FrameLimits Link MacAddress Messages PciId RingSetup Setup poll",
                ),
                known("netmap_derive", "Nic"),
            ],
            [
                known("super::desc", "RxDescriptor TxDescriptor"),
                used(&words, "super::regs", values.chain(["Regs"])),
                used(
                    &words,
                    "super",
                    module.chain(constants.iter().map(String::as_str)),
                ),
                known("crate::steps", "ms us verify"),
            ],
        )
    }

    /// The names that a driver's MSI-X code uses.
    pub fn of_messages(facts: &Facts, code: &str) -> Self {
        let driver = facts.driver();
        let registers = facts.registers();
        let values = registers.iter().map(|register| register.type_name.as_str());
        let constants: Vec<_> = facts
            .constants()
            .map(|constant| constant.name.to_uppercase())
            .collect();
        let module = [driver.as_str(), "REGS", "Variant"].into_iter();
        let words = words(code);
        let known = |path, names: &str| used(&words, path, names.split(' '));
        Self::grouped(
            [known("netmap_core", "Bus Fault Messages Setup poll")],
            [
                used(&words, "super::regs", values),
                used(
                    &words,
                    "super",
                    module.chain(constants.iter().map(String::as_str)),
                ),
                known("crate::steps", "ms us verify"),
            ],
        )
    }

    /// Names in a table of counters.
    pub fn of_counters(code: &str) -> Self {
        let words = words(code);
        let known = |path, names: &str| used(&words, path, names.split(' '));
        Self::grouped(
            [known("netmap_core", "Statistic")],
            [known("crate::pieces", "piece single")],
        )
    }

    /// The names that a model's tables use.
    pub fn of_model(facts: &Facts, code: &str) -> Self {
        let driver = facts.driver();
        let words = words(code);
        let known = |path, names: &str| used(&words, path, names.split(' '));
        Self::grouped(
            [
                known(
                    "netmap_core::model",
                    "Access After BlockModel CompletionModel CountModel CounterPlace DescriptorModel DoorbellModel \
                     EepromModel Element Event FieldName Follow HashType InterruptModel LateModel LinkModel LockModel \
                     MessageCauses MessageModel Model Moment MulticastModel OrderModel Owner PhyAccess PhyModel \
                     RefusalModel RegisterModel Requirement RingModel \
                     RssModel RxModel SlotValue StationModel TxModel VariantModel",
                ),
                known("netmap_core", "FrameLimits MulticastHash PciId"),
            ],
            [
                used(&words, "super", std::iter::once(driver.as_str())),
                known("crate", "Modelled"),
                known("crate::pieces", "piece single"),
                known("crate::tables", "bits choice field of of_queue"),
            ],
        )
    }

    fn grouped<const N: usize, const M: usize>(
        others: [Option<Import>; N],
        own: [Option<Import>; M],
    ) -> Self {
        Self([
            others.into_iter().flatten().collect(),
            own.into_iter().flatten().collect(),
        ])
    }
}

fn used<'n>(
    words: &BTreeSet<&str>,
    path: &'static str,
    names: impl Iterator<Item = &'n str>,
) -> Option<Import> {
    let names: Vec<_> = names
        .filter(|name| words.contains(name))
        .map(str::to_owned)
        .collect();
    (!names.is_empty()).then_some(Import { path, names })
}

/// The names in code, without comments and string literals.
fn words(code: &str) -> BTreeSet<&str> {
    let code = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let outside = code.flat_map(|line| line.split('"').step_by(2));
    outside
        .flat_map(|code| code.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .collect()
}

impl fmt::Display for Imports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for group in &self.0 {
            for Import { path, names } in group {
                writeln!(f, "use {path}::{{{}}};", names.join(", "))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
