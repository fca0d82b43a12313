//! `cargo xtask test`: every check of the project, in tiers.

mod conformance;
mod sanitizer;

use std::time::{Duration, Instant};

use clap::Args;
use miette::bail;

use crate::failure::Failure;
use crate::{cargo, generate, kmod, mutate, panic_free, qemu};

/// Run every check of the project
#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask test
  cargo xtask test --only tests,generated
  cargo xtask test --list
  cargo xtask test --nic NAME --bus qemu

A tier that cannot run here is skipped, with the reason; if the environment variable CI is set, it fails.")]
pub struct Test {
    /// Only these tiers
    #[arg(long, value_delimiter = ',', value_name = "TIER")]
    only: Vec<String>,
    /// List the tiers, and the behaviours and cells of the conformance suite
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    cells: conformance::Cells,
}

struct Tier {
    name: &'static str,
    what: &'static str,
    run: fn() -> Result<(), Failure>,
}

const TIERS: [Tier; 13] = [
    Tier {
        name: "format",
        what: "the code is formatted",
        run: format,
    },
    Tier {
        name: "generated",
        what: "generated/ and the tables of NICs match the specs",
        run: generated,
    },
    Tier {
        name: "clippy",
        what: "no clippy warning",
        run: clippy,
    },
    Tier {
        name: "docs",
        what: "the documentation builds without a warning",
        run: docs,
    },
    Tier {
        name: "no-std",
        what: "the core and the drivers build without std and without the device models",
        run: no_std,
    },
    Tier {
        name: "tests",
        what: "the tests of all crates",
        run: tests,
    },
    Tier {
        name: "conformance",
        what: "every behaviour on every NIC, simulated and on QEMU's models",
        run: || conformance::Cells::default().run(),
    },
    Tier {
        name: "mutants",
        what: "the tests notice a sample of wrong facts",
        run: || Ok(mutate::run(&mutate::Mutate::sample())?),
    },
    Tier {
        name: "qemu",
        what: "the qemu: bus, and the programs and the kernel module's Rust half on it",
        run: qemu_tests,
    },
    Tier {
        name: "long",
        what: "ten million frames through every simulated NIC without a kick doorbell",
        run: conformance::long,
    },
    Tier {
        name: "panic-free",
        what: "no sync function of any NIC can reach a panic",
        run: no_panics,
    },
    Tier {
        name: "sanitizer",
        what: "the tests of the kernel module's Rust half under AddressSanitizer and ThreadSanitizer",
        run: sanitizer::run,
    },
    Tier {
        name: "kmod",
        what: "the kernel module builds as far as this machine allows, and its machine code has nothing that a kernel forbids",
        run: || kmod::run(&kmod::Kmod::default()),
    },
];

/// Runs `test`.
pub fn run(task: &Test) -> miette::Result<()> {
    if task.list {
        for tier in &TIERS {
            println!("{:<11} {}", tier.name, tier.what);
        }
        return Ok(task.cells.list()?);
    }
    if task.cells.are_chosen() {
        return Ok(task.cells.run()?);
    }
    if let Some(unknown) = task
        .only
        .iter()
        .find(|name| TIERS.iter().all(|tier| tier.name != **name))
    {
        bail!("unknown tier `{unknown}`; `cargo xtask test --list` lists the tiers");
    }
    let strict = std::env::var_os("CI").is_some();
    let mut lines = Vec::new();
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for tier in TIERS
        .iter()
        .filter(|tier| task.only.is_empty() || task.only.iter().any(|name| name == tier.name))
    {
        println!("== {}: {}", tier.name, tier.what);
        let start = Instant::now();
        let result = (tier.run)();
        let took = start.elapsed();
        let verdict = match result {
            Ok(()) => {
                passed += 1;
                "passed".to_owned()
            }
            Err(Failure::Cannot(why)) if !strict => {
                skipped += 1;
                format!("skipped: {why}")
            }
            Err(Failure::Cannot(why) | Failure::Failed(why)) => {
                failed += 1;
                eprintln!("{why}");
                format!("FAILED: {}", why.lines().next().unwrap_or_default())
            }
        };
        lines.push(format!(
            "{:<11} {:>6.1} s  {verdict}",
            tier.name,
            Duration::as_secs_f64(&took)
        ));
    }
    println!(
        "\n{}\n{passed} passed, {failed} failed, {skipped} skipped",
        lines.join("\n")
    );
    if failed > 0 {
        bail!("{failed} of {} tiers failed", lines.len());
    }
    Ok(())
}

fn cargo<const N: usize>(arguments: [&str; N]) -> Result<(), Failure> {
    Ok(cargo::succeed(&mut cargo::command(arguments))?)
}

fn format() -> Result<(), Failure> {
    cargo(["fmt", "--all", "--check"])
}

fn generated() -> Result<(), Failure> {
    Ok(generate::run(&generate::Gen::check())?)
}

fn clippy() -> Result<(), Failure> {
    cargo([
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--",
        "-D",
        "warnings",
    ])
}

fn docs() -> Result<(), Failure> {
    let mut doc = cargo::command([
        "doc",
        "--quiet",
        "--workspace",
        "--no-deps",
        "--all-features",
        "--document-private-items",
    ]);
    Ok(cargo::succeed(doc.env("RUSTDOCFLAGS", "-D warnings"))?)
}

fn no_std() -> Result<(), Failure> {
    cargo([
        "check",
        "--quiet",
        "--package",
        "netmap-core",
        "--package",
        "netmap-nics",
        "--lib",
    ])
}

fn tests() -> Result<(), Failure> {
    let mut test = cargo::command(["test", "--quiet", "--workspace"]);
    // These have separate tiers.
    test.env("NETMAP_TEST_QEMU", "no");
    Ok(cargo::succeed(test.env("NETMAP_TEST_CONFORMANCE", "no"))?)
}

fn qemu_tests() -> Result<(), Failure> {
    qemu::provide().map_err(Failure::Cannot)?;
    let mut test = cargo::command([
        "test",
        "--quiet",
        "--package",
        "netmap-userspace",
        "--test",
        "qemu_bus",
        "--test",
        "pkt_gen",
        "--test",
        "nm_info",
    ]);
    cargo::succeed(test.env("NETMAP_TEST_QEMU", "yes"))?;
    let mut kmod = cargo::command(["test", "--quiet", "--package", "netmap-kmod", "qemu"]);
    Ok(cargo::succeed(kmod.env("NETMAP_TEST_QEMU", "yes"))?)
}

/// Two directions times two pools; the benchmark has at least one function for each.
const LEAST_SYNCS: usize = 4;

fn no_panics() -> Result<(), Failure> {
    // Mangled names of this scheme show a function's NIC and pool.
    let mut build = cargo::command(["rustc", "--quiet", "--release", "--package", "netmap-bench"]);
    cargo::succeed(build.args(["--", "-C", "symbol-mangling-version=v0"]))?;
    let program = cargo::target_directory()?.join("release/netmap-bench");
    let panic_free::Proof { syncs, reached } = panic_free::check(&program, LEAST_SYNCS)
        .map_err(|error| Failure::Failed(error.to_string()))?;
    println!("{syncs} sync functions reach {reached} functions and no panic");
    Ok(())
}
