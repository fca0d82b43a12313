//! A spec with a base spec: what it inherits, what it replaces, and where its errors are shown.

use miette::{GraphicalReportHandler, GraphicalTheme};
use nicspecs::ir::Nic;
use nicspecs::{Report, SpecFile, TOY};

/// The shortest spec with a base spec: only its identity and `like`.
const IDENTITY: &str = "like: toy

nic:
  name: heir
  title: Heir NIC
  datasheet: Heir NIC datasheet, revision 1

variants:
  - name: A
    title: Heir A
    pci: [\"1234:0003\"]
  - name: B
    title: Heir B
    pci: [\"1234:0004\"]
";

fn heir(rest: &str) -> SpecFile {
    SpecFile::new("heir.yaml", format!("{IDENTITY}{rest}")).among(&[SpecFile::new("toy.yaml", TOY)])
}

fn compiled(spec: &SpecFile) -> Nic {
    spec.compile()
        .unwrap_or_else(|report| panic!("{}", report.short()))
}

fn report(spec: &SpecFile) -> Report {
    spec.compile().expect_err("a spec with an error")
}

/// The report as a terminal without colours shows it.
fn shown(report: &Report) -> String {
    let handler =
        GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(100);
    let mut text = report.short();
    for finding in report.findings() {
        text.push('\n');
        handler.render_report(&mut text, finding).unwrap();
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

#[test]
fn a_spec_without_changes_equals_its_base_spec() {
    let toy = nicspecs::compile("toy.yaml", TOY).unwrap();
    let heir = compiled(&heir(""));
    assert_eq!((heir.name(), heir.title()), ("heir", "Heir NIC"));
    assert_eq!(heir.registers().len(), toy.registers().len());
    assert_eq!(heir.sequences().len(), toy.sequences().len());
    assert_eq!(heir.order().len(), toy.order().len());
}

#[test]
fn an_inherited_section_refers_to_the_datasheet_of_the_base_spec() {
    let nic = compiled(&heir("registers:\n  CTRL: { section: \"9.9\" }\n"));
    assert_eq!(nic.register("CTRL").unwrap().section, "9.9");
    assert_eq!(nic.register("STATUS").unwrap().section, "toy 4.2");
}

#[test]
fn maps_are_merged_and_everything_else_replaces() {
    let nic = compiled(&heir(
        "registers:
  STATUS:
    offset: 0x7fc
    fields:
      SPARE: { bits: 9 }
      READY: { bits: 3 }
tx:
  completion:
    - { scheme: head_writeback, low: TDWBAL, high: TDWBAH, enable: ENABLE }
    - { scheme: done_bit, format: tx, field: DONE }
  ring: { max: 1024 }
",
    ));
    let status = nic.register("STATUS").unwrap();
    assert_eq!(
        (status.offset(), status.title.as_str()),
        (0x7fc, "Device Status")
    );
    let fields: Vec<_> = status
        .fields
        .iter()
        .map(|field| (field.name.as_str(), field.low))
        .collect();
    assert_eq!(
        fields,
        [
            ("UP", 0),
            ("DUPLEX", 1),
            ("READY", 3),
            ("ZERO", 24),
            ("SPARE", 9)
        ]
    );
    assert_eq!(nic.tx().completions.len(), 2);
    assert_eq!((nic.tx().ring.min, nic.tx().ring.max), (8, 1024));
}

#[test]
fn a_sequence_is_replaced_as_a_whole() {
    let short = report(&heir("sequences:\n  phy.read:\n    steps: []\n")).short();
    assert!(
        short.contains("heir.yaml:16:3: NS0102: sequence `phy.read` has no `section`"),
        "{short}"
    );
    let nic = compiled(&heir(
        "sequences:\n  interrupts.off:\n    section: \"1\"\n    steps: []\n",
    ));
    let off = nic.sequence("interrupts.off").unwrap();
    assert!(off.steps.is_empty());
    assert!(
        off.signature.may_sleep,
        "the parent's `may_sleep: false` went with its steps"
    );
}

#[test]
fn null_removes_an_inherited_key() {
    let nic = compiled(&heir("registers:\n  FAN: { only_on: null }\n"));
    assert!(nic.register("FAN").unwrap().variants.is_all());
    let gone = heir(
        "rss: null
registers: { RSSKEY: null, RSSTAB: null, RSSCTL: null }
sequences:
  init:
    section: \"2.2\"
    steps:
      - write: { BURST: 16 }
      - modify: { CTRL: { LOOP: loopback, SPEED: m100, STRIP: 1, KEEP: 1 } }
",
    );
    let nic = compiled(&gone);
    assert!(nic.rss().is_none() && nic.register("RSSKEY").is_none());
}

#[test]
fn errors_are_shown_in_their_own_file() {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        // An error in the spec; one in the base spec, caused by the spec; one in both.
        insta::assert_snapshot!("like_own", shown(&report(&heir("registers:\n  STATUS: { acces: ro }\n"))));
        insta::assert_snapshot!("like_inherited", shown(&report(&heir("registers:\n  BURST: null\n"))));
        insta::assert_snapshot!("like_both", shown(&report(&heir("registers:\n  SPARE: { title: Spare, section: \"1\", offset: 0x018, access: rw }\n"))));
    });
}

#[test]
fn only_a_complete_spec_can_be_a_base_spec() {
    let toy = SpecFile::new("toy.yaml", TOY);
    let heir = SpecFile::new("heir.yaml", IDENTITY);
    let grandchild =
        SpecFile::new("third.yaml", "like: heir\n").among(&[toy.clone(), heir.clone()]);
    let chain = report(&grandchild);
    let itself = report(&SpecFile::new("heir.yaml", "like: heir\n").among(&[heir]));
    let unknown = report(&SpecFile::new("heir.yaml", "like: toi\n").among(&[toy]));
    let other = report(&SpecFile::new("heir.yaml", "like: [toy]\n"));
    let text = [chain, itself, unknown, other]
        .each_ref()
        .map(shown)
        .join("\n\n");
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("like_whom", text);
    });
}

#[test]
fn a_syntax_error_of_the_base_spec_is_shown_in_its_file() {
    let broken = SpecFile::new("toy.yaml", "nic: [\n");
    let short = report(&SpecFile::new("heir.yaml", IDENTITY).among(&[broken])).short();
    assert!(
        short.starts_with("toy.yaml:") && short.contains("NS0001"),
        "{short}"
    );
}

#[test]
fn a_spec_finds_its_base_spec_in_its_folder() {
    let folder = std::env::temp_dir().join(format!("nicspecs-like-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("toy.yaml"), TOY).unwrap();
    std::fs::write(folder.join("heir.yaml"), IDENTITY).unwrap();
    let specs = nicspecs::load_dir(&folder).unwrap();
    let alone = nicspecs::load(folder.join("heir.yaml")).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(specs[0], alone);
    assert!(specs.iter().all(|spec| spec.compile().is_ok()));
}
