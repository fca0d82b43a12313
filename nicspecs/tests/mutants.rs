//! Mutants of the specs of this repository.

use std::collections::BTreeSet;

use nicspecs::mutants::{Kind, mutants};
use nicspecs::{SpecFile, TOY};

#[test]
fn every_mutant_is_a_different_spec_with_a_unique_name() {
    for spec in nicspecs::load_with_toys(env!("CARGO_MANIFEST_DIR")).unwrap() {
        let all = mutants(&spec);
        let all = all.unwrap_or_else(|report| panic!("{report}"));
        let names: BTreeSet<_> = all.iter().map(|mutant| mutant.name()).collect();
        assert_eq!(names.len(), all.len());
        for kind in Kind::ALL {
            let count = all.iter().filter(|mutant| mutant.kind == kind).count();
            // A spec with a base spec may have no facts of some kinds.
            assert!(
                count > 0 || spec.parent().is_some(),
                "{} has no {} to change",
                spec.stem(),
                kind.name()
            );
        }
        let mut broken = Vec::new();
        // A few of each kind: compiling all of them takes minutes.
        for mutant in all.iter().step_by(23) {
            let changed = mutant.file(&spec);
            assert_ne!(changed, spec, "{}", mutant.name());
            if let Err(report) = changed.compile() {
                let form = ["NS0001", "NS0002", "NS0003", "NS0004", "NS0006"];
                let rule = report.findings()[0].rule().code;
                if form.contains(&rule) {
                    broken.push(format!("{}: {}", mutant.name(), report.short()));
                }
            }
        }
        // A mutant changes a fact. A text that is not a spec would be caught for the wrong reason.
        assert!(
            broken.is_empty(),
            "{} broken:\n{}",
            broken.len(),
            broken.join("\n")
        );
    }
}

/// A change of an inherited step may keep its verb and change the steps in it, and `null` removes and is no value.
#[test]
fn steps_in_changed_steps_of_an_heir_are_changed() {
    let heir = "like: toy

nic: { name: heir, title: Heir, datasheet: Heir }

variants:
  - { name: A, title: Heir A, pci: [\"1234:0003\"] }
  - { name: B, title: Heir B, pci: [\"1234:0004\"] }

sequences:
  init:
    steps:
      change: [{ where: { if: variant == B }, to: { then: { add: [{ write: { BURST: 8 } }] } } }]
  tx.enable:
    steps:
      change: [{ where: { write: \"TXCTL[queue]\" }, to: { write: { \"TXCTL[queue]\": { THRESHOLD: null } } } }]
";
    let spec = SpecFile::new("heir.yaml", heir).among(&[SpecFile::new("toy.yaml", TOY)]);
    let all = mutants(&spec).unwrap_or_else(|report| panic!("{}", report.short()));
    let names: Vec<String> = all.iter().map(|mutant| mutant.name()).collect();
    let about = |what: &str| names.iter().filter(|name| name.contains(what)).count();
    assert!(about("write.BURST: 8 ->") > 0, "{names:#?}");
    assert_eq!(about("null"), 0, "{names:#?}");
}
