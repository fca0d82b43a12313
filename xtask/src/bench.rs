//! `cargo xtask bench`: cycles per frame, compared with rooflines.

use clap::Args;

use crate::cargo;

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

/// Runs `bench`.
pub fn run(task: &Bench) -> miette::Result<()> {
    let mut run = cargo::command([
        "run",
        "--quiet",
        "--release",
        "--package",
        "netmap-bench",
        "--",
    ]);
    run.args(&task.arguments);
    cargo::succeed(&mut run)
}
