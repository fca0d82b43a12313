//! The specs of this repository.

use std::collections::BTreeSet;

use nicspecs::SpecFile;
use nicspecs::ir::{Action, Step};

fn specs() -> Vec<SpecFile> {
    nicspecs::load_dir(env!("CARGO_MANIFEST_DIR")).unwrap()
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
        let tells = nic.interrupts().messages.is_some();
        for port in nicspecs::lifecycle::PORT {
            let optional = match port.name.starts_with("messages.") {
                true => tells,
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
