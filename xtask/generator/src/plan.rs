//! What is to be written, and what differs from it.

use std::path::{Path, PathBuf};

use miette::{IntoDiagnostic, WrapErr, bail};
use nicspecs::{Report, SpecFile};
use xtask_workspace::interrupt;
use xtask_workspace::specs::{self, count};

use crate::outputs::{self, Difference, Outputs};
use crate::{pages, render};
use xtask_workspace::{out_line, output};

/// The folder of the crate.
pub const CRATE: &str = "generated";

/// What there is to do.
#[derive(Debug)]
pub struct Plan {
    root: PathBuf,
    nics: usize,
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
        let (scopes, mut rendered, pages) = match (one, nics.as_slice()) {
            (true, [nic]) => {
                let module = folder.join("src").join(nic.module());
                (vec![module], render::one(nic)?, Outputs::new())
            }
            _ => {
                let scopes = vec![folder.join("freebsd"), folder.join("src")];
                (scopes, render::all(&nics)?, pages::all(root, &nics)?)
            }
        };
        rendered.extend(render::freebsd(&nics, !one)?);
        if !one {
            rendered.extend(render::freebsd_boundary(root)?);
        }
        let rendered = rendered.into_iter();
        let rendered = rendered.map(|(path, text)| (folder.join(path), text));
        let outputs = pages.into_iter().chain(rendered).collect();
        let differences = outputs::compare(root, &scopes, &outputs)
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot compare with {}", root.display()))?;
        Ok(Ok(Self {
            root: root.to_owned(),
            nics: nics.len(),
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
        let (files, nics) = (count(self.files, "file"), count(self.nics, "NIC"));
        format!("{files} of {nics}")
    }
}

#[cfg(test)]
mod tests;
