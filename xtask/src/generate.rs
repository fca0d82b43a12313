//! `cargo xtask gen`: specs to Rust.

use std::time::Duration;

use clap::Args;
use indicatif::ProgressBar;
use miette::bail;
use xtask_generator::Plan;
use xtask_workspace::out_line;
use xtask_workspace::{findings, interrupt, specs};

/// Generate drivers from specs.
///
/// Reads every spec in nicspecs/ and writes the crate in generated/, the book's page of NICs and the README's table of
/// NICs. If any spec has errors, nothing is written. Unchanged files are not touched, and files without a spec are
/// removed.
#[derive(Args, Default)]
#[command(after_help = "Examples:
  cargo xtask gen               after editing a spec
  cargo xtask gen --nic NAME    that NIC alone, while other specs are unfinished
  cargo xtask gen --check       show what `gen` would change; fail if any file would change")]
pub struct Gen {
    /// Show what would change, and fail if any file would
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

pub fn run(task: &Gen) -> miette::Result<()> {
    interrupt::defer();
    let progress = ProgressBar::new_spinner().with_message("compiling specs");
    progress.enable_steady_tick(Duration::from_millis(100));
    let specs = match &task.nic {
        Some(name) => vec![specs::one(name)?],
        None => specs::with_toys()?,
    };
    let plan = match Plan::new(&specs::root(), &specs, task.nic.is_some())? {
        Ok(plan) => plan,
        Err(reports) => {
            progress.finish_and_clear();
            findings::show(&reports);
            bail!("nothing was generated: a spec has errors");
        }
    };
    progress.finish_and_clear();
    match task.check {
        true => plan.check(),
        false => {
            out_line!("{}", plan.write()?);
            Ok(())
        }
    }
}
