//! Sends a capture through ports with a loopback wire, resets each device half way, and compares every byte.

mod cycles;
mod journey;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use netmap_nics::NAMES;
use netmap_userspace::program::{self, Stop, at_file};
use netmap_userspace::{BusKind, PortName};

use crate::journey::{Capture, Result};

/// Send a capture through ports with a loopback wire, and reset each device half way.
#[derive(Debug, Parser)]
#[command(name = "netmap-demo", after_help = examples())]
struct Args {
    /// Ports, as `sim:<nic>` or `qemu:<device>`
    #[arg(required = true)]
    ports: Vec<String>,
    /// The frames to send
    #[arg(long, value_name = "PCAP")]
    capture: PathBuf,
    /// Frames to send through each port on the bus `sim`; the capture repeats
    #[arg(long, default_value_t = 300_000)]
    frames: u64,
    /// The same for the bus `qemu`, where a register access takes tens of microseconds
    #[arg(long, default_value_t = 60_000)]
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
    let args = Args::parse();
    program::run("netmap-demo", |stop| run(&args, stop))
}

fn run(args: &Args, stop: &Stop) -> Result<()> {
    let capture = Capture::read(&args.capture).map_err(at_file("cannot read", &args.capture))?;
    println!("{}", capture.summary());
    println!(
        "{:<10} {:<19} {:>8} {:>12} {:>13} {:>7}  reset",
        "nic", "bus", "frames", "frames/s", "cycles/frame", "resent"
    );
    let mut lost = 0;
    for port in &args.ports {
        let name = format!("{port}?wire=loop");
        let frames = match name.parse::<PortName>()?.bus {
            BusKind::Sim => args.frames,
            BusKind::Qemu => args.qemu_frames,
        };
        let Some(done) = journey::run(&name, &capture, frames, stop)? else {
            return Ok(());
        };
        lost += done.lost;
        println!(
            "{:<10} {:<19} {:>8} {:>12.0} {:>13} {:>7}  survived{}",
            done.variant,
            port,
            done.frames,
            done.frames as f64 / done.time.as_secs_f64(),
            done.cycles.map_or_else(
                || "-".to_owned(),
                |cycles| (cycles / done.frames).to_string()
            ),
            done.resent,
            match done.lost {
                0 => String::new(),
                lost => format!(", {lost} lost on the wire"),
            },
        );
    }
    let but = match lost {
        0 => "",
        _ => ", except those lost on the wire",
    };
    println!(
        "every frame came back unchanged and in order{but}; cycles: txsync and rxsync, with register accesses"
    );
    Ok(())
}
