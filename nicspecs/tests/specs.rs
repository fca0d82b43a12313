//! The specs of this repository.

use std::collections::BTreeSet;

use nicspecs::SpecFile;
use nicspecs::ir::{Action, Step};

fn specs() -> Vec<SpecFile> {
    nicspecs::load_with_toys(env!("CARGO_MANIFEST_DIR")).unwrap()
}

#[test]
fn every_spec_compiles() {
    let reports: Vec<String> = specs()
        .iter()
        .filter_map(|spec| spec.compile().err())
        .map(|report| report.short())
        .collect();
    assert!(reports.is_empty(), "\n{}", reports.concat());
}

#[test]
fn a_spec_compiles_the_same_with_dos_line_ends() {
    let specs = specs();
    for spec in &specs {
        let text = spec.text.replace('\n', "\r\n");
        let dos = SpecFile::new(&spec.path, text).among(&specs).compile();
        assert_eq!(dos.ok(), spec.compile().ok(), "{}", spec.path.display());
    }
}

#[test]
fn every_port_sequence_exists() {
    for nic in specs().iter().filter_map(|spec| spec.compile().ok()) {
        let dumps = nic.statistics_block() > 0;
        let has_messages = nic.interrupts().messages.is_some();
        for port in nicspecs::lifecycle::PORT {
            let optional = match port.name.starts_with("messages.") {
                true => has_messages,
                false => dumps,
            };
            assert_eq!(
                nic.sequence(port.name).is_some(),
                !port.optional || optional,
                "{}: {}",
                nic.name(),
                port.name
            );
        }
    }
}

/// Names of the registers that steps write.
fn written(steps: &[Step], names: &mut BTreeSet<String>) {
    for step in steps {
        match &step.action {
            Action::Write { place, .. } | Action::Modify { place, .. } => {
                names.insert(place.register.name.clone());
            }
            Action::WriteEach { register, .. } => {
                names.insert(register.name.clone());
            }
            _ => {}
        }
        step.action.bodies().for_each(|body| written(body, names));
    }
}

#[test]
fn a_register_that_is_written_is_used_by_the_driver() {
    for nic in specs().iter().filter_map(|spec| spec.compile().ok()) {
        let mut names = BTreeSet::new();
        nic.sequences()
            .iter()
            .for_each(|sequence| written(&sequence.steps, &mut names));
        for name in names {
            assert!(
                nic.register(&name)
                    .is_some_and(|register| register.used.driver),
                "{}: {name}",
                nic.name()
            );
        }
    }
}

#[test]
fn an_option_names_the_section_about_what_it_changes() {
    let option = "doc: \"every frame is returned\" }";
    let with = |section: &str| {
        let stated = format!("doc: \"every frame is returned\", section: {section} }}");
        assert_eq!(nicspecs::TOY.matches(option).count(), 1);
        nicspecs::compile("toy.yaml", &nicspecs::TOY.replace(option, &stated))
    };
    let nic = with("\"4.1\"").unwrap();
    assert_eq!(nic.options()[0].section.as_deref(), Some("4.1"));
    let report = with("4.1").unwrap_err();
    assert!(report.short().contains("NS0105"), "{}", report.short());
}

#[test]
fn a_key_that_states_its_default_is_redundant() {
    for (stated, redundant) in [
        ("on_timeout: continue }", "on_timeout: fail }"),
        ("    may_sleep: false\n", "    may_sleep: true\n"),
        ("access: ro\n", "access: ro\n    width: 0x20\n"),
        (
            "          - write: { FAN: 9 }\n",
            "          - write: { FAN: 9 }\n        else: []\n",
        ),
        ("model:\n", "model:\n  comes_up: []\n"),
        ("model:\n", "model:\n  kick: { lost_while_busy: [] }\n"),
        ("model:\n", "model:\n  kick: {}\n"),
        ("registers: { 1: 0x796d }", "registers: { 1: 0x796d, 2: 0 }"),
    ] {
        assert!(nicspecs::TOY.contains(stated), "{stated}");
        let text = nicspecs::TOY.replacen(stated, redundant, 1);
        let report = nicspecs::compile("toy.yaml", &text).expect_err(redundant);
        let codes: Vec<&str> = report
            .findings()
            .iter()
            .map(|each| each.rule().code)
            .collect();
        assert_eq!(codes, ["NS0114"], "{}", report.short());
    }
}
