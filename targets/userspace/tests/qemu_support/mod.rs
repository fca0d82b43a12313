//! Helpers for tests with QEMU.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::env;
use std::io::{self, Write as _};

use netmap_nics::{Modelled, NAMES, Visitor, by_name};
use netmap_userspace::bus::qemu::Qemu;

/// If set to `no`, tests that need QEMU are left out: `cargo xtask test` has a separate tier for them.
const SWITCH: &str = "NETMAP_TEST_QEMU";

/// QEMU's devices that the specs name, each with its NIC; those of a NIC follow each other.
pub fn devices() -> Vec<(&'static str, &'static str)> {
    struct Devices;
    impl Visitor for Devices {
        type Output = Vec<(&'static str, &'static str)>;
        fn visit<D: Modelled>(self) -> Self::Output {
            let variants = D::MODEL.variants.iter();
            let devices = variants.filter_map(|variant| Some((D::NAME, variant.qemu?)));
            devices.collect()
        }
    }
    let each = NAMES.iter().filter_map(|name| by_name(name, Devices));
    each.flatten().collect()
}

/// The port of the first of these devices.
pub fn first_port() -> String {
    let (_, device) = devices()[0];
    format!("qemu:{device}")
}

/// Whether QEMU is available for the test `name`.
///
/// If not, prints what is skipped and why. If the environment variable `CI` is set, the test fails instead.
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
    // Directly to the terminal: the harness hides the `eprintln` output of tests that pass.
    let _ = writeln!(io::stderr(), "skipped: {name}: {missing}");
    false
}

/// Gives the caller's name.
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
