//! `cargo xtask test`: every check of the project, in tiers.

mod changed;
mod conformance;
mod fuzz;
mod sanitizer;
mod times;

use std::time::Instant;

use clap::Args;
use miette::bail;
use xtask_workspace::cargo;

use crate::failure::Failure;
use crate::{apart, bench, fmt, generate, kmod, panic_free, qemu};
use times::{Times, spoken};
use xtask_workspace::{err_line, out_line};

/// Run every check of the project
#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask test
  cargo xtask test --quick
  cargo xtask test --only tests,generated
  cargo xtask test --list
  cargo xtask test --nic NAME --bus qemu

The command first prints what it will run, and about how long each tier takes. With --quick it runs checks that take at
most three minutes after a full build: the first two tiers, clippy for the packages that differ from the main branch and
those that depend on them, the unit tests without searches through whole specs, and the conformance suite of the first
variant of each NIC on the simulator, without the behaviours that repeat the check of another one at many positions.

A tier that cannot run here is skipped, with the reason; if the environment variable CI is set, it fails.")]
pub struct Test {
    /// Only these tiers
    #[arg(long, value_delimiter = ',', value_name = "TIER")]
    only: Vec<String>,
    /// Only the fast checks, for use before a commit
    #[arg(long, conflicts_with_all = ["only", "list", "nic", "variant", "bus", "behaviour"])]
    quick: bool,
    /// List the tiers, and the behaviours and cells of the conformance suite
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    cells: conformance::Cells,
}

struct Tier {
    name: &'static str,
    what: &'static str,
    /// The estimated seconds of its first run here on two processors: with what it builds, except for those of `--quick`.
    about: u32,
    run: fn() -> Result<(), Failure>,
}

const FORMAT: Tier = Tier {
    name: "format",
    what: "the code and the specs are formatted",
    about: 1,
    run: format,
};

const GENERATED: Tier = Tier {
    name: "generated",
    what: "generated/ and the tables of NICs match the specs",
    about: 2,
    run: generated,
};

const TIERS: [Tier; 14] = [
    FORMAT,
    GENERATED,
    Tier {
        name: "clippy",
        what: "no clippy warning",
        about: 65,
        run: clippy,
    },
    Tier {
        name: "docs",
        what: "the documentation builds without a warning",
        about: 20,
        run: docs,
    },
    Tier {
        name: "no-std",
        what: "the core and the drivers build without std and without the device models",
        about: 5,
        run: no_std,
    },
    Tier {
        name: "tests",
        what: "the tests of all crates",
        about: 440,
        run: tests,
    },
    Tier {
        name: "conformance",
        what: "every behaviour on every NIC, simulated and on QEMU's models",
        about: 140,
        run: || conformance::Cells::default().run(),
    },
    Tier {
        name: "mutants",
        what: "the rules and tests detect a sample of deliberately wrong facts",
        about: 200,
        run: || Ok(cargo::succeed(&apart::mutation()?)?),
    },
    Tier {
        name: "qemu",
        what: "the qemu: bus works, and the programs and the kernel module's Rust half work on it",
        about: 25,
        run: qemu_tests,
    },
    Tier {
        name: "long",
        what: "ten million frames through every simulated NIC without a kick doorbell",
        about: 30,
        run: conformance::long,
    },
    Tier {
        name: "panic-free",
        what: "no sync and no reset of a ring of any NIC can reach a panic",
        about: 20,
        run: no_panics,
    },
    Tier {
        name: "sanitizer",
        what: "the tests of the simulator, userspace and the kernel module's Rust half under AddressSanitizer, those with threads under ThreadSanitizer",
        about: 340,
        run: sanitizer::run,
    },
    Tier {
        name: "fuzz",
        what: "random specs, captures, clients, devices and replies of QEMU break nothing",
        about: 190,
        run: fuzz::run,
    },
    Tier {
        name: "kmod",
        what: "the kernel module builds as far as this machine allows, and its machine code follows the rules of a kernel",
        about: 25,
        run: || kmod::run(&kmod::Kmod::default()),
    },
];

/// The checks of `--quick`.
const QUICK: [Tier; 5] = [
    FORMAT,
    GENERATED,
    Tier {
        name: "clippy-changed",
        what: "no clippy warning in packages that differ from the main branch, and in those that depend on them",
        about: 10,
        run: clippy_changed,
    },
    Tier {
        name: "unit-tests",
        what: "the unit tests of all crates, except those that change each value of a spec",
        about: 20,
        run: unit_tests,
    },
    Tier {
        name: "first-variants",
        what: "behaviours of the first variant of every NIC, simulated",
        about: 15,
        run: conformance::quick,
    },
];

pub fn run(task: &Test) -> miette::Result<()> {
    let mut times = Times::read()?;
    if task.list {
        print_plan(&TIERS.iter().collect::<Vec<_>>(), &times);
        return Ok(task.cells.list()?);
    }
    if task.cells.are_chosen() {
        return Ok(task.cells.run()?);
    }
    let mut only = task.only.iter();
    if let Some(unknown) = only.find(|name| TIERS.iter().all(|tier| tier.name != **name)) {
        bail!("unknown tier `{unknown}`; `cargo xtask test --list` lists the tiers");
    }
    let chosen =
        |tier: &&Tier| task.only.is_empty() || task.only.iter().any(|name| name == tier.name);
    let tiers: Vec<_> = match task.quick {
        true => QUICK.iter().collect(),
        false => TIERS.iter().filter(chosen).collect(),
    };
    print_plan(&tiers, &times);
    let strict = std::env::var_os("CI").is_some();
    let mut lines = Vec::new();
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for tier in tiers {
        out_line!("\n== {}: {}", tier.name, tier.what);
        let start = Instant::now();
        let result = (tier.run)();
        let took = start.elapsed().as_secs_f64();
        let verdict = match result {
            Ok(()) => {
                passed += 1;
                times.keep(tier.name, took)?;
                "passed".to_owned()
            }
            Err(Failure::Cannot(why)) if !strict => {
                skipped += 1;
                format!("skipped: {why}")
            }
            Err(Failure::Cannot(why) | Failure::Failed(why)) => {
                failed += 1;
                err_line!("{why}");
                format!("FAILED: {}", why.lines().next().unwrap_or_default())
            }
        };
        lines.push(format!("{:<14} {took:>6.1} s  {verdict}", tier.name));
    }
    out_line!(
        "\n{}\n{passed} passed, {failed} failed, {skipped} skipped",
        lines.join("\n")
    );
    if failed > 0 {
        bail!("{failed} of {} tiers failed", lines.len());
    }
    Ok(())
}

/// Prints the tiers to run and their estimated times.
fn print_plan(tiers: &[&Tier], times: &Times) {
    let mut total = 0.0;
    for tier in tiers {
        let kept = times.of(tier.name);
        let seconds = kept.unwrap_or(f64::from(tier.about));
        total += seconds;
        let about = spoken(seconds) + if kept.is_none() { "*" } else { " " };
        out_line!("{:<14} {about:>8} {}", tier.name, tier.what);
    }
    out_line!(
        "{:<14} {:>7}  times of the last passed runs (* estimated for a first run on two processors)",
        "about",
        spoken(total)
    );
}

fn format() -> Result<(), Failure> {
    cargo::succeed(&cargo::command("fmt --all --check"))?;
    Ok(fmt::run(&fmt::Fmt::check())?)
}

fn generated() -> Result<(), Failure> {
    Ok(generate::run(&generate::Gen::check())?)
}

fn clippy() -> Result<(), Failure> {
    lint("all crates", ["--workspace"])
}

fn clippy_changed() -> Result<(), Failure> {
    let changed = changed::packages()?;
    if changed.is_empty() {
        out_line!("no package differs from the main branch");
        return Ok(());
    }
    let names: Vec<_> = changed.into_iter().collect();
    lint(
        &names.join(", "),
        names.iter().flat_map(|name| ["--package", name]),
    )
}

fn lint<'a>(what: &str, packages: impl IntoIterator<Item = &'a str>) -> Result<(), Failure> {
    let mut clippy = cargo::building(what, "clippy --all-targets --all-features");
    clippy.args(packages).args(["--", "-D", "warnings"]);
    Ok(cargo::succeed(&clippy)?)
}

fn docs() -> Result<(), Failure> {
    let doc = "doc --workspace --no-deps --all-features --document-private-items";
    let mut doc = cargo::building("the documentation of all crates", doc);
    Ok(cargo::succeed(doc.env("RUSTDOCFLAGS", "-D warnings"))?)
}

fn no_std() -> Result<(), Failure> {
    let check = "check --package netmap-core --package netmap-nics --lib";
    let check = cargo::building("the core and the drivers", check);
    Ok(cargo::succeed(&check)?)
}

/// Tests in the sources of libraries and programs, without the library that imports functions from a kernel and so
/// cannot be linked.
const UNIT_TESTS: &str = "--exclude netmap-kmod --lib --bins";

/// Unit tests that take minutes: they change each value of a spec.
const SEARCHES: &str = "every_change_of_a_scalar_of";

fn tests() -> Result<(), Failure> {
    let tests = |selection: &str| -> Result<_, Failure> {
        let mut tests = cargo::tests("the tests of all crates", selection)?;
        // These have separate tiers.
        tests.env("NETMAP_TEST_QEMU", "no");
        tests.env("NETMAP_TEST_CONFORMANCE", "no");
        Ok(tests)
    };
    let (unit, integration) = (tests(UNIT_TESTS)?, tests("--test *")?);
    let mut examples = cargo::command("test --workspace --exclude netmap-kmod --quiet --doc");
    examples.env("NETMAP_TEST_QEMU", "no");
    // Each of them has long tests on one processor, so they run in parallel.
    Ok(cargo::succeed_at_once([
        ("unit tests", unit),
        ("integration tests", integration),
        ("examples of the documentation", examples),
    ])?)
}

fn unit_tests() -> Result<(), Failure> {
    let mut tests = cargo::tests("the unit tests of all crates", UNIT_TESTS)?;
    tests.args(["--", "--skip", SEARCHES]);
    Ok(cargo::succeed(&tests)?)
}

fn qemu_tests() -> Result<(), Failure> {
    qemu::provide().map_err(Failure::Cannot)?;
    let what = "the tests of the bus, of the programs and of the kernel module's half";
    let tests = "--test qemu_bus --test pkt_gen --test nm_info --test captures";
    let mut programs = cargo::tests(what, tests)?;
    programs.env("NETMAP_TEST_QEMU", "yes");
    let mut kmod = cargo::tests(what, "--test boundary")?;
    kmod.env("NETMAP_TEST_QEMU", "yes").args(["--", "qemu"]);
    // Tests on QEMU mostly wait.
    Ok(cargo::succeed_at_once([
        ("bus and programs", programs),
        ("kernel module", kmod),
    ])?)
}

/// Each function is there for two pools.
const LEAST_EACH: usize = 2;

fn no_panics() -> Result<(), Failure> {
    let program = bench::build()?;
    let proof = panic_free::check(&program, &panic_free::ENTRY, LEAST_EACH);
    let panic_free::Proof { checked, reached } =
        proof.map_err(|error| Failure::Failed(error.to_string()))?;
    out_line!("{checked} syncs and resets reach {reached} functions and no panic");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::SEARCHES;
    use xtask_workspace::specs;

    #[test]
    fn the_searches_that_the_quick_run_leaves_out_exist() {
        let tests = specs::root().join("nicspecs/src/difference/tests/keys.rs");
        let tests = fs::read_to_string(tests).unwrap();
        assert_eq!(tests.matches(&format!("fn {SEARCHES}")).count(), 2);
    }
}
