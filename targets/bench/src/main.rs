//! The benchmark: cycles per frame of `txsync` and `rxsync` for every NIC, with minimal bare loops for comparison, in
//! one run.
//!
//! Registers are plain memory, so only the sync is measured; the device's part (setting done bits) runs between the
//! timed calls.

#![deny(missing_docs)]

mod case;
mod memory_bus;
mod placed;
mod queues;
mod report;
mod roofline;
mod subject;
mod timer;

use std::process::ExitCode;

use clap::Parser;
use netmap_core::Driver;

use crate::case::Case;
use crate::report::Table;

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
    let names: Vec<&str> = match &args.nic {
        Some(nic) => vec![nic.as_str()],
        None => netmap_nics::NAMES.to_vec(),
    };
    let timer = timer::Timer::calibrate();
    println!(
        "time-stamp counter: {:.3} GHz, one timed pair costs {} cycles (subtracted)",
        timer.ghz(),
        timer.overhead()
    );
    if !args.queues.is_empty() {
        return match several(&args, &names, &timer) {
            Some(()) => ExitCode::SUCCESS,
            None => unknown(&names),
        };
    }
    let mut table = Table::new();
    for &slots in &args.ring {
        for &batch in &args.batch {
            if batch >= slots {
                eprintln!(
                    "netmap-bench: a ring of {slots} slots allows batches of at most {}, not {batch}",
                    slots - 1
                );
                return ExitCode::from(2);
            }
            let case = Case { slots, batch };
            for name in &names {
                let visitor = Measure {
                    case,
                    rounds: args.rounds,
                    timer: &timer,
                    table: &mut table,
                };
                if netmap_nics::by_name(name, visitor).is_none() {
                    return unknown(&names);
                }
            }
        }
    }
    table.print();
    if table.has_gaps() {
        eprintln!("netmap-bench: the timing varied too much for some rows; run again");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn unknown(names: &[&str]) -> ExitCode {
    eprintln!(
        "netmap-bench: unknown NIC `{}`; the NICs are {}",
        names.join(", "),
        netmap_nics::NAMES.join(", ")
    );
    ExitCode::from(2)
}

/// Prints frames per second with several queues at once; `None` if a NIC is unknown.
fn several(args: &Args, names: &[&str], timer: &timer::Timer) -> Option<()> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{processors} processors; million frames per second, including the device's part");
    println!(
        "{:<8} {:>5} {:>5}  {:>6}  {:>8} {:>8}",
        "nic", "ring", "batch", "queues", "tx", "rx"
    );
    let slots = args.ring.last().copied()?;
    let batch = args.batch.last().copied()?;
    for name in names {
        for &queues in &args.queues {
            let visitor = Several {
                case: Case { slots, batch },
                queues,
                rounds: args.rounds.min(11),
                timer,
            };
            match netmap_nics::by_name(name, visitor)? {
                Some([tx, rx]) => {
                    println!("{name:<8} {slots:>5} {batch:>5}  {queues:>6}  {tx:>8.0} {rx:>8.0}")
                }
                None => println!("{name:<8} {slots:>5} {batch:>5}  {queues:>6}  has fewer queues"),
            }
        }
    }
    Some(())
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
    table: &'a mut Table,
}

impl netmap_nics::Visitor for Measure<'_> {
    type Output = ();

    fn visit<D: Driver>(self) {
        self.table
            .add(subject::measure::<D>(self.case, self.rounds, self.timer));
    }
}
