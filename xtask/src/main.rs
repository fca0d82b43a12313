//! The project's tasks: `cargo xtask --help`.
#![forbid(unsafe_code)]

#[cfg(test)]
mod afternoon_tests;
mod bench;
mod build;
mod cargo;
mod debian;
mod demo;
mod diff;
mod docs;
mod failure;
mod generate;
mod interrupt;
mod kmod;
mod lint;
mod machine_code;
mod mutate;
#[cfg(test)]
mod neutral_tests;
mod new_nic;
mod outputs;
mod pages;
mod panic_free;
mod qemu;
#[cfg(test)]
mod removal_tests;
mod render;
mod rustfmt;
mod specs;
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
    Diff(diff::Diff),
    Build(build::Build),
    Docs(docs::Docs),
    Test(test::Test),
    Demo(demo::Demo),
    Bench(bench::Bench),
    Mutate(mutate::Mutate),
}

fn main() -> miette::Result<()> {
    match Task::parse() {
        Task::NewNic(task) => new_nic::run(&task),
        Task::Gen(task) => generate::run(&task),
        Task::Lint(task) => lint::run(&task),
        Task::Diff(task) => diff::run(&task),
        Task::Build(task) => build::run(&task),
        Task::Docs(task) => docs::run(&task),
        Task::Test(task) => test::run(&task),
        Task::Demo(task) => demo::run(&task),
        Task::Bench(task) => bench::run(&task),
        Task::Mutate(task) => mutate::run(&task),
    }
}
