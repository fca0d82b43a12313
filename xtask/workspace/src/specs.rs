//! The specs in `nicspecs/`, by name.

use std::path::{Path, PathBuf};

use miette::bail;
use nicspecs::ir::Nic;
use nicspecs::{Report, SpecFile};

/// The workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("xtask is in the workspace")
        .to_owned()
}

/// Every spec of the workspace, by name.
pub fn all() -> miette::Result<Vec<SpecFile>> {
    of(&root())
}

/// The same, and the toys that are kept with the tests.
pub fn with_toys() -> miette::Result<Vec<SpecFile>> {
    with_toys_of(&root())
}

/// Every spec of a workspace, by name.
pub fn of(root: &Path) -> miette::Result<Vec<SpecFile>> {
    let specs = with_toys_of(root)?.into_iter();
    Ok(specs.filter(|spec| !spec.is_toy()).collect())
}

/// The same, and the toys of that workspace.
pub fn with_toys_of(root: &Path) -> miette::Result<Vec<SpecFile>> {
    let specs = nicspecs::load_with_toys(root.join("nicspecs"))?;
    // Messages use the same path as generated headers.
    let specs = specs.into_iter().map(|spec| spec.seen_from(root));
    Ok(specs.collect())
}

/// The specs named on a command line; all specs if none is named.
pub fn chosen(wanted: &[String]) -> miette::Result<Vec<SpecFile>> {
    match wanted {
        [] => all(),
        wanted => wanted.iter().map(|wanted| one(wanted)).collect(),
    }
}

/// The spec of that name or path.
pub fn one(wanted: &str) -> miette::Result<SpecFile> {
    if wanted.ends_with(".yaml") {
        return Ok(nicspecs::load(wanted)?);
    }
    let mut specs = with_toys()?;
    match specs.iter().position(|spec| spec.stem() == wanted) {
        Some(index) => Ok(specs.swap_remove(index)),
        None => {
            let names: Vec<_> = specs.iter().map(SpecFile::stem).collect();
            bail!(
                "unknown spec `{wanted}`; the specs are {}",
                names.join(", ")
            )
        }
    }
}

/// Compiles all of them, or collects all errors, each once.
pub fn compile(specs: &[SpecFile]) -> Result<Vec<Nic>, Vec<Report>> {
    let mut nics = Vec::new();
    let mut reports = Vec::new();
    for spec in specs {
        match spec.compile() {
            Ok(nic) => nics.push(nic),
            Err(report) => reports.push(report),
        }
    }
    match reports.is_empty() {
        true => Ok(nics),
        false => Err(Report::joined(reports)),
    }
}

/// `1 file`, `2 files`.
pub fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
