//! `cargo xtask mutate`: how many wrong facts of a spec are noticed.
#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]

mod attempt;
mod choose;
mod compiled;
mod page;
mod report;
mod suite;
mod verdict;

use std::fs;

use clap::Parser;
use miette::{IntoDiagnostic, WrapErr, bail};
use nicspecs::SpecFile;
use nicspecs::mutants::{Kind, Mutant, mutants};

use attempt::Outcome;
use page::Page;
use report::Report;
use xtask_workspace::{interrupt, specs};
use xtask_workspace::{out_line, output};

/// Change one fact of a spec at a time, and count which changes a rule or the conformance suite notices
#[derive(Parser)]
#[command(
    bin_name = "cargo xtask mutate",
    after_help = "Examples:
  cargo xtask mutate                      # a sample, as `cargo xtask test` has it
  cargo xtask mutate --nic NAME --all
  cargo xtask mutate --all --quick        # three quarters of an hour on two processors
  cargo xtask mutate --all --write        # takes longer; writes docs/src/mutation.md
  cargo xtask mutate --all --kind ring    # facts whose driver must be compiled
  cargo xtask mutate --list --matching TXDCTL

Only the driver gets the changed fact; the simulated device is that of the unchanged spec. The result of each change is
written to target/mutation.json."
)]
struct Mutate {
    /// Only this NIC, which may be a toy of the tests; may be repeated
    #[arg(long, value_name = "NIC")]
    nic: Vec<String>,
    /// Every change instead of a sample
    #[arg(long)]
    all: bool,
    /// Skip the behaviours that repeat the check of another one at many positions; a sample always skips them
    #[arg(long)]
    quick: bool,
    /// Number of changes
    #[arg(long, value_name = "COUNT", default_value_t = SAMPLE, conflicts_with = "all")]
    sample: usize,
    /// Seed of the sample; the number of today's date by default, so that the sample changes every day
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Only changes with this in their name
    #[arg(long, value_name = "WORDS")]
    matching: Option<String>,
    /// Only changes of this kind of fact: register, field, value, step, order, state or ring
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<Kind>,
    /// List the changes without trying any
    #[arg(long)]
    list: bool,
    /// Write the chapter of the book with the figures
    #[arg(long, requires = "all", conflicts_with_all = ["nic", "matching", "kind", "list"])]
    write: bool,
}

/// A change to be tried.
struct Candidate<'a> {
    spec: &'a SpecFile,
    mutant: Mutant,
}

impl Candidate<'_> {
    fn name(&self) -> String {
        format!("{}: {}", self.spec.stem(), self.mutant.name())
    }

    /// The spec with the change.
    fn changed(&self) -> SpecFile {
        self.mutant.file(self.spec)
    }
}

/// Default number of changes.
const SAMPLE: usize = 40;

fn kind(name: &str) -> Result<Kind, String> {
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    kind.ok_or_else(|| {
        let names = Kind::ALL.map(Kind::name).join(", ");
        format!("the kinds are {names}")
    })
}

fn main() -> miette::Result<()> {
    let task = Mutate::parse();
    interrupt::defer();
    let is_part = task.matching.is_some() || task.kind.is_some();
    let is_sample = !task.all && !is_part;
    let specs = match task.nic.as_slice() {
        [] if is_sample => specs::with_toys()?,
        [] => specs::all()?,
        nics => specs::chosen(nics)?,
    };
    let mut candidates = Vec::new();
    for spec in &specs {
        let all = mutants(spec)?.into_iter();
        candidates.extend(all.map(|mutant| Candidate { spec, mutant }));
    }
    if let Some(words) = &task.matching {
        candidates.retain(|candidate| candidate.mutant.name().contains(words));
    }
    if let Some(kind) = task.kind {
        candidates.retain(|candidate| candidate.mutant.kind == kind);
    }
    let there_are = candidates.len();
    if is_sample {
        let seed = task.seed.unwrap_or_else(choose::today);
        out_line!(
            "sample of {there_are} changes: --sample {} --seed {seed}",
            task.sample
        );
        let is_extra = |candidate: &Candidate<'_>| task.nic.is_empty() && candidate.spec.is_toy();
        let (of_toys, others) = candidates.into_iter().partition(is_extra);
        candidates = choose::sample(others, task.sample, seed);
        candidates.extend(choose::one_each(of_toys, seed));
    }
    if task.list {
        for Candidate { spec, mutant } in &candidates {
            let (path, name) = (spec.path.display(), mutant.name());
            out_line!("{path}:{}: {name}", mutant.line);
        }
        out_line!("{}", specs::count(candidates.len(), "change"));
        return Ok(());
    }
    let thorough = task.all && !task.quick;
    let Outcome { verdicts, refused } = attempt::all(&candidates, thorough)?;
    let usable = specs
        .iter()
        .filter(|spec| !refused.contains_key(&spec.path));
    let report = Report::new(usable, &candidates, &verdicts)?;
    let json = specs::root().join("target/mutation.json");
    fs::create_dir_all(specs::root().join("target")).into_diagnostic()?;
    fs::write(&json, report.json())
        .into_diagnostic()
        .wrap_err("target/mutation.json")?;
    output::print(report.terminal());
    refuse(refused.into_values())?;
    if task.write {
        let page = report.markdown(thorough);
        fs::write(report::page(), page).into_diagnostic()?;
        out_line!("wrote {}", report::PAGE);
    }
    if thorough && !is_part {
        report.refuse_idle_excuses()?;
    }
    compare(&report, &specs)
}

/// Fails with the NICs whose unchanged drivers do not pass.
fn refuse(refused: impl Iterator<Item = miette::Report>) -> miette::Result<()> {
    let shown = refused.map(|report| output::say(format_args!("Error: {report:?}\n")));
    match shown.count() {
        0 => Ok(()),
        nics => bail!(
            "the changes of {} could not be tried",
            specs::count(nics, "NIC")
        ),
    }
}

/// Fails if changes survive of which the chapter does not know. Those of a toy it never lists, and those of a new NIC when
/// it is next written.
fn compare(report: &Report<'_>, specs: &[SpecFile]) -> miette::Result<()> {
    let text = fs::read_to_string(report::page()).unwrap_or_default();
    let page = Page::read(&text);
    let faults = page.faults();
    if !faults.is_empty() {
        bail!(
            help = "it was changed by hand; `cargo xtask mutate --all --write` writes it again",
            "{} does not list what it counts:\n{}",
            report::PAGE,
            faults.join("\n")
        );
    }
    let is_toy = |name: &str| {
        specs
            .iter()
            .any(|spec| spec.stem() == name && spec.is_toy())
    };
    for name in report
        .not_on(&page)
        .into_iter()
        .filter(|name| !is_toy(name))
    {
        out_line!(
            "{} has no section about {name} yet: `cargo xtask mutate --all --write` adds it",
            report::PAGE
        );
    }
    let unknown = report.survivors_not_on(&page);
    if !unknown.is_empty() {
        bail!(
            "neither rules nor tests detect {}, and {} does not list {}:\n{}",
            specs::count(unknown.len(), "changed fact"),
            report::PAGE,
            if unknown.len() == 1 { "it" } else { "them" },
            unknown.join("\n")
        );
    }
    Ok(())
}
