//! Renders a toy NIC with every template.

mod narrow;
mod odd;
mod owned;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use nicspecs::ir::Nic;
use xtask_workspace::{cargo, specs};

use self::narrow::NARROW;
use self::owned::OWNED;
use super::{all, one};
use crate::outputs::Outputs;

/// Forms that the toy spec does not use, as edits of it.
const MORE: [(&str, &str); 13] = [
    // Variants that only a register distinguishes.
    (
        "pci: [\"1234:0001\"]",
        "pci: [\"1234:0001\"]\n    when: \"CTRL.SPEED == m100\"",
    ),
    (
        "pci: [\"1234:0002\"]",
        "pci: [\"1234:0001\", \"1234:0002\"]",
    ),
    // A numeric option, and a constant that is the same for all variants.
    (
        "doc: \"every frame is returned\" }",
        "doc: \"every frame is returned\" }\n  burst: { default: 3, max: 7, doc: \"descriptors fetched at once\" }",
    ),
    (
        "section: \"2.1\" }\noptions",
        "section: \"2.1\" }\n  wait: { value: 3, doc: \"reads until a queue stands\" }\noptions",
    ),
    // A value read from another array while its own register is changed, a reason, and a long reason.
    (
        "- write: { BURST: 16 }",
        "- write: { BURST: burst }\n        why: the power-on value is wrong\n        section: \"4.7\"\n      \
         - modify: { CTRL: { SPEED: \"RXCTL[1].SIZE & 1\" } }\n        why: a reason that is long enough to need a \
         second line of its own, and then some more words behind it, is wrapped [like this]\n        section: \"1.9\"",
    ),
    // Registers with a lock, and a filter with a bit for each kind of frame.
    (
        "  tx: { enable: [\"TXCTL[queue].ENABLE\"] }\n",
        "  locks:\n    - { unless: \"CTRL.RST or CTRL.SPEED == m100\", registers: [SAL, SAH], section: \"2.4\" }\n  \
         tx: { enable: [\"TXCTL[queue].ENABLE\"] }\n",
    ),
    (
        "rx: { enable: [\"RXCTL[queue].ENABLE\"] }\n  accept: { broadcast: CTRL.BROADCAST, promiscuous: CTRL.ALL, all_multicast: CTRL.MULTI }",
        "rx: { enable: [\"RXCTL[queue].ENABLE\"], longest: \"CTRL.SPEED * 512\" }\n  \
         accept: { broadcast: CTRL.BROADCAST, promiscuous: CTRL.ALL, stations: CTRL.RST, table: CTRL.MULTI }",
    ),
    (
        "station: { low: SAL, high: SAH, valid: SAH.VALID }",
        "station: { low: SAL, high: SAH }",
    ),
    ("    op: OP\n    ready: DONE\n", "    flag: DONE\n"),
    // A value that is too long for its line.
    (
        "- write: { \"TXCTL[queue]\": { THRESHOLD: 0, ENABLE: 1 } }",
        "- write: { \"TXCTL[queue]\": { THRESHOLD: \"(ring.slots >> 9 | ring.slots >> 10) & 3 | (ring.slots >> 6 & 1) * 4\", ENABLE: 1 } }",
    ),
    // A guard whose body can fail, and a value that is returned as soon as it is bound.
    (
        "body:\n            - poll: { until: \"STATUS.READY\", every: 10us, within: 1ms, on_timeout: continue }",
        "body:\n            - poll: { until: \"STATUS.READY and TXCTL[0].ENABLE == 0\", every: 10us, within: wait ms }",
    ),
    (
        "- run: phy.read\n        with: { register: 1 }\n        let: state",
        "- run: phy.state\n        let: state",
    ),
    (
        "  mac.read:\n",
        "  phy.state:\n    section: \"2.3\"\n    returns: u16\n    steps:\n      \
         - run: phy.read\n        with: { register: 1 }\n        let: state\n      - return: state\n  mac.read:\n",
    ),
];

fn edited(file: &str, edits: &[(&str, &str)]) -> Nic {
    let mut text = nicspecs::TOY.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "the toy spec has no `{from}` any more");
        text = text.replacen(from, to, 1);
    }
    nicspecs::compile(file, &text).unwrap_or_else(|report| panic!("{}", report.short()))
}

fn toy() -> Nic {
    edited("nicspecs/toy.yaml", &MORE)
}

fn narrow() -> Nic {
    edited("nicspecs/narrow.yaml", &NARROW)
}

fn owned() -> Nic {
    edited("nicspecs/owned.yaml", &OWNED)
}

fn files() -> Outputs {
    one(&toy()).unwrap()
}

#[test]
fn every_template_prints_the_toy_as_reviewed() {
    let files = files();
    insta::assert_debug_snapshot!("files", files.keys().collect::<Vec<_>>());
    for (path, text) in &files {
        let name = path.file_stem().unwrap().to_string_lossy();
        insta::assert_snapshot!(name.as_ref(), text);
    }
}

#[test]
fn registers_of_8_and_16_bits_print_as_reviewed() {
    let files = one(&narrow()).unwrap();
    for name in ["driver", "regs", "variant"] {
        let text = &files[&Path::new("src/narrow").join(name).with_extension("rs")];
        insta::assert_snapshot!(format!("narrow_{name}"), text);
    }
}

#[test]
fn descriptors_with_owner_bits_print_as_reviewed() {
    let files = one(&owned()).unwrap();
    for name in ["desc", "driver"] {
        let text = &files[&Path::new("src/owned").join(name).with_extension("rs")];
        insta::assert_snapshot!(format!("owned_{name}"), text);
    }
}

#[test]
fn rendering_twice_gives_the_same_text() {
    assert_eq!(files(), files());
}

#[test]
fn every_file_names_its_source() {
    for (path, text) in &files() {
        let third = text.lines().nth(2);
        let says =
            "//! Generated by `cargo xtask gen` from `nicspecs/toy.yaml`; edit that file instead.";
        assert_eq!(third, Some(says), "{}", path.display());
    }
}

/// The other files of the toy's crate.
const MANIFEST: &str = r#"
[package]
name = "NAME"
version = "0.0.0"
edition = "2024"

[features]
default = ["model"]
model = []

[dependencies]
bitfield-struct = "0.13.0"
netmap-core = { path = "ROOT/netmap-core", features = ["model"] }
netmap-derive = { path = "ROOT/netmap-derive" }

[workspace]
"#;

#[test]
fn printed_templates_compile_without_a_warning() {
    compiles("toy-nics", &[toy(), narrow(), owned()], &BTreeMap::new());
}

/// Checks that the crate of that name compiles, with some more files beside it that help to find what is wrong.
fn compiles(name: &str, nics: &[Nic], more: &BTreeMap<String, String>) {
    let root = specs::root();
    // Outside of the target folder, and with a name for each test: cargo tells crates apart by name, not by folder, and
    // would take one for fresh that another test has checked.
    let mut scratch = tempfile::tempdir().unwrap();
    let write = |path: &Path, text: &str| {
        let path = scratch.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for (path, text) in more {
        write(Path::new(path), text);
    }
    for (path, text) in &all(nics).unwrap() {
        let text = text.replace("#![no_std]", "#![no_std]\n#![deny(warnings)]");
        write(path, &text);
    }
    let manifest = MANIFEST.replace("ROOT", &root.display().to_string());
    let manifest = manifest.replace("NAME", name);
    write(Path::new("Cargo.toml"), &manifest);
    // The versions of the workspace, so that no network is needed.
    fs::copy(root.join("Cargo.lock"), scratch.path().join("Cargo.lock")).unwrap();
    // Next to the test's own binary, target/debug/deps/xtask-*.
    let built = std::env::current_exe().unwrap();
    let target = built.ancestors().nth(3).unwrap().join("toy");
    let mut check = cargo::command("check --quiet --offline --target-dir");
    let run = check
        .arg(target)
        .current_dir(scratch.path())
        .output()
        .unwrap();
    scratch.disable_cleanup(!run.status.success());
    assert!(
        run.status.success(),
        "{}: {}",
        scratch.path().display(),
        String::from_utf8_lossy(&run.stderr)
    );
}
