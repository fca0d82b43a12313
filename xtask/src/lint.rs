//! `cargo xtask lint`: errors in the specs.

use clap::{Args, ValueEnum};
use miette::bail;
use nicspecs::{Finding, Report, SpecFile};

use xtask_workspace::findings::show;
use xtask_workspace::specs::{self, count};
use xtask_workspace::{out_line, output};

/// Check specs and report every error.
///
/// Only reads specs and writes nothing.
#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask lint                          every spec
  cargo xtask lint NAME path/to/new.yaml    these
  cargo xtask lint --format short           one line per error, for editors")]
pub struct Lint {
    /// Names or paths of specs; by default all of nicspecs/
    #[arg(value_name = "SPEC")]
    specs: Vec<String>,
    /// Output format
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

pub fn run(task: &Lint) -> miette::Result<()> {
    let (reports, verdict) = checked(&specs::chosen(&task.specs)?);
    if reports.is_empty() {
        out_line!("{verdict}");
        return Ok(());
    }
    match task.format {
        Format::Long => show(&reports),
        Format::Short => reports
            .iter()
            .for_each(|report| output::print(report.short())),
    }
    bail!("{verdict}")
}

/// The errors in the specs, and a summary.
pub fn checked(specs: &[SpecFile]) -> (Vec<Report>, String) {
    let checked = count(specs.len(), "spec");
    let reports = specs::compile(specs).err().unwrap_or_default();
    let verdict = match reports.len() {
        0 => format!("{checked}: no errors"),
        wrong => format!("{} in {wrong} of {checked}", found(&reports)),
    };
    (reports, verdict)
}

/// The number of errors and gaps.
fn found(reports: &[Report]) -> String {
    let findings = reports.iter().flat_map(Report::findings);
    let (gaps, errors): (Vec<&Finding>, Vec<_>) = findings.partition(|finding| finding.is_gap());
    let left_out: usize = reports.iter().map(Report::left_out).sum();
    let words = [(errors.len() + left_out, "error"), (gaps.len(), "gap")];
    let words = words.iter().filter(|(number, _)| *number > 0);
    let words: Vec<_> = words.map(|(number, noun)| count(*number, noun)).collect();
    words.join(" and ")
}
