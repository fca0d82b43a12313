use std::fs;
use std::path::Path;
use std::process::Command;

use nicspecs::SpecFile;
use tempfile::TempDir;

use crate::compare::{Comparison, SpecKind};
use crate::items::Effect;
use crate::sides::{Repository, State};
use crate::{markdown, terminal};

mod pull_requests;

fn toy(edits: &[(&str, &str)]) -> SpecFile {
    edited("nicspecs/toy.yaml", nicspecs::TOY, edits)
}

fn edited(path: &str, text: &str, edits: &[(&str, &str)]) -> SpecFile {
    let mut text = text.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{path} has no `{from}` any more");
        text = text.replacen(from, to, 1);
    }
    SpecFile::new(path, text)
}

fn compared(old: &[SpecFile], new: &[SpecFile]) -> Comparison {
    let mut comparison = Comparison::new(old, new).unwrap();
    comparison.between = ("HEAD".to_owned(), "the working tree".to_owned());
    comparison
}

/// The report for terminals without its colours, and the one for pull requests.
fn both(comparison: &Comparison) -> String {
    let terminal = terminal::text(comparison);
    assert!(terminal.contains("\u{1b}["), "a terminal gets colours");
    let terminal = anstream::adapter::strip_str(&terminal).to_string();
    format!("{terminal}\n=====\n\n{}", markdown::text(comparison))
}

#[test]
fn a_bit_moved_onto_another_is_shown_although_the_spec_has_errors() {
    let onto = toy(&[("DUPLEX: { bits: 1 }", "DUPLEX: { bits: 2 }")]);
    let comparison = compared(&[toy(&[])], &[onto]);
    assert_eq!(comparison.errors.len(), 1);
    assert!(comparison.errors[0].short().contains("NS0305"));
    insta::assert_snapshot!("moved_onto", both(&comparison));
}

/// An edit of every chapter.
const EVERYWHERE: [(&str, &str); 22] = [
    ("title: Toy A", "title: Toy Alpha"),
    (
        "pci: [\"1234:0002\"]",
        "pci: [\"1234:0002\", \"1234:0003\"]",
    ),
    ("settle: 20", "settle: 25"),
    ("bar: 0, size: 0x1000", "bar: 2, size: 0x1000"),
    (
        "default: 0, max: 1, doc: \"every",
        "default: 1, max: 1, doc: \"every",
    ),
    (
        "offset: 0x018\n    access: rw",
        "offset: 0x02c\n    access: rw",
    ),
    (
        "offset: 0x014\n    access: w1c",
        "offset: 0x014\n    access: rw",
    ),
    (
        "THRESHOLD: { bits: \"6:0\" }",
        "THRESHOLD: { bits: \"5:0\" }",
    ),
    ("values: { m10: 0, m100: 1 }", "values: { m10: 0, m100: 2 }"),
    (
        "      UNTAG: { bits: 13 }",
        "      UNTAG: { bits: 13 }\n      SPARE: { bits: 14 }",
    ),
    (
        "REPORT: { bits: 82, by: host }\n      FIRST: { bits: 83",
        "REPORT: { bits: 83, by: host }\n      FIRST: { bits: 82",
    ),
    ("pads_to: 60, descriptors: 8", "pads_to: 64, descriptors: 8"),
    ("set: [RX], again: true", "set: [RX]"),
    ("    - { scheme: head_register }\n", ""),
    ("clear: [ERROR] }", "clear: [] }"),
    ("full_duplex: \"STATUS.DUPLEX\"", "full_duplex: \"1\""),
    ("address_bits: \"47:42\"", "address_bits: \"46:41\""),
    ("block: 8, bytes: 4", "block: 12, bytes: 4"),
    ("TDH, TDT], then: TXCTL", "TDT], then: TXCTL"),
    (
        "      - write: { \"TDH[queue]\": 0 }\n      - write: { \"TDT[queue]\": 0 }\n",
        "      - write: { \"TDT[queue]\": 0 }\n      - write: { \"TDH[queue]\": 0 }\n",
    ),
    (
        "      - sleep: settle ms\n",
        "      - sleep: settle ms\n        why: it needs the time\n",
    ),
    ("1: 0x796d", "1: 0x7949"),
];

#[test]
fn the_wording_names_who_strips_the_crc() {
    let words = |from: &str, to: &str| {
        let with = |strips: &str| {
            let step = format!("STRIP: {strips}, KEEP: {strips} }}");
            toy(&[("STRIP: 1, KEEP: 1 }", &step)])
        };
        both(&compared(&[with(from)], &[with(to)]))
    };
    let chosen = words("1", "loopback");
    assert!(
        chosen.contains("The NIC strips the CRC of received frames while `loopback` is on"),
        "{chosen}"
    );
    let always = words("loopback", "1");
    assert!(always.contains("The NIC now strips the CRC"), "{always}");
    let never = words("loopback", "0");
    assert!(never.contains("now reaches the buffer"), "{never}");
}

#[test]
fn edits_of_every_chapter_are_shown_as_reviewed() {
    let comparison = compared(&[toy(&[])], &[toy(&EVERYWHERE)]);
    let errors: String = comparison
        .errors
        .iter()
        .map(|report| report.short())
        .collect();
    assert_eq!(errors, "");
    insta::assert_snapshot!("everywhere", both(&comparison));
}

#[test]
fn changes_of_comments_and_order_take_one_line() {
    let edits = [
        ("nic:\n", "# A word about it.\nnic:\n"),
        ("offset: 0x004\n    access: ro", "access: ro\n    offset: 4"),
    ];
    let comparison = compared(&[toy(&[])], &[toy(&edits)]);
    assert!(!comparison.has_changes());
    assert_eq!(
        both(&comparison).lines().next(),
        Some(
            "From HEAD to the working tree: nothing changes for the hardware. Only comments, layout or the notation of numbers differ in nicspecs/toy.yaml."
        )
    );
    let same = compared(&[toy(&[])], &[toy(&[])]);
    assert_eq!(
        anstream::adapter::strip_str(&terminal::text(&same)).to_string(),
        "No spec changed from HEAD to the working tree.\n"
    );
}

#[test]
fn an_added_or_removed_spec_takes_one_line() {
    let other = edited(
        "nicspecs/other.yaml",
        nicspecs::TOY,
        &[
            ("name: toy", "name: other"),
            ("\"1234:0001\"", "\"1234:0011\""),
            ("\"1234:0002\"", "\"1234:0012\""),
        ],
    );
    let both_specs = [toy(&[]), other];
    let comparison = compared(&both_specs[..1], &both_specs);
    assert!(matches!(comparison.specs[0].kind, SpecKind::Added(_)));
    insta::assert_snapshot!("added_spec", both(&comparison));
    let gone = compared(&both_specs, &both_specs[..1]);
    assert!(matches!(gone.specs[0].kind, SpecKind::Removed(_)));
    assert!(
        gone.items
            .iter()
            .any(|item| item.path == "other" && item.effect == Effect::Breaking)
    );
}

/// What edits of the toy do to the public items of the generated crate.
fn items(edits: &[(&str, &str)]) -> Vec<(Effect, String)> {
    let comparison = compared(&[toy(&[])], &[toy(edits)]);
    assert!(comparison.errors.is_empty());
    comparison
        .items
        .into_iter()
        .map(|item| (item.effect, item.path))
        .collect()
}

#[test]
fn removed_items_and_changed_types_break_and_added_ones_do_not() {
    // A field that is gone, and one that is new.
    let renamed = items(&[
        ("      KEEP: { bits: 12 }", "      HOLD: { bits: 12 }"),
        ("CTRL.KEEP", "CTRL.HOLD"),
        ("KEEP: 1", "HOLD: 1"),
    ]);
    assert!(
        renamed.contains(&(Effect::Breaking, "toy::regs::Ctrl::keep".to_owned())),
        "{renamed:?}"
    );
    assert!(
        !renamed.iter().any(|(_, path)| path.ends_with("::hold")),
        "{renamed:?}"
    );
    // One that is somewhere else under the same name.
    let moved = items(&[("READY: { bits: 2 }", "READY: { bits: 3 }")]);
    assert!(
        moved.contains(&(Effect::Other, "toy::regs::Status::ready".to_owned())),
        "{moved:?}"
    );
    assert!(
        moved.iter().all(|(effect, _)| *effect != Effect::Breaking),
        "{moved:?}"
    );
    // A caller that lists all options lacks one.
    let option = items(&[
        (
            "doc: \"every frame is returned\" }",
            "doc: \"every frame is returned\" }\n  burst: { default: 3, max: 7, doc: \"descriptors fetched at once\" }",
        ),
        ("- write: { BURST: 16 }", "- write: { BURST: burst }"),
    ]);
    assert!(
        option.contains(&(Effect::Breaking, "toy::Options::burst".to_owned())),
        "{option:?}"
    );
    // A match on all variants lacks one.
    let variant = items(&[(
        "    constants: { settle: 20 }\n",
        "    constants: { settle: 20 }\n  - name: C\n    title: Toy C\n    pci: [\"1234:0003\"]\n",
    )]);
    assert!(variant.iter().any(|(effect, path)| *effect == Effect::Breaking && path.starts_with("toy::Variant::")), "{variant:?}");
}

/// A repository with one commit.
struct Scratch(TempDir);

impl Scratch {
    fn with(text: &str) -> Self {
        let scratch = Self(tempfile::tempdir().unwrap());
        scratch.git(&["init", "--quiet"]);
        scratch.commit(text);
        scratch
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self, text: &str) {
        self.write("nicspecs/toy.yaml", text);
        self.git(&["add", "."]);
        self.git(&[
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "commit",
            "--quiet",
            "--message",
            "a",
        ]);
    }

    fn git(&self, arguments: &[&str]) {
        let run = Command::new("git")
            .args(arguments)
            .current_dir(self.0.path())
            .output()
            .unwrap();
        assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stderr)
        );
    }

    fn repository(&self) -> Repository {
        Repository::new(self.0.path())
    }

    fn compared(&self, revisions: &str) -> Comparison {
        let repository = self.repository();
        let (old, new) = State::pair(&repository, revisions).unwrap();
        let (old, new) = (
            repository.specs(&old).unwrap(),
            repository.specs(&new).unwrap(),
        );
        Comparison::new(&old, &new).unwrap()
    }
}

#[test]
fn commits_and_the_working_tree_are_read_and_nothing_is_written() {
    let scratch = Scratch::with(nicspecs::TOY);
    scratch.commit(&nicspecs::TOY.replace("READY: { bits: 2 }", "READY: { bits: 3 }"));
    assert!(!scratch.compared("HEAD").has_changes());
    assert!(scratch.compared("HEAD~1").has_changes());
    assert!(scratch.compared("HEAD~1..HEAD").has_changes());
    scratch.write("nicspecs/toy.yaml", nicspecs::TOY);
    assert!(scratch.compared("HEAD").has_changes());
    assert!(!scratch.compared("HEAD~1").has_changes());
    let status = Command::new("git")
        .args(["status", "--porcelain"])
        .current_dir(scratch.0.path())
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&status.stdout),
        " M nicspecs/toy.yaml\n"
    );
}

#[test]
fn a_revision_that_does_not_exist_is_named() {
    let repository = Scratch::with(nicspecs::TOY);
    for (revisions, said) in [
        ("nowhere", "there is no revision `nowhere`"),
        ("HEAD..nowhere", "there is no revision `nowhere`"),
        ("a...b", "`a...b` does not name two states"),
    ] {
        let error = State::pair(&repository.repository(), revisions).unwrap_err();
        assert_eq!(error.to_string(), said);
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let error = State::pair(&Repository::new(elsewhere.path()), "HEAD").unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("git rev-parse --git-dir failed"),
        "{error}"
    );
}

#[test]
fn an_old_spec_with_errors_is_named_with_its_revision() {
    let scratch = Scratch::with(&nicspecs::TOY.replace("flush: STATUS", "flush: STATSU"));
    scratch.write("nicspecs/toy.yaml", nicspecs::TOY);
    let comparison = scratch.compared("HEAD");
    assert_eq!(comparison.errors[0].name(), "HEAD:nicspecs/toy.yaml");
    assert!(
        comparison.errors[0]
            .short()
            .contains("there is no register `STATSU`")
    );
    assert!(matches!(comparison.specs[0].kind, SpecKind::Unreadable));
    assert_eq!(comparison.files, None);
}

#[test]
fn a_change_of_the_generator_is_reported() {
    let scratch = Scratch::with(nicspecs::TOY);
    let changes = || {
        let repository = scratch.repository();
        let (old, new) = State::pair(&repository, "HEAD").unwrap();
        repository.generator_changes(&old, &new).unwrap()
    };
    scratch.write("xtask/generator/templates/regs.rs.jinja", "one");
    scratch.commit(nicspecs::TOY);
    assert!(changes().is_empty());
    scratch.write("xtask/generator/templates/regs.rs.jinja", "two");
    assert_eq!(changes(), ["xtask/generator/templates/regs.rs.jinja"]);
    assert!(Path::new(&changes()[0]).is_relative());
}

#[test]
fn two_runs_print_the_same() {
    let again = || both(&compared(&[toy(&[])], &[toy(&EVERYWHERE)]));
    assert_eq!(again(), again());
}
