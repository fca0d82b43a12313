//! The formatter: it changes the layout of a spec, and nothing else.

use std::sync::LazyLock;

use nicspecs::mutants::mutants;
use nicspecs::{NotFormatted, SpecFile, TOY};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// The toy spec and the specs of this repository.
static SPECS: LazyLock<Vec<SpecFile>> = LazyLock::new(|| {
    let specs = nicspecs::load_with_toys(env!("CARGO_MANIFEST_DIR")).unwrap();
    [vec![SpecFile::new("toy.yaml", TOY)], specs].concat()
});

fn with(spec: &SpecFile, text: &str) -> SpecFile {
    let mut spec = spec.clone();
    text.clone_into(&mut spec.text);
    spec
}

/// A text of the toy spec, formatted.
fn formatted(text: &str) -> String {
    let spec = SpecFile::new("toy.yaml", text);
    let formatted = spec.formatted();
    formatted.unwrap_or_else(|error| panic!("{:?}\n{text}", miette::Report::new(error)))
}

/// The text formatted, after the same was checked again: it stays, and it is the same spec.
fn checked(spec: &SpecFile) -> String {
    let once = spec
        .formatted()
        .unwrap_or_else(|error| panic!("{:?}", miette::Report::new(error)));
    let again = with(spec, &once);
    same(&again.formatted().unwrap(), &once);
    if let Ok(nic) = spec.compile() {
        assert!(again.compile().unwrap() == nic, "another meaning");
    }
    once
}

/// Two texts are the same, or the first lines that differ are shown.
#[track_caller]
fn same(text: &str, expected: &str) {
    if text != expected {
        let pairs = text.lines().zip(expected.lines()).enumerate();
        let differ = pairs.filter(|(_, (line, expected))| line != expected);
        let shown =
            differ.map(|(number, (line, expected))| format!("{number}:\n{line}\n{expected}\n"));
        panic!("{}", shown.take(5).collect::<String>());
    }
}

/// Formats a piece of a spec. What it lacks is no obstacle.
#[track_caller]
fn becomes(text: &str, expected: &str) {
    assert_eq!(formatted(text), expected);
    assert_eq!(formatted(expected), expected, "formatted again");
}

#[test]
fn the_toy_spec_is_formatted() {
    same(&formatted(TOY), TOY);
}

#[test]
fn every_spec_stays_the_same_spec() {
    SPECS.iter().for_each(|spec| {
        checked(spec);
    });
}

#[test]
fn numbers_have_the_notation_of_their_keys() {
    becomes(
        "spaces: { mmio: { bar: 0x1, size: 4096 }, flash: { size: 0x8 } }
registers:
  CTRL: { offset: 0x1C, stride: 16, count: 0x10, reset: 0xA }
  BELL: { offset: 8, stride: 0x04, width: 16, reset: 1 }
  ROM: { space: flash, offset: 0 }
model:
  phy: { registers: { 1: 31 } }
  require: [{ field: CTRL.A, is: 0xFF }, { field: CTRL.A, is: 255 }]
",
        "spaces: { mmio: { bar: 1, size: 0x1000 }, flash: { size: 8 } }
registers:
  CTRL: { offset: 0x01c, stride: 0x10, count: 16, reset: 0x0000000a }
  BELL: { offset: 0x008, stride: 4, width: 16, reset: 0x0001 }
  ROM: { space: flash, offset: 0x0 }
model:
  phy: { registers: { 1: 0x001f } }
  require: [{ field: CTRL.A, is: 0xff }, { field: CTRL.A, is: 255 }]
",
    );
}

#[test]
fn an_heir_has_the_digits_of_the_inherited_space_and_register() {
    let base = SpecFile::new("toy.yaml", TOY);
    let text = "like: toy\nregisters:\n  BELL: { offset: 0x80, reset: 0 }\n  TDBAL, TDBAH: { offset: 4 }\n";
    let heir = SpecFile::new("heir.yaml", text).among(&[base]);
    assert_eq!(
        heir.formatted().unwrap(),
        "like: toy\nregisters:\n  BELL: { offset: 0x080, reset: 0x00 }\n  TDBAL, TDBAH: { offset: 0x004 }\n"
    );
}

#[test]
fn an_offset_keeps_its_digits_while_the_size_of_the_space_is_unknown() {
    becomes(
        "spaces: { mmio: { size: TODO } }\nregisters: { A: { offset: 0x0C }, B: { offset: 32 } }\n",
        "spaces: { mmio: { size: TODO } }\nregisters: { A: { offset: 0x0c }, B: { offset: 0x20 } }\n",
    );
}

#[test]
fn quotes_stand_where_the_language_or_yaml_needs_them() {
    becomes(
        r#"nic: { 'name': "toy", title: 'Toy NIC', datasheet: "Toy: a NIC" }
variants: [{ pci: [1234:0001] }]
registers:
  A: { section: 8.20, doc: an array, fields: { B: { bits: 9:8, doc: 'it "is"' }, "C": { bits: "3" } } }
  "D": { section: TODO, title: "TODO", doc: null }
link:
  up: A.B
sequences:
  init:
    steps:
      - write: { A[0]: "0x1", "B": 'C.D' }
      - write: { E: A + 1 }
      - clear: A[1].B
        why: 'a reason, and more'
      - { set: "A.B", why: "a reason" }
      - { set: "A.B", why: "a reason, and more" }
      - { sleep: "10ms", why: "null" }
"#
        .replace("A[0]:", "\"A[0]\":")
        .as_str(),
        r#"nic: { name: toy, title: Toy NIC, datasheet: "Toy: a NIC" }
variants: [{ pci: ["1234:0001"] }]
registers:
  A: { section: "8.20", doc: "an array", fields: { B: { bits: "9:8", doc: 'it "is"' }, C: { bits: 3 } } }
  D: { title: "TODO", section: TODO, doc: null }
link:
  up: "A.B"
sequences:
  init:
    steps:
      - write: { "A[0]": 0x1, B: C.D }
      - write: { E: "A + 1" }
      - clear: "A[1].B"
        why: a reason, and more
      - { set: A.B, why: a reason }
      - { set: A.B, why: "a reason, and more" }
      - { sleep: 10ms, why: "null" }
"#,
    );
}

#[test]
fn blanks_follow_the_nesting_and_lines_stay_as_they_are_broken() {
    becomes(
        "

nic:
    name:   toy\t
    title: >-
          Toy
          NIC


    datasheet: Toy
       datasheet


variants:
- name: A
  pci: [ \"1234:0001\",\"1234:0002\" ]
  limits: {}
-   name: B
    constants: {settle: 20
      , other: 2,
             third: [
    ] }
registers: {
        CTRL: {offset: 0x0, fields: { }},
  STATUS: { offset: 0x4 }
}
order: [  ]
",
        "nic:
  name: toy
  title: >-
        Toy
        NIC

  datasheet: Toy
    datasheet

variants:
  - name: A
    pci: [\"1234:0001\", \"1234:0002\"]
    limits: {}
  - name: B
    constants: { settle: 20,
      other: 2,
      third: [
    ] }
registers: {
  CTRL: { offset: 0x0, fields: {} },
  STATUS: { offset: 0x4 }
}
order: []
",
    );
}

#[test]
fn keys_of_an_item_are_sorted_and_items_are_not() {
    becomes(
        "registers:
  Z: { fields: { B: { doc: \"b\", bits: 1 }, A: { bits: 0 } }, offset: 0x4, section: \"2\" }
  A:
    offset: 0x0
    ofset: 0x0
    section: \"1\"
    title: A

    access: rw
like: toy
sequences:
  init:
    steps:
      - why: a reason
        then:
          - section: \"3\"
            flush: A
        if: \"A\"
",
        "like: toy
registers:
  Z: { section: \"2\", offset: 0x4, fields: { B: { bits: 1, doc: \"b\" }, A: { bits: 0 } } }
  A:
    title: A
    section: \"1\"
    offset: 0x0
    ofset: 0x0

    access: rw
sequences:
  init:
    steps:
      - if: \"A\"
        why: a reason
        then:
          - flush: A
            section: \"3\"
",
    );
}

#[test]
fn a_comment_stays_with_its_key() {
    becomes(
        "# the first line
# of the file

# registers
registers: # all of them
  # the register A

  # about A
  A: # A
    # its offset
    offset: 0x0 # zero
      # more about the title
    # its title,
    # in full
    title: A   # of A
  # the end of A
  B: { # B
    # its offset
    offset: 0x4, # four
    # its title
    title: B # of B
    # the end of B
    }
  C: { offset: 0x8, # eight
    title: C }
# sequences
sequences:
  init:
    steps:
      # the step
      - # on the line of its dash
        why: a reason # or none
        # its verb
        flush: A
      # another step
      - why: another reason # or none
        # its verb
        flush: B
          # more
    # the end
    doc: \"starts\"
# nic
nic:
  name: toy
  # the last line
",
        "# the first line
# of the file

# nic
nic:
  name: toy
  # the last line
# registers
registers: # all of them
  # the register A

  # about A
  A: # A
    # more about the title
    # its title,
    # in full
    title: A   # of A
    # its offset
    offset: 0x0 # zero
  # the end of A
  B: { # B
    # its title
    title: B, # of B
    # its offset
    offset: 0x4 # four
    # the end of B
  }
  C: { title: C,
    offset: 0x8 # eight
  }
# sequences
sequences:
  init:
    # the end
    doc: \"starts\"
    steps:
      # the step
      - # on the line of its dash
        # its verb
        flush: A
        why: a reason # or none
      # another step
      # its verb
      - flush: B
        why: another reason # or none
        # more
",
    );
}

#[test]
fn quantities_out_of_range_are_refused_like_by_lint() {
    for (right, wrong) in [
        ("bits: \"31:24\"", "bits: \"4294967295:0\""),
        (
            "offset: 0x018\n",
            "offset: 0x018\n    width: 1000000\n    reset: 1\n",
        ),
    ] {
        let text = TOY.replacen(right, wrong, 1);
        assert_ne!(text, TOY);
        let refused = SpecFile::new("toy.yaml", text).formatted();
        let Err(NotFormatted::File(report)) = refused else {
            panic!("{wrong}");
        };
        assert!(report.short().contains("NS0115"), "{}", report.short());
    }
}

/// A register's digits are those of its width, which the base of the base spec states.
#[test]
fn digits_come_from_any_spec_of_a_chain() {
    let base = SpecFile::new("toy.yaml", TOY);
    let middle = SpecFile::new("middle.yaml", "like: toy\n");
    let text = "like: middle\nregisters:\n  BELL: { offset: 0x80, reset: 0 }\n";
    let heir = SpecFile::new("heir.yaml", text).among(&[base, middle]);
    assert_eq!(
        heir.formatted().unwrap(),
        "like: middle\nregisters:\n  BELL: { offset: 0x080, reset: 0x00 }\n"
    );
}

#[test]
fn a_file_that_is_no_plain_yaml_is_refused_with_the_place() {
    let refused = |text: &str| match SpecFile::new("toy.yaml", text).formatted() {
        Err(NotFormatted::File(report)) => report.short(),
        other => panic!("{other:?}"),
    };
    insta::assert_snapshot!(
        [
            "nic: [1\nmodel: {\n",
            "nic: 1\nnic: 2\n",
            "nic: &a 1\n",
            "---\nnic: 1\n",
            "? nic\n: 1\n",
            "nic: 1\u{202e}\n",
        ]
        .map(refused)
        .concat()
    );
}

#[test]
fn a_mutant_stays_the_same_mutant() {
    for spec in SPECS.iter() {
        for mutant in mutants(spec).unwrap().iter().step_by(97) {
            checked(&mutant.file(spec));
        }
    }
}

/// A change of the layout. Some fit only lines of some kinds and do nothing elsewhere.
#[derive(Clone, Debug)]
enum Change {
    /// A comment at the end of a line.
    Behind(Index),
    /// A comment on a line of its own, before a line.
    Above(Index),
    /// An empty line before a line.
    Apart(Index),
    /// Blanks at the end of a line.
    Trailing(Index),
    /// Blanks behind brackets, commas and colons of a line, or none.
    Inside(Index, usize),
    /// A number, written differently.
    Number(Index),
    /// A text, with other quotes.
    Quotes(Index),
    /// A line with a key and its value exchanged with the next one, which has another one.
    Exchange(Index),
    /// Entries of a map between brackets exchanged.
    Turn(Index),
}

impl Change {
    /// Whether the formatter undoes it.
    fn is_undone(&self) -> bool {
        !matches!(self, Self::Behind(_) | Self::Above(_) | Self::Apart(_))
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<Index>().prop_map(Change::Behind),
        any::<Index>().prop_map(Change::Above),
        any::<Index>().prop_map(Change::Apart),
        undone(),
    ]
}

fn undone() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<Index>().prop_map(Change::Trailing),
        (any::<Index>(), 0..3_usize).prop_map(|(at, blanks)| Change::Inside(at, blanks)),
        any::<Index>().prop_map(Change::Number),
        any::<Index>().prop_map(Change::Quotes),
        any::<Index>().prop_map(Change::Exchange),
        any::<Index>().prop_map(Change::Turn),
    ]
}

/// Whether a line has a key and a value, both of one word, and nothing else: it can change places with such a line.
fn is_pair(line: &str) -> bool {
    const KEYS: [&str; 9] = [
        "title", "section", "offset", "access", "reset", "width", "stride", "count", "doc",
    ];
    let key = line.trim_start().split_once(": ").map(|(key, _)| key);
    key.is_some_and(|key| KEYS.contains(&key)) && !line.contains(['{', '#'])
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// A line with its parts outside of double quotes changed.
fn outside_quotes(line: &str, change: impl Fn(&str) -> String) -> String {
    let parts = line.split('"').enumerate();
    let parts = parts.map(|(index, part)| match index % 2 {
        0 => change(part),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("\"")
}

fn apply(text: &str, number: usize, change: &Change) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    match change {
        Change::Behind(at) => {
            let line = at.get_mut(&mut lines);
            if !line.is_empty() {
                line.push_str(&format!(" # behind {number}."));
            }
        }
        Change::Above(at) => {
            let at = at.index(lines.len());
            let column = indent(&lines[at]);
            lines.insert(at, format!("{}# above {number}.", " ".repeat(column)));
        }
        Change::Apart(at) => lines.insert(at.index(lines.len()), String::new()),
        Change::Trailing(at) => at.get_mut(&mut lines).push_str("  "),
        Change::Inside(at, blanks) => {
            let line = at.get_mut(&mut lines);
            if line.trim_start().starts_with("- {") && !line.contains('#') {
                let blanks = " ".repeat(*blanks);
                *line = outside_quotes(line, |part| {
                    let part = part.replace("{ ", &format!("{{{blanks}"));
                    part.replace(" }", &format!("{blanks}}}"))
                        .replace(": ", &format!(":{blanks} "))
                });
            }
        }
        Change::Number(at) => {
            let at = at.index(lines.len());
            let found = lines
                .iter_mut()
                .skip(at)
                .find(|line| line.contains(" offset: 0x"));
            if let Some(line) = found {
                let start = line.find("offset: 0x").unwrap() + "offset: ".len();
                let rest = &line[start + 2..];
                let digits = rest
                    .find(|c: char| !c.is_ascii_hexdigit())
                    .unwrap_or(rest.len());
                let value = u64::from_str_radix(&rest[..digits], 16).unwrap();
                let written = match number % 3 {
                    0 => value.to_string(),
                    1 => format!("{value:#x}"),
                    _ => format!("0x{value:010X}"),
                };
                line.replace_range(start..start + 2 + digits, &written);
            }
        }
        Change::Quotes(at) => {
            let at = at.index(lines.len());
            let found = lines
                .iter_mut()
                .skip(at)
                .find(|line| line.contains("section: \""));
            if let Some(line) = found.filter(|line| !line.contains(['\'', '#'])) {
                let start = line.find("section: \"").unwrap() + "section: ".len();
                let end = start + 1 + line[start + 1..].find('"').unwrap();
                let quote = match line[start..end].contains(',') || number.is_multiple_of(2) {
                    true => "'",
                    false => "",
                };
                line.replace_range(end..=end, quote);
                line.replace_range(start..=start, quote);
            }
        }
        Change::Exchange(at) => {
            let at = at.index(lines.len() - 1);
            if is_pair(&lines[at])
                && is_pair(&lines[at + 1])
                && indent(&lines[at]) == indent(&lines[at + 1])
            {
                lines.swap(at, at + 1);
            }
        }
        Change::Turn(at) => {
            let line = at.get_mut(&mut lines);
            if let Some((before, rest)) = line.split_once("{ bits: ")
                && let Some((bits, doc)) = rest.split_once(", doc: ")
                && let Some(doc) = doc.strip_suffix(" }")
                && !bits.contains('{')
                && doc.matches('"').count() == 2
                && doc.ends_with('"')
            {
                *line = format!("{before}{{ doc: {doc}, bits: {bits} }}");
            }
        }
    }
    lines.join("\n") + "\n"
}

/// A text with lines indented by a multiple of what they are.
fn indented(text: &str, factor: usize) -> String {
    let line = |line: &str| {
        let column = indent(line);
        let content = match line[column..].strip_prefix("- ") {
            Some(item) => format!("-{}{item}", " ".repeat(2 * factor - 1)),
            None => line[column..].to_owned(),
        };
        format!("{}{content}\n", " ".repeat(column * factor))
    };
    text.lines().map(line).collect()
}

fn changed(text: &str, factor: usize, changes: &[Change]) -> String {
    let changes = changes.iter().enumerate();
    changes.fold(indented(text, factor), |text, (number, change)| {
        apply(&text, number, change)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_layout_stays_the_same_spec_with_all_its_comments(
        spec in 0..SPECS.len(),
        factor in 1..4_usize,
        changes in vec(change(), 1..60),
    ) {
        let spec = &SPECS[spec];
        let text = changed(&spec.text, factor, &changes);
        let formatted = checked(&with(spec, &text));
        prop_assert!(with(spec, &formatted).compile().ok() == spec.compile().ok());
        let comments = |text: &str| text.matches("# above").count() + text.matches("# behind").count();
        prop_assert_eq!(comments(&formatted), comments(&text));
        for number in 0..changes.len() {
            for comment in [format!("# behind {number}."), format!("# above {number}.")] {
                prop_assert_eq!(formatted.contains(&comment), text.contains(&comment));
            }
        }
    }

    #[test]
    fn layouts_that_differ_in_what_is_normalised_become_the_same(
        spec in 0..SPECS.len(),
        factor in 1..4_usize,
        changes in vec(undone(), 1..60),
    ) {
        prop_assert!(changes.iter().all(Change::is_undone));
        let spec = &SPECS[spec];
        let text = changed(&spec.text, factor, &changes);
        same(&checked(&with(spec, &text)), &spec.formatted().unwrap());
    }
}
