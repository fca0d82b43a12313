//! Sends a capture through ports with a loopback wire, resets each device half way, and compares every byte.

mod cycles;
mod journey;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use netmap_nics::NAMES;
use netmap_userspace::program::{self, Stop, print};
use netmap_userspace::{BusKind, PortName, WireEnd};

use crate::journey::{Capture, Result};

/// Send a capture through ports with a loopback wire, and reset each device half way.
#[derive(Debug, Parser)]
#[command(name = "netmap-demo", after_help = examples())]
struct Args {
    /// Ports, as `sim:<nic>` or `qemu:<device>`
    #[arg(required = true)]
    ports: Vec<PortName>,
    /// The frames to send
    #[arg(long, value_name = "PCAP")]
    capture: PathBuf,
    /// Frames to send through each port on the bus `sim`; the capture repeats
    #[arg(long, default_value_t = 300_000, value_parser = clap::value_parser!(u64).range(1..))]
    frames: u64,
    /// The same for the bus `qemu`, where a register access takes tens of microseconds
    #[arg(long, default_value_t = 60_000, value_parser = clap::value_parser!(u64).range(1..))]
    qemu_frames: u64,
}

/// Examples with existing NICs.
fn examples() -> String {
    let ports: Vec<_> = NAMES.iter().map(|nic| format!("sim:{nic}")).collect();
    format!(
        "Examples:
  netmap-demo --capture traffic.pcap {}
  netmap-demo --capture traffic.pcap --qemu-frames 3000 qemu:DEVICE",
        ports.join(" ")
    )
}

fn main() -> ExitCode {
    match program::parse::<Args>() {
        Ok(args) => program::run("netmap-demo", |stop| run(&args, stop)),
        Err(status) => status,
    }
}

fn run(args: &Args, stop: &Stop) -> Result<()> {
    let config = journey::config();
    for port in &args.ports {
        port.check(&config)?;
        if port.wire != WireEnd::None {
            return Err(
                format!("{port}: the wire returns every frame here; leave its option out").into(),
            );
        }
    }
    let Some(capture) = Capture::read(&args.capture, stop)? else {
        return Ok(());
    };
    print(format_args!(
        "{}\n{:<10} {:<19} {:>8} {:>12} {:>13} {:>7}  reset\n",
        capture.summary(),
        "nic",
        "bus",
        "frames",
        "frames/s",
        "cycles/frame",
        "resent"
    ))?;
    let (mut lost, mut failed) = (0, Vec::new());
    for port in &args.ports {
        let frames = match port.bus {
            BusKind::Sim => args.frames,
            BusKind::Qemu => args.qemu_frames,
        };
        let looped = PortName {
            wire: WireEnd::Loop,
            ..port.clone()
        };
        // One NIC that fails hides no other.
        let done = match journey::run(&looped, &capture, frames, stop) {
            Ok(Some(done)) => done,
            Ok(None) => return Ok(()),
            Err(failure) if args.ports.len() == 1 => return Err(failure),
            Err(failure) => {
                print(format_args!(
                    "{:<10} {:<19} failed: {failure}\n",
                    "",
                    port.nic()
                ))?;
                failed.push(port.to_string());
                continue;
            }
        };
        lost += done.lost;
        print(format_args!(
            "{:<10} {:<19} {:>8} {:>12.0} {:>13} {:>7}  survived{}\n",
            done.variant,
            port.nic().to_string(),
            done.frames,
            done.frames as f64 / done.time.as_secs_f64(),
            done.cycles
                .and_then(|cycles| cycles.checked_div(done.frames))
                .map_or_else(|| "-".to_owned(), |cycles| cycles.to_string()),
            done.resent,
            match done.lost {
                0 => String::new(),
                lost => format!(", {lost} lost on the wire"),
            },
        ))?;
    }
    if !failed.is_empty() {
        return Err(format!(
            "{} of {} ports failed: {}",
            failed.len(),
            args.ports.len(),
            failed.join(", ")
        )
        .into());
    }
    let but = match lost {
        0 => "",
        _ => ", except those lost on the wire",
    };
    print(format_args!(
        "every frame came back unchanged and in order{but}; cycles: txsync and rxsync, with register accesses\n"
    ))
}
