//! `cargo xtask build`: the programs and modules of a target.

use std::process::Stdio;

use clap::{Args, Subcommand};
use miette::{IntoDiagnostic, WrapErr, bail};

use crate::cargo;
use crate::kmod;

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

/// Runs `build`.
pub fn run(task: &Build) -> miette::Result<()> {
    match &task.target {
        Target::Userspace => programs("netmap-userspace"),
        Target::Kmod(task) => Ok(kmod::run(task)?),
    }
}

/// Builds the programs of a package and prints their paths.
fn programs(package: &str) -> miette::Result<()> {
    let mut build = cargo::command([
        "build",
        "--release",
        "--package",
        package,
        "--bins",
        "--message-format",
        "json-render-diagnostics",
    ]);
    let run = build
        .stderr(Stdio::inherit())
        .output()
        .into_diagnostic()
        .wrap_err("cannot run cargo")?;
    if !run.status.success() {
        bail!("{package} does not build");
    }
    // One JSON object per line; those with an executable name a program.
    for line in String::from_utf8_lossy(&run.stdout).lines() {
        if let Some(program) = line
            .split("\"executable\":\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
        {
            println!("{program}");
        }
    }
    Ok(())
}
