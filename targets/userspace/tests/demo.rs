//! The demo on every variant of every NIC.

mod program_support;

use std::process::{Command, Output};

use netmap_nics::{Modelled, NAMES, Visitor, by_name};
use program_support::{TRAFFIC, text};

fn demo(ports: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_netmap-demo"))
        .args(["--capture", TRAFFIC, "--frames", "3000"])
        .args(ports)
        .output()
        .unwrap()
}

/// The names of all ports on simulated NICs.
fn ports() -> Vec<String> {
    struct Variants;
    impl Visitor for Variants {
        type Output = Vec<String>;
        fn visit<D: Modelled>(self) -> Vec<String> {
            let variants = D::MODEL.variants.iter();
            variants
                .map(|each| format!("sim:{}/{}", D::NAME, each.name))
                .collect()
        }
    }
    let each = NAMES.iter().filter_map(|name| by_name(name, Variants));
    each.flatten().collect()
}

#[test]
fn frames_survive_a_reset_of_every_variant() {
    let ports = ports();
    let output = demo(&ports);
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{shown}{}", text(&output.stderr));
    assert_eq!(shown.matches(" survived").count(), ports.len(), "{shown}");
}
