//! `cargo xtask new-nic`: the skeleton of a spec.

mod inherited;
mod questions;
mod shape;

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use askama::Template;
use clap::Args;
use miette::Diagnostic;
use nicspecs::ir::PciId;
use nicspecs::{SpecFile, identifiers};
use thiserror::Error;

use shape::{Flags, Shape};
use xtask_generator::pages::json_schema;
use xtask_workspace::out_line;
use xtask_workspace::specs::{self, count};

/// Write the skeleton of a new NIC's spec.
///
/// Writes nicspecs/NAME.yaml, in which every fact to be looked up is `TODO`. `cargo xtask lint NAME` then says what to
/// look up, and in which kind of datasheet chapter. A driver can be generated from a spec without gaps and errors.
///
/// Which names the file has depends on how the NIC's rings work: `--handover` and the other options of the shape state
/// that, with the simplest NIC where nothing is stated. On a terminal, the command asks if `--handover` is missing.
///
/// With `--like` the spec states only the differences from another one; once its gaps are filled, lint shows the
/// inherited parts that do not fit. Choose the NIC of the same family with the most registers at the same offsets.
#[derive(Args, Clone)]
#[command(after_help = "Examples:
  cargo xtask new-nic acme100                         a NIC unlike the others; asks how it works
  cargo xtask new-nic acme100 --handover kick --statistics block --pci 1234:0001
  cargo xtask new-nic acme110 --like acme100          state only what differs from acme100")]
pub struct NewNic {
    /// Name of the spec and the generated module: letters, digits and underscores
    name: String,
    /// The spec to inherit from: the NIC with the most registers in common
    #[arg(long, value_name = "NIC")]
    like: Option<String>,
    /// Vendor and device id of the NIC, as shown by `lspci -nn`; may be repeated
    #[arg(long, value_name = "VVVV:DDDD")]
    pci: Vec<String>,
    #[command(flatten)]
    shape: Flags,
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
    #[error("the name `{name}` is taken: `{}` becomes the module `{module}` of the generated crate", taken_by.display())]
    #[diagnostic(help("choose another name"))]
    NameTaken {
        name: String,
        module: String,
        taken_by: PathBuf,
    },
    #[error("`{id}` belongs to `{nic}`, a NIC that is kept with the tests and that no one makes")]
    #[diagnostic(help(
        "`lspci -nn` shows the ids of a NIC; without one, choose an id that no spec has, or leave out `--pci`"
    ))]
    PciOfToy { id: PciId, nic: String },
    #[error("`{id}` belongs to {part}, which `{nic}` covers")]
    #[diagnostic(help(
        "`cargo xtask gen` generates the driver of that NIC; leave out `--pci` if several NICs share the id"
    ))]
    PciTaken {
        id: PciId,
        part: String,
        nic: String,
    },
    #[error("unknown spec `{wanted}`")]
    #[diagnostic(help("`--like` takes one of {known}"))]
    Like { wanted: String, known: String },
    #[error("`{}` exists", path.display())]
    #[diagnostic(help(
        "continue with it: `cargo xtask lint {name}` shows what is missing; or choose another name"
    ))]
    Exists { path: PathBuf, name: String },
    #[error("it is not stated how the NIC takes new descriptors")]
    #[diagnostic(help(
        "add `--handover tail`, `kick` or `owner`, or `--like NIC`; on a terminal the command asks. `--help` lists the \
         other options of the shape: `--completion`, `--ring-end`, `--tx-queues`, `--rx-queues`, `--phy`, `--statistics` \
         and `--interrupts`"
    ))]
    NoShape,
    #[error("`--completion` is only for `--handover tail`")]
    #[diagnostic(help("leave it out: the owner bit of a descriptor reports completion"))]
    OwnerCompletes,
    #[error("cannot ask")]
    Ask(#[source] io::Error),
    #[error("cannot write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// A complete spec. Keys that are required beyond these become gaps.
#[derive(Template)]
#[template(path = "spec.yaml.jinja", escape = "none")]
struct Alone<'a> {
    name: &'a str,
    pci: String,
    shape: Shape,
}

/// A spec with `like`.
#[derive(Template)]
#[template(path = "spec_like.yaml.jinja", escape = "none")]
struct Heir<'a> {
    name: &'a str,
    pci: String,
    like: &'a str,
    /// Whether inherited parts may name variants of the other spec.
    has_variants: bool,
}

pub fn run(task: &NewNic) -> miette::Result<()> {
    let mut task = task.clone();
    let is_stated = task.like.is_some() || task.shape.handover.is_some();
    if !is_stated && io::stdin().is_terminal() && io::stderr().is_terminal() {
        let asked = questions::ask(task.shape, &mut io::stdin().lock(), &mut io::stderr());
        task.shape = asked.map_err(Refusal::Ask)?.ok_or(Refusal::NoShape)?;
    }
    out_line!("{}", begin(&specs::root(), &task)?);
    Ok(())
}

/// Writes the spec to a workspace. Returns what to do next.
pub fn begin(root: &Path, task: &NewNic) -> miette::Result<String> {
    let specs = specs::with_toys_of(root)?;
    let text = text(task, &specs)?;
    let shown = Path::new("nicspecs").join(format!("{}.yaml", task.name));
    write(root, &shown, task, &text)?;
    let report = SpecFile::new(&shown, &*text).among(&specs).compile();
    let gaps = report.err().map_or(0, |report| {
        let gaps = report.findings().iter().filter(|finding| finding.is_gap());
        gaps.count()
    });
    let inherits = task
        .like
        .as_ref()
        .map_or(String::new(), |like| inherited(like, &specs));
    Ok(format!(
        "{}: {} to fill\n{inherits}next: `cargo xtask lint {}` says what to look up, and where",
        shown.display(),
        count(gaps, "gap"),
        task.name
    ))
}

/// What the new spec has without stating it, and what it states.
fn inherited(like: &str, specs: &[SpecFile]) -> String {
    let base = specs.iter().find(|spec| spec.stem() == like);
    let table = match base.map(SpecFile::compile) {
        Some(Ok(nic)) => inherited::table(&nic),
        _ => format!(
            "  everything that is in its file, which has errors: `cargo xtask lint {like}`\n"
        ),
    };
    format!(
        "inherited from {like}:\n{table}stated anew: `nic` and `variants`, and all that differs\n"
    )
}

/// The text of the new file, next to these specs and toys.
fn text(task: &NewNic, specs: &[SpecFile]) -> Result<String, Refusal> {
    let name = task.name.as_str();
    if !identifiers::is_nic(name) || !identifiers::is_free_module(&identifiers::module(name)) {
        return Err(Refusal::Name(name.to_owned()));
    }
    free_module(name, specs)?;
    let ids = task.pci.iter();
    let ids = ids.map(|id| Ok(format!("\"{}\"", pci_id(id, specs)?)));
    let pci = match ids.collect::<Result<Vec<_>, Refusal>>()? {
        ids if ids.is_empty() => "TODO".to_owned(),
        ids => ids.join(", "),
    };
    let rendered = match &task.like {
        Some(wanted) => {
            let base = parent(wanted, specs)?;
            let nic = base.compile();
            Heir {
                name,
                pci,
                like: wanted,
                has_variants: nic.is_ok_and(|nic| nic.variants().len() > 1),
            }
            .render()
        }
        None => {
            let shape = Shape::new(&task.shape)?;
            Alone { name, pci, shape }.render()
        }
    };
    let begun = rendered.expect("a template that only inserts words renders") + "\n";
    let spec = SpecFile::new(
        name,
        nicspecs::with_gaps(&begun).expect("a template of YAML"),
    );
    Ok(spec.among(specs).formatted().expect("a template of YAML"))
}

/// Refuses a name whose module another spec has. That the NIC has a spec already is found when it is written.
fn free_module(name: &str, specs: &[SpecFile]) -> Result<(), Refusal> {
    let module = identifiers::module(name);
    let mut others = specs
        .iter()
        .filter(|spec| spec.is_toy() || spec.stem() != name);
    match others.find(|other| identifiers::module(&other.stem()) == module) {
        None => Ok(()),
        Some(other) => Err(Refusal::NameTaken {
            name: name.to_owned(),
            taken_by: other.path.clone(),
            module,
        }),
    }
}

/// The id in the form of specs, if it is valid and no spec claims it.
fn pci_id(wanted: &str, specs: &[SpecFile]) -> Result<PciId, Refusal> {
    let id = PciId::parse(wanted).ok_or_else(|| Refusal::Pci(wanted.to_owned()))?;
    for spec in specs {
        let claims = spec.claims();
        if let Some(claim) = claims.into_iter().find(|claim| claim.id == id) {
            let (part, nic) = (claim.part, spec.stem());
            return Err(match spec.is_toy() {
                true => Refusal::PciOfToy { id, nic },
                false => Refusal::PciTaken { id, part, nic },
            });
        }
    }
    Ok(id)
}

/// The spec of that name, which is no toy.
fn parent<'a>(wanted: &str, specs: &'a [SpecFile]) -> Result<&'a SpecFile, Refusal> {
    let nics = || specs.iter().filter(|spec| !spec.is_toy());
    let found = nics().find(|spec| spec.stem() == wanted);
    found.ok_or_else(|| {
        let known: Vec<_> = nics().map(SpecFile::stem).collect();
        Refusal::Like {
            wanted: wanted.to_owned(),
            known: known.join(", "),
        }
    })
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
