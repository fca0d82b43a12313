//! `cargo xtask docs`: the book.

use std::io;
use std::process::Command;

use clap::Args;
use miette::{IntoDiagnostic, bail};

use crate::specs;

/// Render the book in docs/ with mdBook, if that is installed.
#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask docs          render to docs/book/
  cargo xtask docs --open   and show it")]
pub struct Docs {
    /// Show the book in a browser
    #[arg(long)]
    open: bool,
}

/// Runs `docs`.
pub fn run(task: &Docs) -> miette::Result<()> {
    let mut mdbook = Command::new("mdbook");
    mdbook.arg("build").arg(specs::root().join("docs"));
    if task.open {
        mdbook.arg("--open");
    }
    match mdbook.status() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            println!("skipped: mdBook is not installed; `cargo install mdbook` brings it");
            Ok(())
        }
        Err(error) => Err(error).into_diagnostic(),
        Ok(status) if status.success() => Ok(()),
        Ok(_) => bail!("the book does not render"),
    }
}
