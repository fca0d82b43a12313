//! `cargo xtask new-nic`: the skeleton of a spec.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use askama::Template;
use clap::Args;
use miette::Diagnostic;
use nicspecs::lifecycle::PORT;
use nicspecs::{SpecFile, identifiers};
use thiserror::Error;

use xtask_generator::pages::json_schema;
use xtask_workspace::out_line;
use xtask_workspace::specs::{self, count};

/// Write the skeleton of a new NIC's spec.
///
/// Writes nicspecs/NAME.yaml, in which every fact to be looked up is `TODO`. `cargo xtask lint NAME` then says what to
/// look up, and in which kind of datasheet chapter. A driver can be generated from a spec without gaps and errors.
///
/// With `--like` the spec states only the differences from another one; once its gaps are filled, lint shows the
/// inherited parts that do not fit. Choose the NIC of the same family with the most registers at the same offsets.
#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask new-nic acme100                         a NIC unlike the others
  cargo xtask new-nic acme100 --pci 1234:0001         with its PCI id
  cargo xtask new-nic acme110 --like acme100          state only what differs from acme100")]
pub struct NewNic {
    /// Name of the spec and the generated module: letters, digits and underscores
    name: String,
    /// The spec to inherit from: the NIC with the most registers in common
    #[arg(long, value_name = "NIC")]
    like: Option<String>,
    /// Vendor and device id of the NIC, as shown by `lspci -nn`
    #[arg(long, value_name = "VVVV:DDDD")]
    pci: Option<String>,
}

/// Why no spec was written.
#[derive(Debug, Diagnostic, Error)]
enum Refusal {
    #[error("invalid name `{0}`")]
    #[diagnostic(help(
        "use lower-case letters and digits, in words with an underscore between them, and no word that Rust, cargo, YAML \
         or the generated crate uses"
    ))]
    Name(String),
    #[error("`{0}` is not a PCI id")]
    #[diagnostic(help(
        "write vendor and device, four hexadecimal digits each, such as 1234:0001; `lspci -nn` shows them"
    ))]
    Pci(String),
    #[error("`{id}` belongs to {part}, which `{nic}` covers")]
    #[diagnostic(help(
        "`cargo xtask gen` generates the driver of that NIC; leave out `--pci` if several NICs share the id"
    ))]
    PciTaken {
        id: String,
        part: String,
        nic: String,
    },
    #[error("unknown spec `{wanted}`")]
    #[diagnostic(help("`--like` takes one of {known}"))]
    Like { wanted: String, known: String },
    #[error("`{wanted}` is itself like `{other}`")]
    #[diagnostic(help("use `--like {other}`: the base of a spec must be complete"))]
    Chain { wanted: String, other: String },
    #[error("`{}` exists", path.display())]
    #[diagnostic(help(
        "continue with it: `cargo xtask lint {name}` shows what is missing; or choose another name"
    ))]
    Exists { path: PathBuf, name: String },
    #[error("cannot write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// A complete spec. Keys that are required beyond these become gaps.
#[derive(Template)]
#[template(path = "spec.yaml.jinja", escape = "none")]
struct Alone<'a> {
    name: &'a str,
    pci: String,
}

/// A spec with `like`.
#[derive(Template)]
#[template(path = "spec_like.yaml.jinja", escape = "none")]
struct Heir<'a> {
    name: &'a str,
    pci: String,
    like: &'a str,
}

pub fn run(task: &NewNic) -> miette::Result<()> {
    out_line!("{}", begin(&specs::root(), task)?);
    Ok(())
}

/// Writes the spec to a workspace. Returns what to do next.
pub fn begin(root: &Path, task: &NewNic) -> miette::Result<String> {
    let specs = specs::of(root)?;
    let text = text(task, &specs)?;
    let shown = Path::new("nicspecs").join(format!("{}.yaml", task.name));
    write(root, &shown, task, &text)?;
    let report = SpecFile::new(&shown, &*text).among(&specs).compile();
    let gaps = report.err().map_or(0, |report| {
        let gaps = report.findings().iter().filter(|finding| finding.is_gap());
        gaps.count()
    });
    Ok(format!(
        "{}: {} to fill\nnext: `cargo xtask lint {}` says what to look up, and where",
        shown.display(),
        count(gaps, "gap"),
        task.name
    ))
}

/// The text of the new file.
fn text(task: &NewNic, specs: &[SpecFile]) -> Result<String, Refusal> {
    let name = task.name.as_str();
    if !identifiers::is_nic(name) || !identifiers::is_free_module(&identifiers::module(name)) {
        return Err(Refusal::Name(name.to_owned()));
    }
    let pci = match &task.pci {
        Some(id) => format!("\"{}\"", pci_id(id, specs)?),
        None => "TODO".to_owned(),
    };
    let rendered = match &task.like {
        Some(wanted) => {
            let like = parent(wanted, specs)?;
            Heir { name, pci, like }.render()
        }
        None => Alone { name, pci }.render(),
    };
    let begun = rendered.expect("a template that only inserts words renders") + "\n";
    Ok(nicspecs::with_gaps(&begun).expect("a template of YAML"))
}

/// The id in the form of specs, if it is valid and unused.
fn pci_id(wanted: &str, specs: &[SpecFile]) -> Result<String, Refusal> {
    let half = |half: &str| half.len() == 4 && half.chars().all(|c| c.is_ascii_hexdigit());
    let is_id = wanted
        .split_once(':')
        .is_some_and(|(vendor, device)| half(vendor) && half(device));
    if !is_id {
        return Err(Refusal::Pci(wanted.to_owned()));
    }
    let id = wanted.to_lowercase();
    // A spec that does not compile yet is skipped.
    for nic in specs.iter().filter_map(|spec| spec.compile().ok()) {
        let taken = nic.variants().iter().find(|variant| {
            let ids = variant.pci.iter();
            ids.map(|pci| format!("{:04x}:{:04x}", pci.vendor, pci.device))
                .any(|known| known == id)
        });
        if let Some(variant) = taken {
            return Err(Refusal::PciTaken {
                id,
                part: variant.title.clone(),
                nic: nic.name().to_owned(),
            });
        }
    }
    Ok(id)
}

/// The name of a complete spec.
fn parent<'a>(wanted: &'a str, specs: &[SpecFile]) -> Result<&'a str, Refusal> {
    match specs.iter().find(|spec| spec.stem() == wanted) {
        None => {
            let known = specs.iter().filter(|spec| spec.parent().is_none());
            let known: Vec<_> = known.map(SpecFile::stem).collect();
            Err(Refusal::Like {
                wanted: wanted.to_owned(),
                known: known.join(", "),
            })
        }
        Some(spec) => match spec.parent() {
            Some(other) => Err(Refusal::Chain {
                wanted: wanted.to_owned(),
                other: other.stem(),
            }),
            None => Ok(wanted),
        },
    }
}

/// Writes a new file, completely or not at all.
fn write(root: &Path, shown: &Path, task: &NewNic, text: &str) -> Result<(), Refusal> {
    let path = root.join(shown);
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => Refusal::Exists {
            path: shown.to_owned(),
            name: task.name.clone(),
        },
        _ => Refusal::Write {
            path: shown.to_owned(),
            source,
        },
    };
    if fs::exists(&path).map_err(failed)? {
        return Err(failed(io::ErrorKind::AlreadyExists.into()));
    }
    let mut staged = xtask_generator::outputs::temporary(&path).map_err(failed)?;
    staged.write_all(text.as_bytes()).map_err(failed)?;
    match staged.persist_noclobber(&path) {
        Ok(_) => Ok(()),
        Err(error) => Err(failed(error.error)),
    }
}

#[cfg(test)]
mod tests;
