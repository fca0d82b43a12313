use std::collections::BTreeSet;

use nicspecs::Finding;

use super::shape::{Completion, Handover, Interrupts, Phy, RingEnd, Statistics};
use super::*;
use xtask_generator::render;

mod shapes;

use shapes::{Datasheet, is_simplest, shapes};

fn task(name: &str, like: Option<&str>, pci: Option<&str>) -> NewNic {
    NewNic {
        name: name.to_owned(),
        like: like.map(str::to_owned),
        pci: pci.map(str::to_owned).into_iter().collect(),
        shape: Flags {
            handover: Some(Handover::Tail),
            ..Flags::default()
        },
    }
}

fn toy() -> SpecFile {
    SpecFile::new("nicspecs/toy.yaml", nicspecs::TOY)
}

/// The errors of `text` next to the toy spec; empty if it compiles.
fn findings(name: &str, text: &str) -> Vec<Finding> {
    let spec = SpecFile::new(format!("nicspecs/{name}.yaml"), text).among(&[toy()]);
    let report = spec.compile().err();
    report.map_or(Vec::new(), |report| report.findings().to_vec())
}

/// The text between backquotes.
fn quoted(message: &str) -> &str {
    message.split('`').nth(1).expect("a name in backquotes")
}

/// Fills in gap by gap, as lint asks for them, until none is left. Each step leaves one gap fewer and reports no error.
fn fill(name: &str, mut text: String, facts: &[(&str, &str)]) -> String {
    let mut left = findings(name, &text);
    let mut filled = 0;
    while let Some(gap) = left.first().filter(|gap| gap.is_gap()) {
        assert!(left.iter().all(Finding::is_gap), "{}", gap.short());
        let message = gap.to_string();
        let path = quoted(&message);
        let help = gap.help().expect("every gap says what to look up");
        assert!(!help.contains("spec-language.md"), "{path} has no help");
        let (_, fact) = facts
            .iter()
            .find(|(key, _)| *key == path)
            .unwrap_or_else(|| panic!("no fact for {path}"));
        text = replaced(&text, gap, path, fact);
        let now = findings(name, &text);
        assert_eq!(
            now.iter().filter(|finding| finding.is_gap()).count(),
            left.len() - 1,
            "{path}"
        );
        left = now;
        filled += 1;
    }
    assert!(
        left.is_empty(),
        "{}",
        left.iter()
            .map(|finding| finding.short() + "\n")
            .collect::<String>()
    );
    assert_eq!(filled, facts.len(), "a fact that no gap asks for");
    text
}

/// The text with one gap filled, whose key is before it.
fn replaced(text: &str, gap: &Finding, path: &str, fact: &str) -> String {
    let line = text
        .lines()
        .nth(gap.line() - 1)
        .expect("a line of the text");
    let (before, after) = line.split_at(gap.column() - 1);
    let key = path.rsplit('.').find(|key| key.parse::<u32>().is_err());
    assert!(before.contains(key.expect("a key")), "{path}: {line}");
    let rest = after.strip_prefix("TODO").expect("a gap at its place");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[gap.line() - 1] = format!("{before}{fact}{rest}");
    lines.join("\n") + "\n"
}

fn facts(text: &str) -> Vec<(&str, &str)> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.split_once(": ").expect("a path and a fact"))
        .collect()
}

/// The text with all its gaps filled.
fn filled(name: &str, mut text: String, datasheet: &Datasheet<'_>) -> String {
    for gap in findings(name, &text).iter().rev() {
        let message = gap.to_string();
        assert!(gap.is_gap(), "{}", gap.short());
        let help = gap.help().expect("every gap says what to look up");
        let path = quoted(&message);
        assert!(!help.contains("spec-language.md"), "{path} has no help");
        text = replaced(&text, gap, path, &datasheet.fact(path));
    }
    text
}

#[test]
fn every_shape_ends_with_a_driver() {
    for flags in shapes() {
        let task = NewNic {
            shape: flags.clone(),
            ..task("toy_again", None, None)
        };
        let skeleton = text(&task, &[]).unwrap();
        let names = |pattern: &str| skeleton.contains(pattern);
        let is_tail = flags.handover == Some(Handover::Tail);
        assert_eq!(is_tail, names("TDT") && names("RDT"), "{flags:?}");
        assert_eq!(!is_tail, names("OWN") || names("owner_bit"), "{flags:?}");
        assert_eq!(
            flags.handover == Some(Handover::Kick),
            names("TKICK"),
            "{flags:?}"
        );
        assert_eq!(
            flags.ring_end == Some(RingEnd::Length),
            names("TDLEN"),
            "{flags:?}"
        );
        let datasheet = Datasheet { flags: &flags };
        let spec = filled("toy_again", skeleton, &datasheet);
        let nic = nicspecs::compile("nicspecs/toy_again.yaml", &spec)
            .unwrap_or_else(|report| panic!("{flags:?}\n{}\n{spec}", report.short()));
        assert_eq!(nic.tx().queues, flags.tx_queues.unwrap());
        render::one(&nic).unwrap();
    }
}

/// The texts in backquotes and braces of the comments.
fn hints(skeleton: &str) -> Vec<&str> {
    let comments = skeleton.lines().filter_map(|line| line.split_once("# "));
    let quoted = comments.flat_map(|(_, comment)| comment.split('`').skip(1).step_by(2));
    quoted.filter(|text| text.contains('{')).collect()
}

/// The register that a hint asks for.
const RX_KICK: &str = "  RKICK: { title: Kick, section: \"1\", offset: 0xe00, width: 8, stride: 1, count: 4, access: wo, \
                       fields: { RX: { bits: 0 } } }\n";

/// A comment that shows what to write shows it as the language reads it and as `fmt` writes it.
#[test]
fn the_hints_of_every_shape_can_be_written_as_they_are() {
    let mut seen = BTreeSet::new();
    for flags in shapes().into_iter().filter(is_simplest) {
        let task = NewNic {
            shape: flags.clone(),
            ..task("toy_again", None, None)
        };
        let skeleton = text(&task, &[]).unwrap();
        let spec = filled("toy_again", skeleton.clone(), &Datasheet { flags: &flags });
        for hint in hints(&skeleton) {
            let kick = if hint.contains("RKICK") { RX_KICK } else { "" };
            let (begin, _) = hint.split_once(": ").unwrap();
            let with = |old: &str, new: String| {
                assert!(spec.contains(old), "{flags:?}: {old}");
                spec.replacen(old, &new, 1)
            };
            let written = match begin {
                "qemu" => with("    pci: [", format!("    {hint}\n    pci: [")),
                "{ kind" => with(
                    "\n  doorbell: { kind: none }",
                    format!("\n  doorbell: {hint}"),
                )
                .replace("GO: { bits: 0 }", "GO: { bits: 0 }, RX: { bits: 1 }")
                .replace("\nregisters:\n", &format!("\nregisters:\n{kick}")),
                "{ first" => with("\norder: []", format!("\norder: [{hint}]")),
                "registers" => match flags.phy {
                    Some(Phy::Mapped) => with("  phy:\n", format!("  phy:\n    {hint}\n")),
                    _ => with("ready: DONE }", format!("ready: DONE, {hint} }}")),
                },
                other => panic!("an unknown hint: {other}"),
            };
            let file = SpecFile::new("nicspecs/toy_again.yaml", &*written);
            if let Err(report) = file.compile() {
                panic!("{flags:?}: {hint}\n{}", report.short());
            }
            let formatted = file.formatted().unwrap();
            assert!(formatted.contains(hint), "{flags:?}: {hint}\n{formatted}");
            seen.insert(begin.to_owned());
        }
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
}

/// The commented edits of a spec with `like` are in the words of the language.
#[test]
fn the_hints_for_an_heir_are_keys_and_values_of_the_language() {
    let skeleton = text(&task("heir", Some("toy"), Some("1234:00ab")), &[toy()]).unwrap();
    let (whole, examples) = skeleton.split_once("# What usually differs").unwrap();
    let examples = examples.lines().skip(1).filter_map(|line| {
        let line = line.strip_prefix('#')?;
        Some(format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
    });
    let examples: String = examples.collect();
    let examples = examples.replace("steps: [...]", "steps: []");
    assert!(examples.contains("registers:"), "{examples}");
    let found = findings("heir", &format!("{whole}{examples}"));
    // Facts and steps that are to be filled in, and values that happen to be those of this base spec.
    let expected = ["NS0111", "NS0112", "NS0114"];
    let form: Vec<String> = found
        .iter()
        .filter(|finding| !expected.contains(&finding.rule().code))
        .map(Finding::short)
        .collect();
    assert_eq!(form, [""; 0]);
}

#[test]
fn the_skeletons_read_as_reviewed() {
    let flags = [
        Flags {
            handover: Some(Handover::Tail),
            phy: Some(Phy::Mapped),
            completion: Some(Completion::HeadWriteback),
            rx_queues: Some(4),
            statistics: Some(Statistics::Registers),
            interrupts: Some(Interrupts::Msix),
            ..Flags::default()
        },
        Flags {
            handover: Some(Handover::Kick),
            phy: Some(Phy::Command),
            statistics: Some(Statistics::Block),
            ..Flags::default()
        },
    ];
    for (name, shape) in ["tail", "kick"].into_iter().zip(flags) {
        let task = NewNic {
            shape,
            ..task("acme100", None, None)
        };
        insta::assert_snapshot!(name, text(&task, &[]).unwrap());
    }
}

#[test]
fn what_is_inherited_is_shown() {
    insta::assert_snapshot!(inherited("toy", &[toy()]));
}

#[test]
fn filling_gap_after_gap_ends_with_a_driver() {
    let skeleton = text(&task("toy_again", None, None), &[]).unwrap();
    let spec = fill("toy_again", skeleton, &facts(include_str!("toy_facts.txt")));
    let nic = nicspecs::compile("nicspecs/toy_again.yaml", &spec).unwrap();
    let files = render::one(&nic).unwrap();
    let paths: Vec<_> = files.keys().collect();
    assert!(
        paths.iter().any(|path| path.ends_with("driver.rs")),
        "{paths:?}"
    );
}

#[test]
fn a_derived_spec_has_gaps_only_for_its_identity() {
    let skeleton = text(&task("heir", Some("toy"), Some("1234:00AB")), &[toy()]).unwrap();
    assert!(skeleton.contains("pci: [\"1234:00ab\"]"), "{skeleton}");
    assert!(
        skeleton.ends_with('\n') && !skeleton.ends_with("\n\n"),
        "{skeleton}"
    );
    let facts = [
        ("nic.title", "Heir NIC"),
        ("nic.datasheet", "Heir NIC datasheet, revision 1"),
        ("variants.0.title", "Heir A"),
        ("variants.0.like", "A"),
    ];
    let heir = fill("heir", skeleton, &facts);
    // A spec may be derived from a derived one, which here has a single variant.
    let heir = SpecFile::new("nicspecs/heir.yaml", heir).among(&[toy()]);
    let third = text(&task("third", Some("heir"), None), &[toy(), heir]).unwrap();
    assert!(third.contains("like: heir\n"), "{third}");
    assert_eq!(third.matches("    like: TODO\n").count(), 0, "{third}");
}

#[test]
fn a_new_spec_is_formatted() {
    for task in [
        task("new", None, None),
        task("new", Some("toy"), Some("1234:00ab")),
    ] {
        let begun = text(&task, &[toy()]).unwrap();
        let spec = SpecFile::new("nicspecs/new.yaml", &*begun).among(&[toy()]);
        assert_eq!(spec.formatted().unwrap(), begun);
    }
}

#[test]
fn an_error_in_a_filled_gap_is_reported_at_once() {
    let skeleton = text(&task("new", None, None), &[]).unwrap();
    let wrong = skeleton
        .replacen("offset: TODO", "ofset: 0x10", 1)
        .replacen("size: TODO", "size: much", 1);
    let found = findings("new", &wrong);
    let codes: Vec<_> = found
        .iter()
        .filter(|finding| !finding.is_gap())
        .map(|finding| finding.rule().code)
        .collect();
    assert_eq!(codes, ["NS0103", "NS0101"]);
}

#[test]
fn invalid_requests_are_refused_with_help() {
    let kept = nicspecs::TOY
        .replace("1234:0002", "1234:00c2")
        .replace("1234:0001", "1234:00c1");
    let kept = SpecFile::new("nicspecs/tests/toys/kept.yaml", kept);
    let specs = [toy(), kept];
    let refusals = [
        task("kept", None, None),
        task("new", None, Some("1234:00C2")),
        task("new", Some("kept"), None),
        task("../other", None, None),
        task("", None, None),
        task("new", None, Some("12345")),
        task("new", None, Some("1234:0002")),
        task("new", Some("toi"), None),
        NewNic {
            shape: Flags::default(),
            ..task("new", None, None)
        },
        NewNic {
            shape: Flags {
                handover: Some(Handover::Kick),
                completion: Some(Completion::DoneBit),
                ..Flags::default()
            },
            ..task("new", None, None)
        },
    ];
    let shown: Vec<String> = refusals
        .iter()
        .map(|task| {
            let refusal = text(task, &specs).unwrap_err();
            format!("{refusal}\n  {}", refusal.help().expect("what to do"))
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn an_existing_file_is_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("nicspecs")).unwrap();
    let (task, shown) = (task("new", None, None), Path::new("nicspecs/new.yaml"));
    write(folder.path(), shown, &task, "first\n").unwrap();
    let refusal = write(folder.path(), shown, &task, "second\n").unwrap_err();
    assert_eq!(refusal.to_string(), "`nicspecs/new.yaml` exists");
    let folder = folder.path().join("nicspecs");
    assert_eq!(
        fs::read_to_string(folder.join("new.yaml")).unwrap(),
        "first\n"
    );
    assert_eq!(
        fs::read_dir(folder).unwrap().count(),
        1,
        "a temporary file stayed behind"
    );
}
