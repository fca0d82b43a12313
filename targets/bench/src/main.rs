//! The yardstick: time-stamp-counter cycles a frame of `txsync` and `rxsync`, beside the bare loops that any such sync
//! has to contain, for every NIC, in one run.
//!
//! Registers are plain memory, so what is measured is the sync and nothing else; the device's part (setting done bits)
//! runs between the timed calls.

#![deny(missing_docs)]

mod memory_bus;
mod report;
mod roofline;
mod subject;
mod timer;

use std::process::ExitCode;

use clap::Parser;
use netmap_core::Driver;

use crate::report::Table;
use crate::subject::Case;

/// Cycles a frame of txsync and rxsync for every NIC, beside their rooflines.
#[derive(Debug, Parser)]
#[command(
    name = "netmap-bench",
    after_help = "Examples:\n  netmap-bench\n  netmap-bench --nic 82599 --batch 256 --rounds 401\n\n\
        Ratios are medians of the ratios within a round; absolute figures of a shared machine mean little."
)]
struct Args {
    /// Only this NIC (default: all)
    #[arg(long)]
    nic: Option<String>,
    /// Frames a sync
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32, 256])]
    batch: Vec<u32>,
    /// Slots of a ring
    #[arg(long, value_delimiter = ',', default_values_t = [512, 1024])]
    ring: Vec<u32>,
    /// Rounds in which everything that is compared runs once
    #[arg(long, default_value_t = 101)]
    rounds: u32,
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
    let mut table = Table::new();
    for &slots in &args.ring {
        for &batch in &args.batch {
            if batch >= slots {
                eprintln!(
                    "netmap-bench: a ring of {slots} slots takes batches of {} at most, not {batch}",
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
                    eprintln!(
                        "netmap-bench: no NIC `{name}`; there are {}",
                        netmap_nics::NAMES.join(", ")
                    );
                    return ExitCode::from(2);
                }
            }
        }
    }
    table.print();
    if table.has_gaps() {
        eprintln!("netmap-bench: the machine was too unsteady for some rows; run again");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
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
