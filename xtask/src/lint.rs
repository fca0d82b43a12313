//! `cargo xtask lint`: errors in the specs.

mod formats;

use std::path::Path;

use clap::{Args, ValueEnum};
use miette::bail;
use nicspecs::{Finding, Report, SpecFile};

use crate::branch;
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
  cargo xtask lint --format short           one line per error, for editors
  cargo xtask lint --format json            one JSON document, for editors and scripts
  cargo xtask lint --format github          annotations of a pull request, in a workflow of GitHub")]
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
    /// One JSON document with every error
    Json,
    /// Commands that annotate a pull request on GitHub
    Github,
}

pub fn run(task: &Lint) -> miette::Result<()> {
    let specs = specs::chosen(&task.specs)?;
    let (reports, verdict) = checked(&specs);
    match task.format {
        Format::Long => show(&reports),
        Format::Short => reports
            .iter()
            .for_each(|report| output::print(report.short())),
        Format::Json => out_line!("{:#}", formats::json(specs.len(), &reports)),
        Format::Github => output::print(formats::github(&reports)),
    }
    if !reports.is_empty() {
        bail!("{verdict}");
    }
    if task.format != Format::Json {
        out_line!("{verdict}");
    }
    Ok(())
}

/// The errors in the specs, and a summary.
pub fn checked(specs: &[SpecFile]) -> (Vec<Report>, String) {
    let checked = count(specs.len(), "spec");
    let mut reports = specs::compile(specs).err().unwrap_or_default();
    if !reports.is_empty() && specs.iter().any(|spec| spec.parent().is_some()) {
        let root = specs::root();
        let specs = specs.iter().cloned().map(|spec| since_start(&root, spec));
        let specs: Vec<SpecFile> = specs.collect();
        reports = specs::compile(&specs).err().unwrap_or_default();
    }
    let verdict = match reports.len() {
        0 => format!("{checked}: no errors"),
        wrong => format!("{} in {wrong} of {checked}", found(&reports)),
    };
    (reports, verdict)
}

/// The spec with the texts that the specs which it inherits had when the branch left the main branch.
fn since_start(root: &Path, spec: SpecFile) -> SpecFile {
    let bases = spec.lineage().skip(1).filter_map(|base| {
        let path = base.path.strip_prefix(root).unwrap_or(&base.path);
        let start = branch::start(root)?;
        let text = branch::git(root, &["show", &format!("{start}:{}", path.display())])?;
        Some((base.stem(), text))
    });
    let bases: Vec<(String, String)> = bases.collect();
    let with = |spec: SpecFile, (base, text)| spec.with_earlier(base, text);
    bases.into_iter().fold(spec, with)
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

#[cfg(test)]
mod tests {
    use std::fs;

    use nicspecs::TOY;

    use super::*;

    #[test]
    fn the_earlier_text_of_every_inherited_spec_is_that_of_the_main_branch() {
        let folder = tempfile::tempdir().unwrap();
        let (root, nicspecs) = (folder.path(), folder.path().join("nicspecs"));
        let git = |arguments: &str| {
            let arguments: Vec<&str> = arguments.split(' ').collect();
            branch::git(root, &arguments).unwrap_or_else(|| panic!("git {arguments:?}"));
        };
        let write = |name: &str, text: &str| fs::write(nicspecs.join(name), text).unwrap();
        fs::create_dir(&nicspecs).unwrap();
        write("toy.yaml", TOY);
        let heir = |name: &str, like: &str, ids: [&str; 2], rest: &str| {
            format!(
                "like: {like}\n\nnic: {{ name: {name}, title: Heir, datasheet: Heir }}\n\nvariants:\n  \
                 - {{ name: A, title: Heir A, pci: [\"{}\"] }}\n  \
                 - {{ name: B, title: Heir B, pci: [\"{}\"] }}\n\n{rest}",
                ids[0], ids[1]
            )
        };
        let steps = "sequences: { start: { section: \"1\", steps: [{ flush: STATUS }] } }\n";
        let between = heir("between", "toy", ["1234:0003", "1234:0004"], "");
        write("between.yaml", &between);
        let last = heir("last", "between", ["1234:0005", "1234:0006"], steps);
        write("last.yaml", &last);
        git("init --quiet --initial-branch main");
        git("add .");
        git("-c user.name=a -c user.email=a@example.org commit --quiet -m first");
        write("toy.yaml", &TOY.replace("STATUS", "DEVSTAT"));

        let specs = nicspecs::load_dir(&nicspecs).unwrap().into_iter();
        let specs = specs.map(|spec| spec.seen_from(root));
        let last = specs.filter(|spec| spec.stem() == "last");
        let last = last.map(|spec| since_start(root, spec)).next().unwrap();
        let report = last.compile().unwrap_err();
        let help = report.findings()[0].help().unwrap_or_default();
        assert!(help.contains("`toy` has renamed `STATUS`"), "{help}");
    }
}
