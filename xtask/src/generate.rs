//! `cargo xtask gen`: specs to Rust.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use indicatif::ProgressBar;
use miette::{IntoDiagnostic, WrapErr, bail};
use nicspecs::ir::Nic;
use nicspecs::{Report, SpecFile};

use crate::outputs::{self, Difference, Kind, Outputs};
use crate::specs::{self, count};
use crate::{interrupt, lint, pages, render};

/// Generate drivers from specs.
///
/// Reads every spec in nicspecs/ and writes the crate in generated/, the book's page of NICs and the README's table of
/// NICs. If any spec has errors, nothing is written. Unchanged files are not touched, and files without a spec are
/// removed.
#[derive(Args, Default)]
#[command(after_help = "Examples:
  cargo xtask gen               after editing a spec
  cargo xtask gen --nic NAME    that NIC alone, while other specs are unfinished
  cargo xtask gen --check       show what `gen` would change; fails if that is anything")]
pub struct Gen {
    /// Show what would change, and fail if anything would
    #[arg(long)]
    check: bool,
    /// Only the files of this NIC
    #[arg(long, value_name = "NAME")]
    nic: Option<String>,
}

impl Gen {
    /// `gen --check`.
    pub fn check() -> Self {
        Self {
            check: true,
            nic: None,
        }
    }
}

/// Runs `gen`.
pub fn run(task: &Gen) -> miette::Result<()> {
    interrupt::defer();
    let progress = ProgressBar::new_spinner().with_message("compiling specs");
    progress.enable_steady_tick(Duration::from_millis(100));
    let specs = match &task.nic {
        Some(name) => vec![specs::one(name)?],
        None => specs::all()?,
    };
    let plan = match Plan::new(&specs::root(), &specs, task.nic.is_some())? {
        Ok(plan) => plan,
        Err(reports) => {
            progress.finish_and_clear();
            lint::show(&reports);
            bail!("nothing was generated: a spec has errors");
        }
    };
    progress.finish_and_clear();
    match task.check {
        true => plan.check(),
        false => {
            println!("{}", plan.write()?);
            Ok(())
        }
    }
}

/// The folder of the crate.
pub const CRATE: &str = "generated";

/// The differences to write.
#[derive(Debug)]
pub struct Plan {
    root: PathBuf,
    nics: usize,
    files: usize,
    /// Files that differ from the generated ones.
    pub differences: Vec<Difference>,
}

impl Plan {
    /// Compiles, renders and compares without writing. The inner error has the errors of the specs.
    pub fn new(
        root: &Path,
        specs: &[SpecFile],
        one: bool,
    ) -> miette::Result<Result<Self, Vec<Report>>> {
        let nics = match specs::compile(specs) {
            Ok(nics) => nics,
            Err(reports) => return Ok(Err(reports)),
        };
        let (scopes, mut rendered, pages) = match (one, nics.as_slice()) {
            (true, [nic]) => (vec![module(nic)], render::one(nic)?, Outputs::new()),
            _ => (
                vec![
                    Path::new(CRATE).join("freebsd"),
                    Path::new(CRATE).join("src"),
                ],
                render::all(&nics)?,
                pages::all(root, &nics)?,
            ),
        };
        rendered.extend(render::freebsd(&nics, !one)?);
        if !one {
            rendered.extend(render::freebsd_boundary(root)?);
        }
        let rendered = rendered.into_iter();
        let rendered = rendered.map(|(path, text)| (Path::new(CRATE).join(path), text));
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
            println!("{} are up to date", self.scope());
            return Ok(());
        }
        for difference in &self.differences {
            print!("{difference}");
        }
        let files = count(self.differences.len(), "file");
        bail!(
            help = "run `cargo xtask gen` and commit the result",
            "generated files are stale: {files} would change"
        )
    }

    /// Writes the files. Returns how many changed, as text.
    pub fn write(&self) -> miette::Result<String> {
        outputs::apply(&self.root, &self.differences, interrupt::check)
            .into_diagnostic()
            .wrap_err("not every file was written; run `cargo xtask gen` again")?;
        let orphans = self
            .differences
            .iter()
            .filter(|difference| difference.kind == Kind::Orphan)
            .count();
        let written = self.differences.len() - orphans;
        Ok(format!(
            "{}: {written} written, {} unchanged, {orphans} removed",
            self.scope(),
            self.files - written
        ))
    }

    fn scope(&self) -> String {
        format!(
            "{} of {}",
            count(self.files, "file"),
            count(self.nics, "NIC")
        )
    }
}

fn module(nic: &Nic) -> PathBuf {
    Path::new(CRATE).join("src").join(nic.module())
}

#[cfg(test)]
mod tests;
