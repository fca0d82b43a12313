//! `cargo xtask bench`: cycles per frame, compared with rooflines.

use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use xtask_workspace::cargo;

/// Measure cycles per frame of txsync and rxsync, compared with rooflines
#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask bench
  cargo xtask bench -- --nic NAME --batch 256 --rounds 401")]
pub struct Bench {
    /// Arguments of the benchmark; `-- --help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub fn run(task: &Bench) -> miette::Result<()> {
    cargo::succeed(Command::new(build()?).args(&task.arguments))
}

/// Builds the benchmark, and says where its program is.
pub fn build() -> miette::Result<PathBuf> {
    // Mangled names of this scheme contain the NIC and the pool of a function, which the tier `panic-free` needs. One
    // build serves both, because linking takes a minute.
    let rustc = "rustc --release --package netmap-bench -- -C symbol-mangling-version=v0";
    cargo::succeed(&cargo::building("the benchmark", rustc))?;
    Ok(cargo::target_directory()?.join("release/netmap-bench"))
}
