//! `cargo xtask diff` and `cargo xtask mutate`: programs of their own, built on demand, so that a change of the generator
//! neither opens nor builds them.

use std::process::{Command, exit};

use clap::Args;
use miette::{IntoDiagnostic, WrapErr, miette};
use xtask_workspace::cargo;

/// Arguments of the program, which has its own `--help`.
#[derive(Args)]
#[command(disable_help_flag = true)]
pub struct Arguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<String>,
}

pub fn diff(task: &Arguments) -> miette::Result<()> {
    run("xtask-review", task)
}

pub fn mutate(task: &Arguments) -> miette::Result<()> {
    run("xtask-mutation", task)
}

/// The program prints its errors itself; its exit status becomes ours.
fn run(program: &str, task: &Arguments) -> miette::Result<()> {
    let status = build(program)?.args(&task.arguments).status();
    let status = status
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot run {program}"))?;
    match status.success() {
        true => Ok(()),
        false => exit(status.code().unwrap_or(1)),
    }
}

/// Builds one of them, with the features that the tests of the workspace are built with.
pub fn build(program: &str) -> miette::Result<Command> {
    let mut build = cargo::building(program, &format!("build --workspace --bin {program}"));
    let programs = cargo::programs(&mut build)?;
    let program = programs.into_iter().find(|built| built.ends_with(program));
    let program = program.ok_or_else(|| miette!("cargo did not report the path of the program"))?;
    Ok(Command::new(program))
}
