//! Every change of meaning is reported, and no change of form.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{Change, Kind, Side, StepKind, Subject, Where, between};
use crate::load::SpecFile;

mod accesses;
mod keys;
mod names;

/// Name and text of the toy spec and of every spec of this repository.
fn specs() -> Vec<(String, String)> {
    let files = crate::load::load_with_toys(env!("CARGO_MANIFEST_DIR")).unwrap();
    let files = files
        .into_iter()
        .map(|file| (file.path.to_string_lossy().into_owned(), file.text));
    files
        .chain([("toy.yaml".to_owned(), crate::diagnostic::TOY.to_owned())])
        .collect()
}

/// The shortest spec of a real NIC that has no base spec.
fn shortest() -> (String, String) {
    let mut alone = files().to_vec();
    alone.retain(|file| file.parent().is_none() && !file.is_toy());
    let found = alone.into_iter().min_by_key(|file| file.text.len());
    let found = found.expect("a spec without a base spec");
    (found.path.to_string_lossy().into_owned(), found.text)
}

/// Every spec of this repository.
fn files() -> &'static [SpecFile] {
    static FILES: LazyLock<Vec<SpecFile>> =
        LazyLock::new(|| crate::load::load_with_toys(env!("CARGO_MANIFEST_DIR")).unwrap());
    &FILES
}

fn side(name: &str, text: &str) -> Side {
    // It may have a base spec.
    let file = SpecFile::new(name, text).among(files());
    file.side()
        .unwrap_or_else(|report| panic!("{}", report.short()))
}

/// What an edit of the toy changes.
fn edited(from: &str, to: &str) -> Vec<Change> {
    assert!(
        crate::diagnostic::TOY.contains(from),
        "the toy spec has no `{from}` any more"
    );
    let new = crate::diagnostic::TOY.replacen(from, to, 1);
    between(
        &side("toy.yaml", crate::diagnostic::TOY),
        &side("toy.yaml", &new),
    )
}

#[test]
fn a_spec_and_itself_do_not_differ() {
    for (name, text) in specs() {
        assert_eq!(between(&side(&name, &text), &side(&name, &text)), []);
    }
}

#[test]
fn the_order_of_keys_and_the_form_of_numbers_are_no_changes() {
    for (from, to) in [
        ("offset: 0x004\n    access: ro", "access: ro\n    offset: 4"),
        ("{ THRESHOLD: 0, ENABLE: 1 }", "{ ENABLE: 1, THRESHOLD: 0 }"),
        ("set: CTRL.RST", "modify: { CTRL: { RST: 1 } }"),
        ("variant == B", "variant in [B]"),
        ("MASK_CLEAR: 0x7", "MASK_CLEAR: 7"),
        (
            "{ first: 1, count: 1, offset: 0x280",
            "{ first: 0x1, count: 1, offset: 640",
        ),
        ("access: ro\n", "access: ro\n    must_write: false\n"),
    ] {
        assert_eq!(edited(from, to), [], "{from}");
    }
}

/// The differences of the one item that an edit of `text` changes, as `aspect: old -> new`.
fn differences(text: &str, from: &str, to: &str) -> Vec<(Subject, Vec<String>)> {
    assert!(text.contains(from), "there is no `{from}`");
    let new = text.replacen(from, to, 1);
    let changes = between(&side("toy.yaml", text), &side("toy.yaml", &new));
    let said = changes.into_iter().map(|change| {
        let Kind::Changed(differences) = change.kind else {
            panic!("{change:?}");
        };
        let said = differences.iter().map(|each| {
            let [old, new] = [&each.old, &each.new].map(|text| text.as_deref().unwrap_or("-"));
            format!("{}: {old} -> {new}", each.aspect)
        });
        (change.subject, said.collect())
    });
    said.collect()
}

#[test]
fn a_descriptor_field_set_by_a_constant_differs_as_its_number_does() {
    let text = crate::diagnostic::TOY
        .replace("CRC: 1", "CRC: crc_mode")
        .replace(
            "\nconstants:\n",
            "\nconstants:\n  crc_mode: { value: 1, doc: The CRC is appended }\n",
        );
    assert_eq!(differences(&text, "CRC: crc_mode", "CRC: 1"), []);
    let changed = differences(&text, "crc_mode: { value: 1", "crc_mode: { value: 0");
    let of = |chapter: &str| {
        changed
            .iter()
            .find(|(subject, _)| subject.chapter == chapter)
    };
    assert_eq!(of("tx").unwrap().1, ["encode.set tx.CRC: 1 -> 0"]);
    assert!(of("constants").is_some());
}

#[test]
fn a_register_that_loses_its_limit_to_variants_exists_on_all() {
    let text = crate::diagnostic::TOY;
    let line = text
        .lines()
        .find(|line| line.trim_start().starts_with("only_on: ["));
    let line = format!("{}\n", line.expect("a register of some variants"));
    let changes = edited(&line, "");
    let said = changes.iter().flat_map(|change| &change.meaning);
    assert!(
        said.clone()
            .any(|said| said.contains("now exists on every variant")),
        "{:?}",
        said.collect::<Vec<_>>()
    );
}

#[test]
fn digits_in_prose_are_no_numbers() {
    let changes = edited("title: Toy NIC", "title: Toy NIC 7");
    assert_eq!(changes.len(), 1);
    let text = crate::diagnostic::TOY.replace("title: Toy NIC", "title: Toy NIC 07");
    assert_eq!(differences(&text, "Toy NIC 07", "Toy NIC 7").len(), 1);
}

#[test]
fn another_condition_for_a_present_device_says_when_a_device_counts_as_removed() {
    let changes = edited("\"STATUS.ZERO == 0\"", "\"STATUS.ZERO != 255\"");
    assert_eq!(
        changes[0].meaning,
        [
            "The driver takes the device as removed unless `STATUS.ZERO != 255`, and no longer unless `STATUS.ZERO == 0`."
        ]
    );
}

#[test]
fn a_moved_field_lists_the_steps_and_rules_that_use_it() {
    let changes = edited(
        "      ENABLE: { bits: 31 }\n  TDWBAL",
        "      ENABLE: { bits: 30 }\n  TDWBAL",
    );
    assert_eq!(changes.len(), 1);
    let places: Vec<_> = changes[0]
        .mentions
        .iter()
        .map(|mention| (&mention.place, mention.does))
        .collect();
    let step = |sequence: &str, step: &str| {
        places.iter().any(|(place, _)| matches!(place, Where::Step { sequence: named, step: number, .. } if named == sequence && number == step))
    };
    assert!(
        step("tx.enable", "7") && step("tx.disable", "1"),
        "{places:?}"
    );
    assert!(
        places
            .iter()
            .any(|(place, _)| matches!(place, Where::Order { .. })),
        "{places:?}"
    );
    let number = crate::diagnostic::TOY
        .lines()
        .position(|line| line.contains("first: [TDBAL"))
        .unwrap()
        + 1;
    assert!(
        places
            .iter()
            .any(|(place, _)| matches!(place, Where::Order { line } if line.number == number))
    );
    let meaning = &changes[0].meaning[0];
    for part in [
        "bit 30 (mask 0x40000000)",
        "bit 31 (mask 0x80000000)",
        "`0x00114 + 0x20 * n`",
        "writes and modifies",
    ] {
        assert!(meaning.contains(part), "{meaning}");
    }
}

#[test]
fn a_spec_with_errors_can_be_compared_if_every_part_can_be_resolved() {
    let overlap = crate::diagnostic::TOY.replace("DUPLEX: { bits: 1 }", "DUPLEX: { bits: 2 }");
    let new = side("toy.yaml", &overlap);
    assert!(new.nic().is_none() && new.report().is_some());
    let changes = between(&side("toy.yaml", crate::diagnostic::TOY), &new);
    assert!(
        changes[0].meaning[0].contains("which `READY` also has,"),
        "{changes:?}"
    );
    let unknown = crate::diagnostic::TOY.replace("flush: STATUS", "flush: STATSU");
    assert!(Side::read("toy.yaml", &unknown).is_err());
}

/// The kinds of change of the steps of the one sequence that an edit changes.
fn steps(from: &str, to: &str) -> Vec<(String, StepKind)> {
    let changes = edited(from, to);
    let [change] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    let Kind::Steps(steps) = &change.kind else {
        panic!("{change:?}");
    };
    steps
        .iter()
        .map(|step| (step.number.clone(), step.kind.clone()))
        .collect()
}

#[test]
fn steps_are_added_removed_moved_and_changed() {
    let (head, tail) = (
        "      - write: { \"TDH[queue]\": 0 }\n",
        "      - write: { \"TDT[queue]\": 0 }\n",
    );
    assert_eq!(steps(head, ""), [("4".to_owned(), StepKind::Removed)]);
    assert_eq!(
        steps(head, &head.repeat(2)),
        [("5".to_owned(), StepKind::Added)]
    );
    let moved = steps(&format!("{head}{tail}"), &format!("{tail}{head}"));
    assert!(
        matches!(moved.as_slice(), [(_, StepKind::Moved(_))]),
        "{moved:?}"
    );
    let changed = steps(
        "ADDRESS: \"headwb.address.low >> 2\", ENABLE: 1",
        "ADDRESS: \"headwb.address.low >> 2\"",
    );
    let [(number, StepKind::Changed(parts))] = changed.as_slice() else {
        panic!("{changed:?}");
    };
    assert_eq!(
        (number.as_str(), parts[0].aspect.as_str()),
        ("6.then.1", "ENABLE")
    );
    assert_eq!(
        (parts[0].old.as_deref(), parts[0].new.as_deref()),
        (Some("1"), None)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn comments_and_empty_lines_are_no_changes((name, text) in select(specs()), places in proptest::collection::vec(any::<Index>(), 1..20)) {
        let mut lines: Vec<&str> = text.lines().collect();
        for (number, place) in places.iter().enumerate() {
            let at = place.index(lines.len() + 1);
            lines.insert(at, if number % 2 == 0 { "# a word about it" } else { "" });
        }
        let commented = lines.join("\n");
        prop_assert_eq!(between(&side(&name, &text), &side(&name, &commented)), []);
    }
}
