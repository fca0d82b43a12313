//! PCI ids that two specs of a folder claim.

mod support;

use nicspecs::{Report, SpecFile, TOY};

use support::report as shown;

/// The toy spec under another name, with these ids.
fn renamed(name: &str, first: &str, second: &str) -> SpecFile {
    let text = TOY
        .replace("name: toy\n", &format!("name: {name}\n"))
        .replace("1234:0001", first)
        .replace("1234:0002", second);
    SpecFile::new(format!("{name}.yaml"), text)
}

fn report(spec: SpecFile, others: &[SpecFile]) -> Option<Report> {
    spec.among(others).compile().err()
}

#[test]
fn two_specs_with_one_id_are_refused_with_both_places() {
    let toy = SpecFile::new("toy.yaml", TOY);
    let other = renamed("other", "1234:000A", "1234:0001");
    let folder = [toy.clone(), other.clone()];
    let [of_toy, of_other] = [toy, other].map(|spec| report(spec, &folder).expect("two claims"));
    assert_eq!(of_toy.findings().len(), 1, "{}", of_toy.short());
    assert!(of_toy.short().starts_with("toy.yaml:10:11: NS0202: "));
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("claims", shown(&of_other));
    });
}

#[test]
fn an_id_may_be_written_in_capitals() {
    let one = renamed("one", "12AB:00CD", "1234:0002");
    let two = renamed("two", "1234:0003", "12ab:00cd");
    let folder = [one, two];
    for spec in &folder {
        assert!(report(spec.clone(), &folder).is_some(), "{}", spec.stem());
    }
}

#[test]
fn specs_with_ids_of_their_own_go_together() {
    let one = renamed("one", "1234:0003", "1234:0004");
    let folder = [SpecFile::new("toy.yaml", TOY), one];
    for spec in &folder {
        assert!(report(spec.clone(), &folder).is_none(), "{}", spec.stem());
    }
}

#[test]
fn an_heir_needs_ids_of_its_own() {
    let heir = "like: toy\n\nnic: { name: heir, title: Heir, datasheet: Heir }\n\nvariants:\n  \
                - { name: A, title: Heir A, pci: [\"1234:0002\"] }\n  \
                - { name: B, title: Heir B, pci: [\"1234:0003\"] }\n";
    let heir = SpecFile::new("heir.yaml", heir);
    let short = report(heir, &[SpecFile::new("toy.yaml", TOY)]).map(|report| report.short());
    let expected = "heir.yaml:6:37: NS0202: PCI id `1234:0002` belongs to two specs\n";
    assert_eq!(short.as_deref(), Some(expected));
}

#[test]
fn variants_that_leave_no_device_to_another_are_named() {
    let with_c = |whens: [&str; 3]| {
        let [a, b, c] = whens.map(|when| match when {
            "" => String::new(),
            when => format!("    when: \"{when}\"\n"),
        });
        TOY.replace(
            "    pci: [\"1234:0001\"]\n",
            &format!("    pci: [\"1234:0001\"]\n{a}"),
        )
        .replace(
            "    pci: [\"1234:0002\"]\n",
            &format!("    pci: [\"1234:0002\", \"1234:0001\"]\n{b}"),
        )
        .replace(
            "\nspaces:",
            &format!("  - name: C\n    title: Toy C\n    pci: [\"1234:0001\"]\n{c}\nspaces:"),
        )
    };
    let all = with_c([
        "CTRL.SPEED < 2",
        "STATUS.READY or CTRL.SPEED == 2",
        "CTRL.SPEED != 3",
    ]);
    assert!(nicspecs::compile("toy.yaml", &all).is_err());
    let one_left = with_c([
        "CTRL.SPEED < 2",
        "STATUS.READY and CTRL.SPEED == 2",
        "CTRL.SPEED != 3",
    ]);
    let report_of = |text: &str| nicspecs::compile("toy.yaml", text).err();
    assert!(
        report_of(&one_left).is_none(),
        "{}",
        report_of(&one_left).unwrap().short()
    );
    let without = TOY.replace("pci: [\"1234:0002\"]", "pci: []");
    let short = report_of(&without).unwrap().short();
    assert_eq!(short, "toy.yaml:13:5: NS0205: `B` has no PCI id\n");
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("shadowed", shown(&report_of(&all).unwrap()));
    });
}
