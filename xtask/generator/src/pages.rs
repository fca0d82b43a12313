//! Pages generated from the specs and their language: the README's table of NICs, the book's page of NICs, the tables
//! of the language reference, the list of rules, and the JSON Schema.

pub mod json_schema;
mod language;
mod rules;

use std::fs;
use std::path::Path;

use askama::Template;
use miette::{IntoDiagnostic, WrapErr, bail};
use nicspecs::Printer;
use nicspecs::ir::{Constant, Interrupts, Limit, Nic, RingLimits, Variant};

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
    let Some(text) = replaced(&text, &print(&Table { nics })?) else {
        bail!(
            help = format!("add these two lines where the table belongs:\n{BEGIN}{END}"),
            "README.md has no place for the table of NICs"
        );
    };
    let page = print(&Page { nics })?;
    Ok([
        ("README.md".into(), text),
        ("docs/src/nics.md".into(), page),
        (language::PAGE.into(), language::page(root)?),
        (rules::PAGE.into(), rules::page(root)?),
        (json_schema::FILE.into(), json_schema::text()),
    ]
    .into())
}

/// The pages for some NICs, without the text around the table.
pub fn of(nics: &[Nic]) -> miette::Result<Outputs> {
    Ok([
        ("README.md".into(), print(&Table { nics })?),
        ("docs/src/nics.md".into(), print(&Page { nics })?),
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
    nics: &'a [Nic],
}

/// The book's page.
#[derive(Template)]
#[template(path = "nics.md.jinja", escape = "none")]
struct Page<'a> {
    nics: &'a [Nic],
}

/// Both directions with their queues and limits of rings.
fn rings(nic: &Nic) -> [(&'static str, u32, RingLimits); 2] {
    let (tx, rx) = (nic.tx(), nic.rx());
    [
        ("transmit", tx.queues, tx.ring),
        ("receive", rx.queues, rx.ring),
    ]
}

/// The queues of a variant that both directions have.
fn queues(nic: &Nic, variant: &Variant) -> u32 {
    let [tx, rx] = [Limit::TxQueues, Limit::RxQueues].map(|limit| nic.limit(variant, limit));
    tx.min(rx)
}

/// The completion schemes.
fn schemes(nic: &Nic) -> String {
    let completions = nic.tx().completions.iter();
    listed(completions.map(|completion| completion.scheme().name()))
}

/// Interrupt modes, and the throttle.
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

/// The value of a constant, and the values of variants that differ.
fn values(nic: &Nic, constant: &Constant) -> String {
    let variants = nic.variants().iter().zip(&constant.values);
    let others = variants.filter(|(_, value)| **value != constant.value());
    let others = others.map(|(variant, value)| format!(", {value} on `{}`", variant.name));
    format!("{}{}", constant.value(), others.collect::<String>())
}

/// The PCI ids of a variant, and what distinguishes it from others with the same ids.
fn pci(nic: &Nic, variant: &Variant) -> String {
    let ids = listed(variant.pci.iter().map(ToString::to_string));
    match &variant.when {
        Some(when) => {
            // A bar separates the columns of a table.
            let when = Printer::new(nic.variants()).cond(when).replace('|', "\\|");
            format!("{ids} if `{when}`")
        }
        None => ids,
    }
}

/// The variants with narrower limits than those that the page shows, and these limits.
fn narrowed(nic: &Nic) -> Vec<(&str, String)> {
    let of = |variant: &'_ Variant| {
        let shown = [Limit::TxFrameMax, Limit::RxFrameMax];
        let limits = variant.limits.iter();
        let limits = limits.filter(|(limit, _)| !shown.contains(limit));
        listed(limits.map(|(limit, value)| format!("{} {value}", limit.path().join("."))))
    };
    let variants = nic.variants().iter();
    let variants = variants.map(|variant| (variant.name.as_str(), of(variant)));
    variants.filter(|(_, limits)| !limits.is_empty()).collect()
}

/// QEMU's model of a variant.
fn qemu(variant: &Variant) -> String {
    let qemu = variant.qemu.as_ref();
    qemu.map_or("none".to_owned(), |qemu| format!("`{}`", qemu.device))
}

/// The same, and in what it differs from the part.
fn qemu_differences(variant: &Variant) -> String {
    let mut text = qemu(variant);
    if let Some(model) = &variant.qemu {
        if model.lossy {
            text += ", lossy";
        }
        if !model.lacks.is_empty() {
            text += &format!(
                ", lacks {}",
                listed(model.lacks.iter().map(|lack| lack.name()))
            );
        }
    }
    text
}

/// The names of counters.
fn counters(nic: &Nic) -> String {
    match nic.statistics() {
        [] => "none".to_owned(),
        counters => listed(counters.iter().map(|counter| &counter.name)),
    }
}

/// Names in code style.
fn listed<S: AsRef<str>>(names: impl Iterator<Item = S>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{}`", name.as_ref())).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests;
