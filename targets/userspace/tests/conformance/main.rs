//! The conformance suite: one list of behaviours, checked on every variant of every NIC, on every bus that has it.
//!
//! [`behaviours::CHAPTERS`] is the list, and [`cell::all`] finds the cells in the specs. So a new NIC is included
//! automatically, and no NIC has its own test. A behaviour that a bus cannot run or that a NIC does not support is
//! skipped, with the reason.
//!
//! ```text
//! cargo test -p netmap-userspace --test conformance -- --nic 82599 --bus sim
//! cargo test -p netmap-userspace --test conformance -- --matrix
//! cargo test -p netmap-userspace --test conformance -- 'a batch of'
//! ```
//!
//! The last command runs behaviours with these words in their names. `cargo xtask test` runs the whole suite and writes
//! the report.

mod asked;
mod behaviours;
mod bench;
mod cell;
mod far;
mod frames;
mod interpreted;
mod lacks;
mod laws;
mod matrix;
mod mutant;
mod report;
mod run;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

/// If set to `no`, the suite is left out: `cargo xtask test` has a separate tier for it.
const SWITCH: &str = "NETMAP_TEST_CONFORMANCE";

/// Options of the suite, besides those of every test harness.
#[derive(Parser)]
struct Options {
    /// Only cells of this NIC
    #[arg(long)]
    nic: Option<String>,
    /// Only cells of this variant
    #[arg(long)]
    variant: Option<String>,
    /// Only cells on this bus: sim or qemu
    #[arg(long)]
    bus: Option<String>,
    /// Only the first variant of each NIC
    #[arg(long)]
    first: bool,
    /// No behaviour that tries at many places what others try at one
    #[arg(long)]
    quick: bool,
    /// Print behaviours and cells without running any
    #[arg(long)]
    matrix: bool,
    /// Write the results to this file, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// A trial that runs for longer hangs: the suite fails, and names the trials under way
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    hangs_after: u64,
    #[command(flatten)]
    mutant: mutant::Mutant,
    #[command(flatten)]
    harness: libtest_mimic::Arguments,
}

/// Why no cell is chosen.
fn no_cell(options: &Options) -> String {
    let unknown = |what: &str, wanted: &Option<String>, of: fn(&cell::Cell) -> &str| {
        let wanted = wanted.as_ref()?;
        let mut known: Vec<_> = cell::all().iter().map(of).collect();
        known.sort_unstable();
        known.dedup();
        let is_known = known.iter().any(|name| name.eq_ignore_ascii_case(wanted));
        let known = known.join(", ");
        (!is_known).then(|| format!("no {what} is called `{wanted}`; there are {known}"))
    };
    unknown("NIC", &options.nic, |cell| &cell.nic)
        .or_else(|| unknown("variant", &options.variant, |cell| &cell.variant))
        .or_else(|| unknown("bus", &options.bus, |cell| cell.bus.name()))
        .unwrap_or_else(|| {
            "no NIC has this variant on this bus; `cargo xtask test --list` lists what there is"
                .to_owned()
        })
}

fn main() -> ExitCode {
    let options = Options::parse();
    if env::var_os(SWITCH).is_some_and(|value| value == "no") {
        println!("left out: {SWITCH} is `no`");
        return ExitCode::SUCCESS;
    }
    if let Some(code) = options.mutant.run(options.quick) {
        return code;
    }
    let is = |wanted: &Option<String>, found: &str| {
        let wanted = wanted.as_ref();
        wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(found))
    };
    let mut cells: Vec<_> = cell::all().iter().collect();
    cells.retain(|cell| {
        is(&options.nic, &cell.nic)
            && is(&options.variant, &cell.variant)
            && is(&options.bus, cell.bus.name())
    });
    if options.first {
        cells.dedup_by(|cell, before| cell.nic == before.nic);
    }
    if cells.is_empty() {
        eprintln!("{}", no_cell(&options));
        return ExitCode::FAILURE;
    }
    if options.matrix {
        print!("{}", matrix::planned(&cells));
        return ExitCode::SUCCESS;
    }

    let limit = Duration::from_secs(options.hangs_after);
    let words = options.harness.filter.clone();
    let (conclusion, records) = run::all(options.harness, &cells, options.quick, limit);
    if records.is_empty() {
        // `cargo test WORDS` also runs this suite, and may mean another test.
        let Some(words) = words.filter(|_| options.report.is_some()) else {
            return conclusion.exit_code();
        };
        eprintln!("no behaviour has `{words}` in its name; `cargo xtask test --list` lists them");
        return ExitCode::FAILURE;
    }
    print!("{}", matrix::shown(&cells, &records));
    if let Some(path) = options.report {
        if let Err(error) = report::write(&path, &cells, &records) {
            eprintln!("writing {}: {error}", path.display());
            return ExitCode::FAILURE;
        }
        println!("report: {}", path.display());
    }
    conclusion.exit_code()
}
