//! The conformance suite: selected cells, and its report.

use std::process::Command;

use clap::Args;

use crate::failure::Failure;
use crate::qemu;
use xtask_workspace::cargo;
use xtask_workspace::err_line;

/// Selected cells of the conformance matrix.
#[derive(Args, Default)]
pub struct Cells {
    /// Run only the conformance suite, for this NIC
    #[arg(long, value_name = "NIC")]
    nic: Option<String>,
    /// Run only the conformance suite, for this variant
    #[arg(long, value_name = "VARIANT")]
    variant: Option<String>,
    /// Run only the conformance suite, on this bus: sim or qemu
    #[arg(long, value_name = "BUS")]
    bus: Option<String>,
    /// Run only behaviours with this in the name
    #[arg(long, value_name = "WORDS")]
    behaviour: Option<String>,
}

impl Cells {
    /// Whether the command line selects any.
    pub fn are_chosen(&self) -> bool {
        [&self.nic, &self.variant, &self.bus, &self.behaviour]
            .into_iter()
            .any(Option::is_some)
    }

    fn arguments(&self) -> Vec<String> {
        let named = [
            ("--nic", &self.nic),
            ("--variant", &self.variant),
            ("--bus", &self.bus),
        ];
        let named = named
            .into_iter()
            .filter_map(|(name, value)| Some([name.to_owned(), value.clone()?]));
        named.flatten().chain(self.behaviour.clone()).collect()
    }

    /// Runs the suite for them and writes `target/conformance.json`.
    pub fn run(&self) -> Result<(), Failure> {
        if let Err(why) = self.qemu() {
            // The suite skips cells on QEMU with a reason; if nothing may be skipped, that is a failure.
            err_line!("{why}");
        }
        let report = cargo::target_directory()?.join("conformance.json");
        let mut suite = suite()?;
        suite.arg("--quiet").arg("--report").arg(report);
        Ok(cargo::succeed(suite.args(self.arguments()))?)
    }

    fn qemu(&self) -> Result<(), String> {
        let elsewhere = self.bus.as_ref().is_some_and(|bus| bus != "qemu");
        if elsewhere { Ok(()) } else { qemu::provide() }
    }

    /// Prints behaviours and cells.
    pub fn list(&self) -> Result<(), Failure> {
        Ok(cargo::succeed(
            suite()?.arg("--matrix").args(self.arguments()),
        )?)
    }
}

/// The first variant of each NIC on the simulator, by behaviours that do not repeat others.
pub fn quick() -> Result<(), Failure> {
    let quick = ["--quiet", "--bus", "sim", "--first", "--quick"];
    Ok(cargo::succeed(suite()?.args(quick))?)
}

/// The long behaviours. The build of the other ones is fast enough for them, and checks for overflow.
pub fn long() -> Result<(), Failure> {
    let long = ["--quiet", "--ignored", "--hangs-after", "900"];
    Ok(cargo::succeed(suite()?.args(long))?)
}

/// A call of the suite; options of its own follow.
fn suite() -> Result<Command, Failure> {
    let mut suite = cargo::tests("the conformance suite", "--test conformance")?;
    suite.arg("--");
    Ok(suite)
}
