//! Every change of meaning is reported, and no change of form.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{Change, Kind, Side, StepKind, Subject, Where, between};
use crate::diagnostic::{File, Findings, Span};
use crate::load::SpecFile;
use crate::tree;

/// Name and text of the toy spec and of every spec of this repository.
fn specs() -> Vec<(String, String)> {
    let files = crate::load::load_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
    let files = files
        .into_iter()
        .map(|file| (file.path.to_string_lossy().into_owned(), file.text));
    files
        .chain([("toy.yaml".to_owned(), crate::diagnostic::TOY.to_owned())])
        .collect()
}

fn spec(name: &str) -> (String, String) {
    let found = specs().into_iter().find(|(path, _)| path.ends_with(name));
    found.unwrap()
}

fn side(name: &str, text: &str) -> Side {
    static FILES: LazyLock<Vec<SpecFile>> =
        LazyLock::new(|| crate::load::load_dir(env!("CARGO_MANIFEST_DIR")).unwrap());
    // It may have a base spec.
    let file = SpecFile::new(name, text).among(&FILES);
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

/// The text of every scalar and of every key of a text, with its place.
fn scalars(text: &str) -> Vec<(Span, String)> {
    let tree = tree::scan(text, File::Own, &mut Findings::default()).unwrap();
    let mut scalars: Vec<(Span, String)> = tree
        .maps()
        // Other keys are words of the language.
        .filter(|entry| entry.key.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|entry| (entry.key_span, entry.key.clone()))
        .collect();
    let mut open = vec![tree.root()];
    while let Some(node) = open.pop() {
        if let Some(text) = tree.text(node) {
            scalars.push((tree.span(node), text.to_owned()));
        }
        open.extend(tree.list(node).unwrap_or_default());
        open.extend(
            tree.map(node)
                .unwrap_or_default()
                .iter()
                .map(|entry| entry.value),
        );
    }
    scalars.sort_by_key(|(span, _)| span.start);
    scalars
}

/// Replacements for a scalar: each number in it changed, each name in it replaced by others of its kind, or
/// other words.
fn others(scalar: &str, names: &BTreeSet<String>) -> Vec<String> {
    const WORDS: [&[&str]; 16] = [
        &["rw", "ro", "wo", "rc", "w1c", "w1s"],
        &["host", "nic", "both"],
        &["true", "false"],
        &["queue", "device"],
        &["intx", "msi", "msix"],
        &["read", "write"],
        &["init", "start"],
        &["slot.address", "slot.length", "frame.length"],
        &["slot", "frame"],
        &["fail", "continue"],
        &["u8", "u16", "u32"],
        &[
            "rx_frames",
            "rx_bytes",
            "tx_frames",
            "tx_bytes",
            "rx_missed",
        ],
        &["set", "clear"],
        &["done_bit", "owner_bit"],
        &["ipv4", "tcp_ipv4", "udp_ipv4"],
        &["and", "or"],
    ];
    let mut others = Vec::new();
    let parts: Vec<(usize, &str)> = parts(scalar);
    for (at, part) in &parts {
        let mut replace = |with: &str| {
            let mut other = scalar.to_owned();
            other.replace_range(*at..at + part.len(), with);
            others.push(other);
        };
        let hex = part
            .strip_prefix("0x")
            .and_then(|digits| u64::from_str_radix(digits, 16).ok());
        if let Some(number) = hex {
            [number.wrapping_add(4), number ^ 1, number / 2]
                .iter()
                .for_each(|other| replace(&format!("{other:#x}")));
        } else if let Ok(number) = part.parse::<u64>() {
            [number + 1, number.saturating_sub(1), number * 2, number / 2]
                .iter()
                .for_each(|other| replace(&other.to_string()));
        } else if let Some(words) = WORDS.iter().find(|words| words.contains(part)) {
            words
                .iter()
                .filter(|word| *word != part)
                .for_each(|word| replace(word));
        } else if names.contains(*part) {
            names
                .range((*part).to_owned()..)
                .skip(1)
                .take(4)
                .for_each(|name| replace(name));
            names
                .range(..(*part).to_owned())
                .rev()
                .take(4)
                .for_each(|name| replace(name));
        }
    }
    // Sentences and free names.
    others.push(format!("{scalar} again"));
    others.push(format!("{scalar}1"));
    others
}

/// Words and numbers of a scalar with their places.
fn parts(scalar: &str) -> Vec<(usize, &str)> {
    let of_a_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut parts = Vec::new();
    let mut start = None;
    for (at, letter) in scalar.char_indices().chain([(scalar.len(), ' ')]) {
        match (start, of_a_part(letter)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                parts.push((from, &scalar[from..at]));
                start = None;
            }
            _ => {}
        }
    }
    if scalar.contains('.') {
        parts.push((0, scalar));
    }
    parts
}

/// Changes each scalar of a spec in every way that gives another meaning, and returns how many there were. Fails on
/// those that the comparison does not report.
fn every_change_is_seen(name: &str, text: &str) -> usize {
    let old = side(name, text);
    let scalars = scalars(text);
    let names: BTreeSet<String> = scalars
        .iter()
        .map(|(_, text)| text.clone())
        .filter(|text| parts(text).len() == 1)
        .collect();
    let (next, seen) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let mut silent = Vec::new();
        while let Some((span, scalar)) = scalars.get(next.fetch_add(1, Ordering::Relaxed)) {
            let quoted = text[span.start..].starts_with(['"', '\'']);
            for other in others(scalar, &names) {
                let mut edited = text.to_owned();
                let with = if quoted {
                    format!("\"{other}\"")
                } else {
                    other
                };
                edited.replace_range(span.start..span.end, &with);
                let Ok(new) = Side::read(name, &edited) else {
                    continue;
                };
                if new.meant() == old.meant() {
                    continue;
                }
                seen.fetch_add(1, Ordering::Relaxed);
                if between(&old, &new).is_empty() {
                    let line = text[..span.start].lines().count();
                    silent.push(format!("{name}:{line}: `{scalar}` became `{with}`"));
                }
                // One replacement with another meaning is enough.
                break;
            }
        }
        silent
    };
    let silent: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    assert!(silent.is_empty(), "not reported:\n{}", silent.join("\n"));
    seen.into_inner()
}

#[test]
fn every_change_of_a_scalar_of_the_toy_spec_is_reported() {
    let seen = every_change_is_seen("toy.yaml", crate::diagnostic::TOY);
    assert!(seen > 400, "{seen} changes are too few");
}

#[test]
fn every_change_of_a_scalar_of_a_real_spec_is_reported() {
    let (name, text) = spec("rtl8169.yaml");
    let seen = every_change_is_seen(&name, &text);
    assert!(seen > 800, "{seen} changes are too few");
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

#[test]
fn a_field_under_another_name_is_renamed() {
    let changes = edited(
        "DUPLEX: { bits: 1 }",
        "DUPLEX: { bits: 1 }\n      SPARE: { bits: 7 }",
    );
    assert!(matches!(changes[0].kind, Kind::Added(_)));
    let with = crate::diagnostic::TOY.replace(
        "DUPLEX: { bits: 1 }",
        "DUPLEX: { bits: 1 }\n      SPARE: { bits: 7 }",
    );
    let renamed = with.replace("SPARE", "RESERVE");
    let changes = between(&side("toy.yaml", &with), &side("toy.yaml", &renamed));
    assert_eq!(changes.len(), 1);
    assert_eq!(
        changes[0].subject,
        Subject::field("registers", "STATUS", "RESERVE")
    );
    assert_eq!(
        changes[0].kind,
        Kind::Renamed {
            from: "STATUS.SPARE".to_owned()
        }
    );
}

#[test]
fn a_field_of_another_register_is_no_renamed_one() {
    let in_register = |field: &str| {
        let fields = format!("{field}\n      SPARE: {{ bits: 7 }}");
        side(
            "toy.yaml",
            &crate::diagnostic::TOY.replacen(field, &fields, 1),
        )
    };
    let (old, new) = (
        in_register("DUPLEX: { bits: 1 }"),
        in_register("OVERHEAT: { bits: 0 }"),
    );
    let kinds: Vec<_> = between(&old, &new)
        .into_iter()
        .map(|change| {
            (
                change.subject.to_string(),
                matches!(change.kind, Kind::Added(_)),
            )
        })
        .collect();
    let named = |name: &str, added| (name.to_owned(), added);
    assert_eq!(
        kinds,
        [named("EVENTS.SPARE", true), named("STATUS.SPARE", false)]
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
