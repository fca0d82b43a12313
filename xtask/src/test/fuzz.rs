//! The fuzz targets: built with libFuzzer's instrumentation and AddressSanitizer, each run for a while.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use miette::{IntoDiagnostic as _, WrapErr as _};
use xtask_workspace::{cargo, specs};

use super::sanitizer::{HOST, runs_here};
use crate::failure::Failure;
use xtask_workspace::out_line;

/// The flags of cargo-fuzz: counters at every edge, and the operands of comparisons.
const FLAGS: &str = "--cfg fuzzing -Zsanitizer=address -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";
/// Seconds for each target.
const SECONDS: u32 = 30;
/// Targets that run at the same time.
const AT_ONCE: usize = 2;

/// Runs every target.
pub fn run() -> Result<(), Failure> {
    runs_here()?;
    if Command::new("c++").arg("--version").output().is_err() {
        let why = "libFuzzer needs a C++ compiler: install the package g++";
        return Err(Failure::Cannot(why.to_owned()));
    }
    let folder = cargo::target_directory()?.join("fuzz");
    let programs = build(&folder)?;
    let names = programs.iter().filter_map(|program| program.file_name());
    let names: Vec<_> = names.map(|name| name.to_string_lossy()).collect();
    let runs: Vec<_> = names.iter().zip(&programs).collect();
    for some in runs.chunks(AT_ONCE) {
        out_line!(
            "each for {SECONDS} s; failing inputs go to {}",
            folder.display()
        );
        let mut commands = Vec::new();
        for (name, program) in some {
            commands.push((name.as_ref(), command(name, program, &folder)?));
        }
        cargo::succeed_at_once(commands)?;
    }
    Ok(())
}

fn build(folder: &Path) -> miette::Result<Vec<PathBuf>> {
    let mut build = cargo::building("the fuzz targets", "build --release --bins --locked");
    build.args(["--manifest-path", "targets/fuzz/Cargo.toml"]);
    // With an explicit target, proc macros and build scripts are built without instrumentation.
    build.args(["--target", HOST, "--target-dir"]).arg(folder);
    build.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", FLAGS);
    build.env_remove("CARGO_ENCODED_RUSTFLAGS");
    cargo::programs(&mut build)
}

/// The call of one target, on its seeds and on the inputs that earlier runs have found.
fn command(name: &str, program: &Path, folder: &Path) -> miette::Result<Command> {
    let found = folder.join("corpus").join(name);
    fs::create_dir_all(&found)
        .into_diagnostic()
        .wrap_err_with(|| found.display().to_string())?;
    let root = specs::root();
    let mut command = Command::new(program);
    command.arg(found);
    command.arg(root.join("targets/fuzz/corpus").join(name));
    if name == "spec" {
        let toy = root.join("nicspecs/src/check/toy.yaml");
        command.arg(format!("-seed_inputs={}", toy.display()));
    }
    command.arg(format!("-max_total_time={SECONDS}"));
    command.args(["-timeout=10", "-rss_limit_mb=1024"]);
    command.arg(format!("-artifact_prefix={}/{name}-", folder.display()));
    Ok(command)
}
