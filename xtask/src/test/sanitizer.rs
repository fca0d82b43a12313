//! The tests of code at the edges under the compiler's sanitizers.

use crate::failure::Failure;
use crate::kmod::toolchain::Sources;
use xtask_workspace::cargo;

/// The only target that is supported.
pub const HOST: &str = "x86_64-unknown-linux-gnu";

/// Whether the compiler's sanitizers run here.
pub fn runs_here() -> Result<(), Failure> {
    match cfg!(all(
        target_arch = "x86_64",
        target_os = "linux",
        target_env = "gnu"
    )) {
        true => Ok(()),
        false => Err(Failure::Cannot(format!("supported on {HOST} only"))),
    }
}

/// The tests of the packages that use the core on memory that a device, a kernel or another process also accesses.
const ALL: &str = "--package netmap-kmod --package netmap-userspace --package netmap-sim --tests";
/// Tests with threads, gates and interrupts.
const THREADED: &str = "--package netmap-kmod --package netmap-userspace --package netmap-sim --package netmap-core \
    --lib --test boundary --test control --test lifecycle --test threads";

/// A test that runs cargo, whose build the flags would break.
const RUNS_CARGO: &str = "every_example_compiles_outside_of_the_workspace";

/// Runs the tests of all unsafe code under AddressSanitizer, which also checks for leaks, and those with threads under
/// ThreadSanitizer.
pub fn run() -> Result<(), Failure> {
    runs_here()?;
    under("address", ALL, None)?;
    // It reports false races in code without instrumentation, so the library is built with it as well.
    let sources = Sources::provide(&cargo::target_directory()?.join("kmod"))?;
    under("thread", THREADED, Some(&sources))
}

fn under(sanitizer: &str, selection: &str, library: Option<&Sources>) -> Result<(), Failure> {
    let what = format!("the tests for the {sanitizer} sanitizer");
    // The compiler of specs, which few of these tests run, is built quickly.
    let mut test = cargo::building(&what, &format!("test --profile tasks {selection}"));
    // With an explicit target, proc macros and build scripts are built without it.
    test.args(["--target", HOST, "--target-dir"]);
    test.arg(cargo::target_directory()?.join("sanitizer"));
    test.env("RUSTC_BOOTSTRAP", "1");
    test.env("RUSTFLAGS", format!("-Zsanitizer={sanitizer}"));
    test.env_remove("CARGO_ENCODED_RUSTFLAGS");
    // QEMU's tests and the conformance suite have separate tiers.
    test.env("NETMAP_TEST_QEMU", "no");
    test.env("NETMAP_TEST_CONFORMANCE", "no");
    if let Some(library) = library {
        library.configure(&mut test, "std,panic_unwind,test");
    }
    Ok(cargo::succeed(
        test.args(["--", "--quiet", "--skip", RUNS_CARGO]),
    )?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::RUNS_CARGO;
    use xtask_workspace::specs;

    #[test]
    fn the_test_that_is_left_out_exists() {
        let tests = specs::root().join("targets/userspace/tests/outside.rs");
        let tests = fs::read_to_string(tests).unwrap();
        assert!(tests.contains(&format!("fn {RUNS_CARGO}()")));
    }
}
