//! `cargo xtask diff`: what changed between two states of the specs, in terms of the hardware.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]

mod compare;
mod errors;
mod files;
mod heirs;
mod items;
mod markdown;
mod sides;
mod summary;
mod tables;
mod terminal;
#[cfg(test)]
mod tests;
mod wording;

use std::process::exit;

use clap::{Parser, ValueEnum};
use miette::bail;

use crate::compare::Comparison;
use crate::sides::{Repository, State};
use nicspecs::Report;
use xtask_workspace::output;
use xtask_workspace::specs;

/// Show what changed between two states of the specs, in terms of the hardware.
///
/// Compares the meaning of the specs, not their text: changed registers, fields, ring protocols and steps; the effect
/// of each change on the NIC, and the steps and rules that it affects; the generated files that change, and the public
/// items of the generated crate that break. Writes nothing.
#[derive(Parser)]
#[command(
    bin_name = "cargo xtask diff",
    after_help = "Examples:
  cargo xtask diff                         what is not committed yet
  cargo xtask diff main                    this branch, and what is not committed
  cargo xtask diff HEAD~3..HEAD            the last three commits
  cargo xtask diff main --format markdown  for a pull request
  cargo xtask diff --exit-code             fails if anything changed"
)]
struct Diff {
    /// A commit to compare with the working tree, or two commits: `OLD..NEW`
    #[arg(value_name = "REV", default_value = "HEAD")]
    revisions: String,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    /// Only this NIC
    #[arg(long, value_name = "NAME")]
    nic: Option<String>,
    /// Exit with 1 if the meaning of the specs changed, like `git diff --exit-code`
    #[arg(long)]
    exit_code: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// For a terminal
    Terminal,
    /// For the description of a pull request
    Markdown,
}

fn main() -> miette::Result<()> {
    let task = Diff::parse();
    let repository = Repository::new(specs::root());
    let (old, new) = State::pair(&repository, &task.revisions)?;
    let mut sides = (repository.specs(&old)?, repository.specs(&new)?);
    if let Some(name) = &task.nic {
        sides.0.retain(|spec| spec.stem() == *name);
        sides.1.retain(|spec| spec.stem() == *name);
        if sides.0.is_empty() && sides.1.is_empty() {
            bail!("neither {old} nor {new} has a spec named `{name}`");
        }
    }
    let mut comparison = Comparison::new(&sides.0, &sides.1)?;
    comparison.between = (old.to_string(), new.to_string());
    comparison.generator = repository.generator_changes(&old, &new)?;
    if task.nic.is_none() {
        comparison.check_committed(&repository, (&old, &new))?;
    }
    let wrong: Vec<&str> = comparison.errors.iter().map(Report::name).collect();
    match task.format {
        Format::Terminal => output::print_to(&mut anstream::stdout(), terminal::text(&comparison)),
        Format::Markdown => output::print(markdown::text(&comparison)),
    }
    if !wrong.is_empty() {
        bail!(
            help = "the errors are at the beginning of the report; differences are shown as far as a spec can be resolved",
            "not everything could be compared: {} {} errors under today's rules",
            wrong.join(" and "),
            if wrong.len() == 1 { "has" } else { "have" }
        );
    }
    if task.exit_code && comparison.has_changes() {
        exit(1);
    }
    Ok(())
}
