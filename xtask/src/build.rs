//! `cargo xtask build`: the programs of a target.

use std::process::Stdio;

use clap::{Args, ValueEnum};
use miette::{IntoDiagnostic, WrapErr, bail};

use crate::cargo;

/// Build the programs of a target, optimised.
#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask build userspace")]
pub struct Build {
    /// What to build for
    #[arg(value_enum)]
    target: Target,
}

#[derive(Clone, Copy, ValueEnum)]
enum Target {
    /// Programs for this machine
    Userspace,
}

impl Target {
    fn package(self) -> &'static str {
        match self {
            Self::Userspace => "netmap-userspace",
        }
    }
}

/// Runs `build`.
pub fn run(task: &Build) -> miette::Result<()> {
    let package = task.target.package();
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
    // One JSON object a line; those with an executable name a program.
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
