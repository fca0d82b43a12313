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
    run(build("xtask-review", "")?, task)
}

pub fn mutate(task: &Arguments) -> miette::Result<()> {
    let program = match task.only_print() {
        true => build(MUTATION, "")?,
        false => mutation()?,
    };
    run(program, task)
}

impl Arguments {
    /// Whether the program only prints something and runs nothing.
    fn only_print(&self) -> bool {
        let mut arguments = self.arguments.iter();
        arguments.any(|argument| ["-h", "--help", "--list"].contains(&argument.as_str()))
    }
}

const MUTATION: &str = "xtask-mutation";

/// The program prints its errors itself; its exit status becomes ours.
fn run(mut program: Command, task: &Arguments) -> miette::Result<()> {
    let status = program.args(&task.arguments).status();
    let status = status
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot run {}", cargo::line(&program)))?;
    match status.success() {
        true => Ok(()),
        false => exit(status.code().unwrap_or(1)),
    }
}

/// Builds the program that changes facts, and the suite that it runs: with a test, cargo selects the features that all
/// tests are built with, so that nothing is built twice.
pub fn mutation() -> miette::Result<Command> {
    build(MUTATION, "--test conformance")
}

fn build(program: &str, and: &str) -> miette::Result<Command> {
    let build = format!("build --workspace --bin {program} {and}");
    let programs = cargo::programs(&mut cargo::building(program, &build))?;
    let program = programs.into_iter().find(|built| built.ends_with(program));
    let program = program.ok_or_else(|| miette!("cargo did not report the path of the program"))?;
    Ok(Command::new(program))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::Task;

    #[test]
    fn help_and_lists_need_no_suite() {
        let only_print = |line: &str| {
            let words = ["cargo xtask", "mutate"].into_iter();
            let task = Task::try_parse_from(words.chain(line.split_whitespace())).unwrap();
            let Task::Mutate(arguments) = task else {
                panic!("another task");
            };
            arguments.only_print()
        };
        assert!(only_print("--help") && only_print("-h") && only_print("--list --kind ring"));
        assert!(!only_print("") && !only_print("--all --quick"));
    }
}
