//! `nm-info` on the command line: it shows everything about a NIC, and reads no register that reading would change.

mod program_support;
mod qemu_support;

use std::collections::BTreeSet;
use std::process::{Command, Output};

use netmap_core::model::{Access, Model};
use netmap_nics::{Modelled, NAMES, Visitor, by_name};
use serde_json::Value;

use program_support::text;
use qemu_support::first_port;

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nm-info"));
    command.args(arguments).output().unwrap()
}

fn shown(arguments: &[&str]) -> String {
    let output = run(arguments);
    let status = output.status.code();
    assert_eq!(status, Some(0), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout).to_owned()
}

fn parsed(arguments: &[&str]) -> Value {
    serde_json::from_str(&shown(arguments)).unwrap()
}

/// The model of a NIC, and how many counters it has.
fn facts(nic: &str) -> (&'static Model, usize) {
    struct Facts;
    impl Visitor for Facts {
        type Output = (&'static Model, usize);
        fn visit<D: Modelled>(self) -> Self::Output {
            (D::MODEL, D::STATISTICS.len())
        }
    }
    by_name(nic, Facts).unwrap()
}

/// Names of all `sim:` ports, with their models and variants.
fn ports() -> impl Iterator<Item = (String, &'static Model, &'static str)> {
    NAMES.iter().flat_map(|nic| {
        let (model, _) = facts(nic);
        let name = move |variant: &str| format!("sim:{nic}/{variant}");
        model
            .variants
            .iter()
            .map(move |variant| (name(variant.name), model, variant.name))
    })
}

#[test]
fn it_shows_the_port_and_its_link() {
    for nic in NAMES {
        let info = parsed(&["--json", &format!("sim:{nic}")]);
        assert_eq!(info["nic"], **nic);
        assert_eq!(info["link"]["up"], true, "{nic}");
        assert_eq!(info["address"], "02:00:00:00:00:01");
        assert_eq!(info["statistics"].as_array().unwrap().len(), facts(nic).1);
        assert_eq!(info.get("registers"), None);

        let lines = shown(&[&format!("sim:{nic}")]);
        assert!(lines.contains("link         up"), "{lines}");
        assert!(!lines.contains("registers"), "{lines}");
    }
}

#[test]
fn every_register_of_every_variant_is_shown_with_all_of_its_fields() {
    for (port, model, variant) in ports() {
        let info = parsed(&["--json", "--registers", &port]);
        assert_eq!(info["variant"], variant);
        let taken = |name| {
            model
                .set_by_reading
                .iter()
                .any(|field| field.register == name)
        };
        let shown = info["registers"].as_array().unwrap();
        for register in model
            .registers
            .iter()
            .filter(|register| register.exists_on(variant))
        {
            let found: Vec<&Value> = shown
                .iter()
                .filter(|s| s["name"] == register.name)
                .collect();
            let elements: u64 = found.iter().map(|f| f["count"].as_u64().unwrap()).sum();
            let expected: u32 = register.pieces.iter().map(|piece| piece.count).sum();
            assert_eq!(elements, u64::from(expected), "{port}: {}", register.name);
            for (field, found) in found.iter().flat_map(|found| {
                register
                    .fields
                    .iter()
                    .zip(found["fields"].as_array().unwrap())
            }) {
                assert_eq!(found["name"], field.name, "{port}: {}", register.name);
            }
            let read = found.iter().all(|found| found["value"].is_u64());
            match register.access {
                Access::ReadClear | Access::ReadOrWriteOneClear | Access::WriteOnly => {
                    assert!(!read, "{}", register.name)
                }
                _ if register.name == model.interrupts.cause => {}
                _ if taken(register.name) => assert!(!read, "{}", register.name),
                _ => assert!(read, "{}", register.name),
            }
        }
    }
}

#[test]
fn registers_that_change_when_read_are_read_on_demand_only() {
    for (port, model, _) in ports() {
        let info = parsed(&["--json", "--registers", "--all", &port]);
        for shown in info["registers"].as_array().unwrap() {
            assert_eq!(
                shown["value"].is_u64(),
                shown["access"] != "wo",
                "{port}: {shown}"
            );
        }
        let lines = shown(&["--registers", &port]);
        if model
            .registers
            .iter()
            .any(|register| register.access == Access::ReadClear)
        {
            assert!(lines.contains("reading changes it"), "{port}");
        }
        assert!(!shown(&["--registers", "--all", &port]).contains("reading changes it"));
    }
}

#[test]
fn values_have_names_and_equal_elements_share_a_line() {
    for nic in NAMES {
        let port = format!("sim:{nic}");
        let info = parsed(&["--json", "--registers", &port]);
        let registers = info["registers"].as_array().unwrap();
        let named = registers
            .iter()
            .flat_map(|register| register["fields"].as_array().unwrap())
            .find(|field| field["meaning"].is_string());
        let lines = shown(&["--registers", &port]);
        if let Some(field) = named {
            let text = format!(
                "{}={}",
                field["name"].as_str().unwrap(),
                field["meaning"].as_str().unwrap()
            );
            assert!(lines.contains(&text), "{nic}: {text}");
        }
        let longest = lines.lines().map(str::len).max().unwrap();
        assert!(longest < 200, "{nic}: a line of {longest}");
    }
}

#[test]
fn a_device_that_is_not_started_shows_power_on_values() {
    for nic in NAMES {
        let info = parsed(&["--json", "--stopped", &format!("sim:{nic}")]);
        assert_eq!(info["address"], Value::Null);
        assert_eq!(info["link"]["up"], false);
    }
}

#[test]
fn it_shows_a_qemu_nic_as_well() {
    need_qemu!();
    let info = parsed(&["--json", "-r", "-w", "20", &first_port()]);
    assert_eq!(info["link"]["up"], true);
    assert!(info["address"].is_string(), "{info}");
    // The same registers as those of the simulated NIC, and some that are neither zero nor all ones.
    let variant = info["variant"].as_str().unwrap();
    let port = format!("sim:{}/{variant}", info["nic"].as_str().unwrap());
    let simulated = parsed(&["--json", "-r", &port]);
    let names = |info: &Value| -> BTreeSet<String> {
        let registers = info["registers"].as_array().unwrap().iter();
        let read = registers.filter(|register| register["value"].is_u64());
        read.map(|register| register["name"].to_string()).collect()
    };
    assert_eq!(names(&info), names(&simulated));
    let registers = info["registers"].as_array().unwrap().iter();
    let values = registers.filter_map(|register| register["value"].as_u64());
    let real = values.filter(|value| ![0, u64::from(u32::MAX), u64::MAX].contains(value));
    assert!(real.count() > 0, "{info}");
}

#[test]
fn errors_are_reported_with_the_right_status() {
    let wrong = format!("sim:{}/none", NAMES[0]);
    let cases: [(&[&str], _, _); 4] = [
        (&[], 2, "<PORT>"),
        (&["usb:none"], 2, "unknown bus `usb`"),
        (&["sim:none"], 1, "the NICs are"),
        (&[&wrong], 1, "its variants are"),
    ];
    for (arguments, status, message) in cases {
        let output = run(arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {error}");
        assert!(error.contains(message), "{arguments:?}: {error}");
        assert_eq!(text(&output.stdout), "");
    }
}
