//! `cargo xtask lint`: what is wrong with the specs.

use clap::{Args, ValueEnum};
use miette::bail;
use nicspecs::Report;

use crate::specs::{self, count};

/// Check specs and report every mistake.
///
/// Reads specs only and writes nothing.
#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask lint                          every spec
  cargo xtask lint NAME path/to/new.yaml    these
  cargo xtask lint --format short           one line a mistake, for editors")]
pub struct Lint {
    /// Names or paths of specs; all of nicspecs/ if none is given
    #[arg(value_name = "SPEC")]
    specs: Vec<String>,
    /// How to show mistakes
    #[arg(long, value_enum, default_value_t = Format::Long)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// With the lines of the spec around them
    Long,
    /// One line each: `file:line:column: code: message`
    Short,
}

/// Runs `lint`.
pub fn run(task: &Lint) -> miette::Result<()> {
    let specs = specs::chosen(&task.specs)?;
    let checked = count(specs.len(), "spec");
    let Err(reports) = specs::compile(&specs) else {
        println!("{checked}: no mistakes");
        return Ok(());
    };
    let mistakes: usize = reports.iter().map(|report| report.findings().len()).sum();
    let (found, wrong) = (count(mistakes, "mistake"), reports.len());
    let summary = format!("{found} in {wrong} of {checked}");
    match task.format {
        Format::Long => show(reports),
        Format::Short => reports
            .iter()
            .for_each(|report| print!("{}", report.short())),
    }
    bail!("{summary}")
}

/// Shows everything that was found, with the lines of the specs.
pub fn show(reports: Vec<Report>) {
    for report in reports {
        eprintln!("{:?}", miette::Report::new(report));
    }
}
