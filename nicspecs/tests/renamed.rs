//! Names that a base spec has changed: reports on its heirs say what they are called now.

use std::fmt::Write as _;

use nicspecs::{SpecFile, TOY};

const HEIR: &str = "like: toy

nic: { name: heir, title: Heir, datasheet: Heir }

variants:
  - { name: A, title: Heir A, pci: [\"1234:0003\"] }
  - { name: B, title: Heir B, pci: [\"1234:0004\"] }

";

/// What the base spec renames: the old text, which is replaced everywhere, and the new one.
const RENAMED: [(&str, &str); 8] = [
    ("SAL", "MACLO"),
    ("STATUS", "DEVSTAT"),
    ("RXCTL", "RDCTL"),
    ("DUPLEX", "FULLDUP"),
    ("m100", "fast"),
    ("settle", "ready_in"),
    ("phy.read", "mii.get"),
    ("rx_frames: {", "good_frames: {"),
];

/// Differences of heirs that were right before: one edits a name, one removes it, one mentions it.
const HEIRS: [&str; 10] = [
    "registers: { STATUS: { offset: 0x7fc } }",
    "registers: { SAL: null }",
    "registers: { STATUS: { fields: { DUPLEX: null } } }",
    "registers: { STATUS: { fields: { DUPLEX: { doc: full } } } }",
    "registers: { DEVSTAT: { fields: { DUPLEX: { doc: full } } } }",
    "sequences: { start: { section: \"1\", steps: [{ flush: STATUS }] } }",
    "sequences: { start: { section: \"1\", steps: [{ clear: \"RXCTL[0].ENABLE\" }] } }",
    "sequences: { start: { section: \"1\", steps: [{ modify: { CTRL: { SPEED: m100 } } }] } }",
    "sequences: { start: { section: \"1\", steps: [{ run: phy.read, with: { register: 1 } }] } }",
    "constants: { settle: { value: 20 } }",
];

#[test]
fn the_new_name_is_suggested() {
    let now = RENAMED
        .iter()
        .fold(TOY.to_owned(), |text, (old, new)| text.replace(old, new));
    nicspecs::compile("toy.yaml", &now).unwrap_or_else(|report| panic!("{}", report.short()));
    let mut text = String::new();
    for heir in HEIRS {
        let spec = SpecFile::new("heir.yaml", format!("{HEIR}{heir}\n"));
        let before = spec
            .clone()
            .among(&[SpecFile::new("toy.yaml", TOY)])
            .compile();
        let names_new = heir.contains("DEVSTAT");
        let was_right = before.is_ok();
        let spec = spec
            .among(&[SpecFile::new("toy.yaml", &*now)])
            .with_earlier("toy", TOY);
        let report = spec.compile().expect_err(heir);
        let own = report
            .findings()
            .iter()
            .filter(|finding| !finding.only_heirs());
        let _ = writeln!(text, "{heir}");
        for finding in own {
            let help = finding.help().unwrap_or_default();
            let _ = writeln!(text, "    {}\n        help: {help}", finding.short());
            assert!(
                help.contains("has renamed") || names_new || !was_right,
                "{heir}: {help}"
            );
        }
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("renamed", text);
    });
}

#[test]
fn a_name_that_the_base_of_a_base_spec_has_changed_is_suggested() {
    let now = TOY.replace("STATUS", "DEVSTAT");
    let heir = |name: &str, like: &str, ids: [&str; 2], rest: &str| {
        let text = HEIR
            .replace("like: toy", &format!("like: {like}"))
            .replace("name: heir", &format!("name: {name}"))
            .replace("1234:0003", ids[0])
            .replace("1234:0004", ids[1]);
        SpecFile::new(format!("{name}.yaml"), text + rest)
    };
    let between = heir("between", "toy", ["1234:0003", "1234:0004"], "");
    let steps = "sequences: { start: { section: \"1\", steps: [{ flush: STATUS }] } }\n";
    let last = heir("last", "between", ["1234:0005", "1234:0006"], steps);
    let earlier = between.text.clone();
    let specs = [SpecFile::new("toy.yaml", now), between, last.clone()];
    let last = last.among(&specs).with_earlier("between", earlier);
    let report = last.with_earlier("toy", TOY).compile().unwrap_err();
    let help = report.findings()[0].help().unwrap_or_default();
    assert!(
        help.contains("`toy` has renamed `STATUS` to `DEVSTAT`"),
        "{help}"
    );
}

/// An heir that changes another register now, in the same way, has not renamed the first.
#[test]
fn another_change_of_an_heir_is_no_new_name() {
    let heir = |name: &str, base: &str| {
        HEIR.replace("like: toy", &format!("like: {base}"))
            .replace("name: heir", &format!("name: {name}"))
    };
    let between = |register: &str| {
        let text = heir("between", "toy").replace("1234:", "1235:");
        format!("{text}registers: {{ {register}: {{ title: Other }} }}\n")
    };
    let steps =
        "sequences: { start: { section: \"1\", steps: [{ modify: { CTRL: { NONE: 1 } } }] } }";
    let spec = SpecFile::new("heir.yaml", format!("{}{steps}\n", heir("heir", "between")));
    let spec = spec.among(&[
        SpecFile::new("toy.yaml", TOY),
        SpecFile::new("between.yaml", between("STATUS")),
    ]);
    let report = spec
        .with_earlier("between", between("CTRL"))
        .compile()
        .unwrap_err();
    let text = report.short();
    assert!(text.contains("NONE"), "{text}");
    for finding in report.findings() {
        let help = finding.help().unwrap_or_default();
        assert!(!help.contains("renamed"), "{help}");
    }
}
