//! What tests with a QEMU share.

use std::env;
use std::io::{self, Write as _};

use netmap_userspace::bus::qemu::Qemu;

/// Set to `no`, it leaves out what needs a QEMU: `cargo xtask test` has a tier of its own for that.
const SWITCH: &str = "NETMAP_TEST_QEMU";

/// Whether there is a QEMU for the test `name`.
///
/// A person without one is told what is skipped and why. Where the environment variable `CI` is set nothing may be
/// skipped, and the test fails.
pub fn ready_for(name: &str) -> bool {
    if env::var_os(SWITCH).is_some_and(|value| value == "no") {
        eprintln!("skipped: {name}: {SWITCH} is `no`");
        return false;
    }
    let Err(missing) = Qemu::installed() else {
        return true;
    };
    let ci = env::var_os("CI").is_some_and(|value| !value.is_empty());
    assert!(!ci, "{name}: {missing}");
    // Straight to the terminal: of a test that passes, the harness keeps what `eprintln` says to itself.
    let _ = writeln!(io::stderr(), "skipped: {name}: {missing}");
    false
}

/// Leaves a test that cannot run, by its own name.
#[macro_export]
macro_rules! need_qemu {
    () => {{
        fn here() {}
        let name = std::any::type_name_of_val(&here);
        if !$crate::qemu_support::ready_for(name.strip_suffix("::here").unwrap_or(name)) {
            return;
        }
    }};
}
