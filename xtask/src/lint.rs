//! `cargo xtask lint`: what is wrong with the specs.

use clap::{Args, ValueEnum};
use miette::bail;
use nicspecs::{Finding, Report, SpecFile};

use xtask_workspace::findings::show;
use xtask_workspace::specs::{self, count};

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
    let (reports, verdict) = checked(&specs::chosen(&task.specs)?);
    if reports.is_empty() {
        println!("{verdict}");
        return Ok(());
    }
    match task.format {
        Format::Long => show(&reports),
        Format::Short => reports
            .iter()
            .for_each(|report| print!("{}", report.short())),
    }
    bail!("{verdict}")
}

/// What is wrong with the specs, and how much that is.
pub fn checked(specs: &[SpecFile]) -> (Vec<Report>, String) {
    let checked = count(specs.len(), "spec");
    let reports = specs::compile(specs).err().unwrap_or_default();
    let verdict = match reports.len() {
        0 => format!("{checked}: no mistakes"),
        wrong => format!("{} in {wrong} of {checked}", found(&reports)),
    };
    (reports, verdict)
}

/// How many mistakes and gaps there are.
fn found(reports: &[Report]) -> String {
    let findings = reports.iter().flat_map(Report::findings);
    let (gaps, mistakes): (Vec<&Finding>, Vec<_>) = findings.partition(|finding| finding.is_gap());
    let words = [(mistakes.len(), "mistake"), (gaps.len(), "gap")];
    let words = words.iter().filter(|(number, _)| *number > 0);
    let words: Vec<_> = words.map(|(number, noun)| count(*number, noun)).collect();
    words.join(" and ")
}
