//! `cargo xtask build`: the programs and modules of a target.

use clap::{Args, Subcommand};

use crate::kmod;
use xtask_workspace::cargo;
use xtask_workspace::out_line;

/// Build for a target
#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask build userspace
  cargo xtask build kmod")]
pub struct Build {
    #[command(subcommand)]
    target: Target,
}

#[derive(Subcommand)]
enum Target {
    /// Programs for this machine, optimised
    Userspace,
    Kmod(kmod::Kmod),
}

pub fn run(task: &Build) -> miette::Result<()> {
    match &task.target {
        Target::Userspace => programs("netmap-userspace"),
        Target::Kmod(task) => Ok(kmod::run(task)?),
    }
}

/// Builds the programs of a package and prints their paths.
fn programs(package: &str) -> miette::Result<()> {
    let arguments = format!("build --release --package {package} --bins");
    let mut build = cargo::building(package, &arguments);
    for program in cargo::programs(&mut build)? {
        out_line!("{}", program.display());
    }
    Ok(())
}
