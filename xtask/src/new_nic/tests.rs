use nicspecs::Finding;

use super::*;
use xtask_generator::render;

fn task(name: &str, like: Option<&str>, pci: Option<&str>) -> NewNic {
    NewNic {
        name: name.to_owned(),
        like: like.map(str::to_owned),
        pci: pci.map(str::to_owned),
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

/// The facts of the toy spec about its variant B, which the derived spec does not have.
const WITHOUT_B: &str = "
registers: { FAN: null }
sequences:
  init:
    section: \"2.2\"
    steps:
      - write: { BURST: 16 }
      - modify: { CTRL: { LOOP: loopback, SPEED: m100, STRIP: 1, KEEP: 1 } }
      - write_each: { RSSKEY: \"rss.key[4 * i] | rss.key[4 * i + 1] << 8 | rss.key[4 * i + 2] << 16 | rss.key[4 * i + 3] << 24\" }
      - write_each: { RSSTAB: \"rss.table[4 * i] | rss.table[4 * i + 1] << 8 | rss.table[4 * i + 2] << 16 | rss.table[4 * i + 3] << 24\" }
      - write: { RSSCTL: { ENABLE: 1, IPV4: 1, TCP_IPV4: 1 } }
";

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
    ];
    fill("heir", skeleton + WITHOUT_B, &facts);
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
    let heir = SpecFile::new("nicspecs/heir.yaml", "like: toy\n").among(&[toy()]);
    let specs = [toy(), heir];
    let refusals = [
        task("../other", None, None),
        task("", None, None),
        task("new", None, Some("12345")),
        task("new", None, Some("1234:0002")),
        task("new", Some("toi"), None),
        task("new", Some("heir"), None),
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
