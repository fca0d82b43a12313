//! `cargo xtask demo`: generates, builds, and sends frames through every NIC.

use clap::Args;
use miette::bail;

use xtask_workspace::{cargo, specs};

use crate::{generate, qemu};
use xtask_workspace::err_line;

const CAPTURE: &str = "targets/userspace/tests/data/traffic.pcap";

/// Generate, build, and send a capture of real traffic through every NIC
#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask demo
  cargo xtask demo --no-qemu")]
pub struct Demo {
    /// Leave out the NICs that QEMU models
    #[arg(long)]
    no_qemu: bool,
}

pub fn run(task: &Demo) -> miette::Result<()> {
    let qemu = match task.no_qemu {
        true => Err("left out by --no-qemu".to_owned()),
        false => qemu::provide(),
    };
    generate::run(&generate::Gen::default())?;
    let specs = specs::all()?;
    let Ok(nics) = specs::compile(&specs) else {
        bail!("the specs do not compile, although the drivers were just generated")
    };
    let mut ports: Vec<String> = nics
        .iter()
        .map(|nic| format!("sim:{}", nic.name()))
        .collect();
    match &qemu {
        Ok(()) => {
            let devices = nics
                .iter()
                .flat_map(|nic| nic.variants())
                .filter_map(|variant| Some(&*variant.qemu.as_ref()?.device));
            ports.extend(devices.map(|device| format!("qemu:{device}")));
        }
        Err(why) => err_line!("skipped: bus qemu: {why}"),
    }
    let run = "run --release --package netmap-userspace --bin netmap-demo --";
    let mut demo = cargo::building("the programs", run);
    cargo::succeed(demo.args(["--capture", CAPTURE]).args(&ports))
}
