//! The benchmark: cycles per frame of `txsync` and `rxsync` for every NIC, with minimal bare loops for comparison, in
//! one run.
//!
//! Registers are plain memory, so only the sync is measured; the device's part (setting done bits) runs between the
//! timed calls.

#![deny(missing_docs)]

mod memory_bus;
mod placed;
mod queues;
mod report;
mod roofline;
mod subject;
mod timer;

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use netmap_core::Driver;

use crate::report::{Case, Row};

/// Cycles per frame of txsync and rxsync for every NIC, and of the rooflines.
#[derive(Debug, Parser)]
#[command(
    name = "netmap-bench",
    after_help = "Examples:\n  netmap-bench\n  netmap-bench --nic NAME --batch 256 --rounds 401\n  netmap-bench --queues 1,2,3,4\n\n\
        Ratios are medians of the ratios within a round; absolute figures vary on a shared machine."
)]
struct Args {
    /// Only this NIC (default: all)
    #[arg(long)]
    nic: Option<String>,
    /// Frames per sync
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32, 256])]
    batch: Vec<u32>,
    /// Slots of a ring
    #[arg(long, value_delimiter = ',', default_values_t = [512, 1024])]
    ring: Vec<u32>,
    /// Rounds; each runs every sync and its roofline once
    #[arg(long, default_value_t = 101)]
    rounds: u32,
    /// Measure frames per second with this many queues at once instead, with a thread for each
    #[arg(long, value_delimiter = ',')]
    queues: Vec<u32>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args, &mut io::stdout().lock()) {
        Ok(status) => status,
        // Its reader has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("netmap-bench: cannot write to standard output: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures, and prints to `out`. Returns the exit status.
fn run(args: &Args, out: &mut impl Write) -> io::Result<ExitCode> {
    let names: Vec<&str> = match &args.nic {
        Some(nic) => vec![nic.as_str()],
        None => netmap_nics::NAMES.to_vec(),
    };
    let timer = timer::Timer::calibrate();
    writeln!(
        out,
        "time-stamp counter: {:.3} GHz, one timed pair costs {} cycles (subtracted)",
        timer.ghz(),
        timer.overhead()
    )?;
    if !args.queues.is_empty() {
        return several(args, &names, &timer, out);
    }
    let mut rows = Vec::new();
    for &slots in &args.ring {
        for &batch in &args.batch {
            if batch >= slots {
                eprintln!(
                    "netmap-bench: a ring of {slots} slots allows batches of at most {}, not {batch}",
                    slots - 1
                );
                return Ok(ExitCode::from(2));
            }
            let case = Case { slots, batch };
            for name in &names {
                let visitor = Measure {
                    case,
                    rounds: args.rounds,
                    timer: &timer,
                };
                match netmap_nics::by_name(name, visitor) {
                    Some(more) => rows.extend(more),
                    None => return Ok(unknown(&names)),
                }
            }
        }
    }
    report::print(&mut rows, out)?;
    if rows.iter().any(Row::is_empty) {
        eprintln!("netmap-bench: the machine was too unsteady for some rows; run again");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(names: &[&str]) -> ExitCode {
    eprintln!(
        "netmap-bench: unknown NIC `{}`; the NICs are {}",
        names.join(", "),
        netmap_nics::NAMES.join(", ")
    );
    ExitCode::from(2)
}

/// Prints frames per second with several queues at once. Returns the exit status.
fn several(
    args: &Args,
    names: &[&str],
    timer: &timer::Timer,
    out: &mut impl Write,
) -> io::Result<ExitCode> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    writeln!(
        out,
        "{processors} processors; million frames per second, including the device's part"
    )?;
    writeln!(
        out,
        "{:<8} {:>5} {:>5}  {:>6}  {:>8} {:>8}",
        "nic", "ring", "batch", "queues", "tx", "rx"
    )?;
    let (Some(&slots), Some(&batch)) = (args.ring.last(), args.batch.last()) else {
        return Ok(ExitCode::SUCCESS);
    };
    for name in names {
        for &queues in &args.queues {
            let visitor = Several {
                case: Case { slots, batch },
                queues,
                rounds: args.rounds.min(11),
                timer,
            };
            let Some(measured) = netmap_nics::by_name(name, visitor) else {
                return Ok(unknown(names));
            };
            write!(out, "{name:<8} {slots:>5} {batch:>5}  {queues:>6}  ")?;
            match measured {
                Some([tx, rx]) => writeln!(out, "{tx:>8.0} {rx:>8.0}")?,
                None => writeln!(out, "has fewer queues")?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

struct Several<'a> {
    case: Case,
    queues: u32,
    rounds: u32,
    timer: &'a timer::Timer,
}

impl netmap_nics::Visitor for Several<'_> {
    type Output = Option<[f64; 2]>;

    fn visit<D: netmap_nics::Modelled>(self) -> Option<[f64; 2]> {
        queues::measure::<D>(self.case, self.queues, self.rounds, self.timer)
    }
}

struct Measure<'a> {
    case: Case,
    rounds: u32,
    timer: &'a timer::Timer,
}

impl netmap_nics::Visitor for Measure<'_> {
    type Output = Vec<Row>;

    fn visit<D: Driver>(self) -> Vec<Row> {
        subject::measure::<D>(self.case, self.rounds, self.timer)
    }
}
