//! Mutants of the specs of this repository.

use std::collections::BTreeSet;

use nicspecs::mutants::{Kind, mutants};

#[test]
fn every_mutant_is_a_different_spec_with_a_unique_name() {
    for spec in nicspecs::load_dir(env!("CARGO_MANIFEST_DIR")).unwrap() {
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
