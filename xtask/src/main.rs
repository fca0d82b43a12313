//! The project's tasks: `cargo xtask --help`.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]

#[cfg(test)]
mod afternoon_tests;
mod apart;
mod bench;
mod branch;
mod build;
mod debian;
mod demo;
mod docs;
mod failure;
mod fmt;
mod generate;
mod kmod;
mod lint;
mod machine_code;
#[cfg(test)]
mod neutral_tests;
mod new_nic;
mod panic_free;
mod qemu;
mod test;

use clap::Parser;

/// Tasks of the project.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
enum Task {
    NewNic(new_nic::NewNic),
    Gen(generate::Gen),
    Lint(lint::Lint),
    Fmt(fmt::Fmt),
    /// Show what changed between two states of the specs, in terms of the hardware
    Diff(apart::Arguments),
    Build(build::Build),
    Docs(docs::Docs),
    Test(test::Test),
    Demo(demo::Demo),
    Bench(bench::Bench),
    /// Change one fact of a spec at a time, and count which changes a rule or the conformance suite notices
    Mutate(apart::Arguments),
}

fn main() -> miette::Result<()> {
    match Task::parse() {
        Task::NewNic(task) => new_nic::run(&task),
        Task::Gen(task) => generate::run(&task),
        Task::Lint(task) => lint::run(&task),
        Task::Fmt(task) => fmt::run(&task),
        Task::Diff(task) => apart::diff(&task),
        Task::Build(task) => build::run(&task),
        Task::Docs(task) => docs::run(&task),
        Task::Test(task) => test::run(&task),
        Task::Demo(task) => demo::run(&task),
        Task::Bench(task) => bench::run(&task),
        Task::Mutate(task) => apart::mutate(&task),
    }
}
