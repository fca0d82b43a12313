//! What is to be written, and what differs from it.

use std::path::{Path, PathBuf};

use miette::{IntoDiagnostic, WrapErr, bail};
use nicspecs::ir::Nic;
use nicspecs::{Report, SpecFile};
use xtask_workspace::interrupt;
use xtask_workspace::specs::{self, count};

use crate::outputs::{self, Difference, Outputs};
use crate::{pages, render};
use xtask_workspace::{out_line, output};

/// The folder of the crate.
pub const CRATE: &str = "generated";

/// The folders in it of which every file is generated.
pub const GENERATED: [&str; 2] = ["freebsd", "src"];

/// What there is to do.
#[derive(Debug)]
pub struct Plan {
    root: PathBuf,
    nics: usize,
    /// NICs of the tests.
    toys: usize,
    files: usize,
    /// Files that are not as they should be.
    pub differences: Vec<Difference>,
}

impl Plan {
    /// Compiles, renders and compares; touches nothing. The inner error is what is wrong with the specs.
    pub fn new(
        root: &Path,
        specs: &[SpecFile],
        one: bool,
    ) -> miette::Result<Result<Self, Vec<Report>>> {
        let nics = match specs::compile(specs) {
            Ok(nics) => nics,
            Err(reports) => return Ok(Err(reports)),
        };
        let folder = Path::new(CRATE);
        let (scopes, outputs) = match (one, nics.as_slice()) {
            (true, [nic]) => {
                let mut files = render::one(nic)?;
                files.extend(render::freebsd(&made(&nics), false)?);
                let module = folder.join("src").join(nic.module());
                (vec![module], in_crate(files))
            }
            _ => {
                let outputs = everything(root, &nics, render::all(&nics)?)?;
                (GENERATED.map(|name| folder.join(name)).into(), outputs)
            }
        };
        let differences = outputs::compare(root, &scopes, &outputs)
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot compare with {}", root.display()))?;
        let toys = nics.iter().filter(|nic| nic.is_toy()).count();
        Ok(Ok(Self {
            root: root.to_owned(),
            nics: nics.len() - toys,
            toys,
            files: outputs.len(),
            differences,
        }))
    }

    /// Fails with every difference.
    pub fn check(&self) -> miette::Result<()> {
        if self.differences.is_empty() {
            out_line!("{} are fresh", self.scope());
            return Ok(());
        }
        for difference in &self.differences {
            output::print(difference);
        }
        let files = count(self.differences.len(), "file");
        bail!(
            help = "run `cargo xtask gen` and commit the result",
            "generated files are stale: {files} would change"
        )
    }

    /// Makes the files what they should be, and says how many changed.
    pub fn write(&self) -> miette::Result<String> {
        outputs::apply(&self.root, &self.differences, interrupt::check)
            .into_diagnostic()
            .wrap_err("not every file was written; run `cargo xtask gen` again")?;
        let orphans = self.differences.iter();
        let orphans = orphans.filter(|each| each.new.is_none()).count();
        let written = self.differences.len() - orphans;
        Ok(format!(
            "{}: {written} written, {} unchanged, {orphans} removed",
            self.scope(),
            self.files - written
        ))
    }

    fn scope(&self) -> String {
        let nics = [(self.nics, "NIC"), (self.toys, "toy")].map(|(number, noun)| match number {
            0 => None,
            _ => Some(count(number, noun)),
        });
        let nics: Vec<_> = nics.into_iter().flatten().collect();
        format!("{} of {}", count(self.files, "file"), nics.join(" and "))
    }
}

/// The NICs without the toys, of which there is a driver for tests and nothing else.
fn made(nics: &[Nic]) -> Vec<Nic> {
    let made = nics.iter().filter(|nic| !nic.is_toy());
    made.cloned().collect()
}

/// All files of the specs, by path in the repository; the drivers are already rendered.
pub fn everything(root: &Path, nics: &[Nic], drivers: Outputs) -> miette::Result<Outputs> {
    let mut files = whole_crate(root, nics, drivers)?;
    files.extend(pages::all(root, &made(nics))?);
    Ok(files)
}

/// Every generated file of the crate, by path in the workspace; the drivers are already rendered.
pub fn whole_crate(root: &Path, nics: &[Nic], mut drivers: Outputs) -> miette::Result<Outputs> {
    drivers.extend(render::freebsd(&made(nics), true)?);
    drivers.extend(render::freebsd_boundary(root)?);
    Ok(in_crate(drivers))
}

/// Files of the crate, by path in the workspace.
fn in_crate(files: Outputs) -> Outputs {
    let files = files.into_iter();
    let files = files.map(|(path, text)| (Path::new(CRATE).join(path), text));
    files.collect()
}

#[cfg(test)]
mod tests;
