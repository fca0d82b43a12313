//! Pages generated from the specs and their language: the README's table of NICs, the book's page of NICs, the tables
//! of the language reference, and the JSON Schema.

pub mod json_schema;
mod language;

use std::fs;
use std::path::Path;

use askama::Template;
use miette::{IntoDiagnostic, WrapErr, bail};
use nicspecs::ir::{Constant, Interrupts, Nic, TxCompletion, Variant};

use crate::outputs::Outputs;

/// The markers around the table in the README.
const BEGIN: &str = "<!-- nics: written by `cargo xtask gen` -->\n";
const END: &str = "<!-- end of nics -->\n";

/// The files, by path in the workspace; in the README, only the table is generated.
pub fn all(root: &Path, nics: &[Nic]) -> miette::Result<Outputs> {
    let readme = root.join("README.md");
    let text = fs::read_to_string(&readme)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read {}", readme.display()))?;
    let nics: Vec<Entry> = nics.iter().map(Entry::new).collect();
    let Some(text) = replaced(&text, &print(&Table { nics: &nics })?) else {
        bail!(
            help = format!("add these two lines where the table belongs:\n{BEGIN}{END}"),
            "README.md has no place for the table of NICs"
        );
    };
    let page = print(&Page { nics: &nics })?;
    Ok([
        ("README.md".into(), text),
        ("docs/src/nics.md".into(), page),
        (language::PAGE.into(), language::page(root)?),
        (json_schema::FILE.into(), json_schema::text()),
    ]
    .into())
}

/// The pages for some NICs, without the text around the table.
pub fn of(nics: &[Nic]) -> miette::Result<Outputs> {
    let nics: Vec<Entry> = nics.iter().map(Entry::new).collect();
    Ok([
        ("README.md".into(), print(&Table { nics: &nics })?),
        ("docs/src/nics.md".into(), print(&Page { nics: &nics })?),
    ]
    .into())
}

fn print(template: &impl Template) -> miette::Result<String> {
    template.render().into_diagnostic()
}

/// `text` with `table` between the markers; `None` unless each marker occurs once, in that order.
fn replaced(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    let once = !after.contains(BEGIN) && !after.contains(END) && !before.contains(END);
    once.then(|| [before, BEGIN, table, END, after].concat())
}

/// The README's table.
#[derive(Template)]
#[template(path = "nics_table.md.jinja", escape = "none")]
struct Table<'a> {
    nics: &'a [Entry],
}

/// The book's page.
#[derive(Template)]
#[template(path = "nics.md.jinja", escape = "none")]
struct Page<'a> {
    nics: &'a [Entry],
}

/// One NIC.
struct Entry {
    name: String,
    title: String,
    datasheet: String,
    variants: Vec<VariantEntry>,
    /// Rings by direction.
    rings: Vec<Ring>,
    schemes: String,
    /// Most queues of receive-side scaling, if there is any.
    spread: Option<u32>,
    registers: usize,
    sequences: usize,
    /// Interrupt modes, and the throttle.
    interrupts: String,
    /// Constants in which variants differ.
    constants: Vec<ConstantEntry>,
    statistics: String,
    /// Unobservable facts, with reasons.
    unobservable: Vec<String>,
}

/// A constant in which variants differ.
struct ConstantEntry {
    name: String,
    doc: String,
    values: String,
}

/// One variant.
struct VariantEntry {
    name: String,
    title: String,
    pci: String,
    qemu: String,
    /// Bytes of the longest frame sent, without CRC.
    sent: u32,
    /// The same of the longest frame received.
    received: u32,
}

/// The rings of a direction.
struct Ring {
    direction: &'static str,
    queues: u32,
    min: u32,
    max: u32,
    multiple: u32,
}

impl Entry {
    fn new(nic: &Nic) -> Entry {
        let (tx, rx) = (nic.tx(), nic.rx());
        let ring = |direction, queues, limits: &nicspecs::ir::RingLimits| Ring {
            direction,
            queues,
            min: limits.min,
            max: limits.max,
            multiple: limits.multiple,
        };
        Entry {
            name: nic.name().to_owned(),
            title: nic.title().to_owned(),
            datasheet: nic.datasheet().to_owned(),
            variants: nic
                .variants()
                .iter()
                .map(|each| variant(nic, each))
                .collect(),
            rings: vec![
                ring("transmit", tx.queues, &tx.ring),
                ring("receive", rx.queues, &rx.ring),
            ],
            schemes: listed(
                tx.completions
                    .iter()
                    .map(TxCompletion::scheme)
                    .map(|it| it.name()),
            ),
            spread: nic.rss().map(|rss| rss.queues),
            registers: nic.registers().len(),
            sequences: nic.sequences().len(),
            interrupts: interrupts(nic.interrupts()),
            constants: nic
                .constants()
                .iter()
                .filter(|constant| constant.varies())
                .map(|constant| ConstantEntry::new(nic, constant))
                .collect(),
            statistics: listed(nic.statistics().iter().map(|counter| counter.name.as_str())),
            unobservable: nic
                .model()
                .unobservable
                .iter()
                .map(|hidden| format!("{} ({})", listed(hidden.facts.iter()), hidden.why))
                .collect(),
        }
    }

    fn queues(&self) -> u32 {
        self.rings.iter().map(|ring| ring.queues).min().unwrap_or(0)
    }
}

fn interrupts(interrupts: &Interrupts) -> String {
    let modes = listed(interrupts.modes.iter().map(|mode| mode.name()));
    let Some(throttle) = &interrupts.throttle else {
        return modes;
    };
    let place = match &throttle.field {
        Some(field) => format!("{}.{}", throttle.register.name, field.name),
        None => throttle.register.name.clone(),
    };
    format!(
        "{modes}; `{place}` limits their rate, in steps of {} ns",
        throttle.unit_ns
    )
}

impl ConstantEntry {
    /// Its value, and the values of variants that differ.
    fn new(nic: &Nic, constant: &Constant) -> Self {
        let mut values = vec![constant.value().to_string()];
        let variants = nic.variants().iter().zip(&constant.values);
        values.extend(
            variants
                .filter(|(_, value)| **value != constant.value())
                .map(|(variant, value)| format!("{value} on `{}`", variant.name)),
        );
        Self {
            name: constant.name.clone(),
            doc: constant.doc.clone(),
            values: values.join(", "),
        }
    }
}

fn variant(nic: &Nic, variant: &Variant) -> VariantEntry {
    let pci = variant.pci.iter();
    let pci = pci.map(|id| format!("{:04x}:{:04x}", id.vendor, id.device));
    VariantEntry {
        name: variant.name.clone(),
        title: variant.title.clone(),
        pci: listed(pci),
        qemu: match &variant.qemu {
            Some(device) => format!("`{device}`"),
            None => "none".to_owned(),
        },
        sent: nic.tx_frame_max(variant),
        received: nic.rx_frame_max(variant),
    }
}

/// Names in code style.
fn listed<S: AsRef<str>>(names: impl Iterator<Item = S>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{}`", name.as_ref())).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests;
