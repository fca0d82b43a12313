//! `cargo xtask diff`: what changed between two states of the specs, in terms of the hardware.
#![forbid(unsafe_code)]

mod compare;
mod files;
mod items;
mod markdown;
mod sides;
mod terminal;
#[cfg(test)]
mod tests;
mod wording;

use std::process::exit;

use clap::{Parser, ValueEnum};
use miette::bail;

use crate::compare::Comparison;
use crate::sides::{Repository, State};
use xtask_workspace::{findings, specs};

/// Show what changed between two states of the specs, in terms of the hardware.
///
/// Compares what the specs mean, not how they are written: registers and fields that moved, what the rings answer, steps
/// of sequences; what each change does to the NIC, and which steps and rules it reaches; which generated files follow,
/// and which public items of the generated crate break. Writes nothing.
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
    /// A commit to hold the working tree against, or two of them: `OLD..NEW`
    #[arg(value_name = "REV", default_value = "HEAD")]
    revisions: String,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
    /// Look at this NIC alone
    #[arg(long, value_name = "NAME")]
    nic: Option<String>,
    /// End with 1 if the specs mean something else, as `git diff --exit-code` does
    #[arg(long)]
    exit_code: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// For people at a terminal
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
            bail!("neither {old} nor {new} has a spec that is called `{name}`");
        }
    }
    let mut comparison = Comparison::new(&sides.0, &sides.1)?;
    comparison.between = (old.to_string(), new.to_string());
    comparison.generator = repository.generator_changes(&old, &new)?;
    let mistakes = std::mem::take(&mut comparison.mistakes);
    let wrong: Vec<String> = mistakes
        .iter()
        .map(|report| report.name().to_owned())
        .collect();
    findings::show(&mistakes);
    match task.format {
        Format::Terminal => anstream::print!("{}", terminal::text(&comparison)),
        Format::Markdown => print!("{}", markdown::text(&comparison)),
    }
    if !wrong.is_empty() {
        bail!(
            help = "`cargo xtask lint` says what is wrong; differences are shown as far as a spec has a meaning",
            "not everything could be compared: {} {} mistakes under today's rules",
            wrong.join(" and "),
            if wrong.len() == 1 { "has" } else { "have" }
        );
    }
    if task.exit_code && comparison.has_changes() {
        exit(1);
    }
    Ok(())
}
