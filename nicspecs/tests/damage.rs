//! No text makes the compiler panic, and a report of a damaged spec names what is missing.

use std::sync::LazyLock;

use nicspecs::{SpecFile, compile};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// The specs of this repository.
static FILES: LazyLock<Vec<SpecFile>> =
    LazyLock::new(|| nicspecs::load_with_toys(env!("CARGO_MANIFEST_DIR")).unwrap());

/// The toy spec and the specs of this repository.
fn specs() -> Vec<String> {
    let texts = FILES.iter().map(|file| file.text.clone());
    texts.chain([nicspecs::TOY.to_owned()]).collect()
}

/// Compiles with the specs of this repository as base specs, prints the report, and formats: none of them may panic.
fn survives(text: &str) {
    let spec = SpecFile::new("toy.yaml", text).among(&FILES);
    if let Ok(formatted) = spec.formatted() {
        let again = SpecFile::new("toy.yaml", &*formatted).among(&FILES);
        assert_eq!(again.formatted().unwrap(), formatted, "{text}");
    }
    if let Err(report) = spec.compile() {
        assert!(
            !report.findings().is_empty(),
            "a spec was refused without a reason"
        );
        assert_eq!(report.short().lines().count(), report.findings().len());
        let _ = format!("{:?}", miette::Report::new(report));
    }
}

/// A way to damage a text.
#[derive(Clone, Debug)]
enum Damage {
    Remove(Index, usize),
    Replace(Index, char),
    Insert(Index, String),
    DeleteLine(Index),
    DuplicateLine(Index),
    MoveLine(Index, Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let word = select(vec![
        "0",
        "-1",
        "0x",
        "0xffffffffffffffff",
        "4294967295",
        "99999999999999999999",
        "[",
        "]",
        "{",
        "}",
        ":",
        "- ",
        "~",
        "\"",
        "'",
        "&a ",
        "*a",
        "!!str ",
        "<<: ",
        "? ",
        "| ",
        "null",
        "true",
        "1.5",
        "..",
        "[queue]",
        ".RST",
        " + ",
        " << 40",
        "((((",
        "\u{e4}",
        "\n",
        "\t",
        "#",
        "%",
        "---\n",
    ]);
    prop_oneof![
        (any::<Index>(), 1_usize..40).prop_map(|(at, len)| Damage::Remove(at, len)),
        (any::<Index>(), any::<char>()).prop_map(|(at, with)| Damage::Replace(at, with)),
        (any::<Index>(), word).prop_map(|(at, word)| Damage::Insert(at, word.to_owned())),
        any::<Index>().prop_map(Damage::DeleteLine),
        any::<Index>().prop_map(Damage::DuplicateLine),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Damage::MoveLine(from, to)),
    ]
}

fn apply(text: &str, damage: &Damage) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut chars: Vec<char> = text.chars().collect();
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    match damage {
        Damage::Remove(at, len) => {
            let at = at.index(chars.len());
            chars.drain(at..(at + len).min(chars.len()));
        }
        Damage::Replace(at, with) => {
            let at = at.index(chars.len());
            chars[at] = *with;
        }
        Damage::Insert(at, word) => {
            let at = at.index(chars.len());
            chars.splice(at..at, word.chars());
        }
        Damage::DeleteLine(at) => {
            lines.remove(at.index(lines.len()));
            return lines.concat();
        }
        Damage::DuplicateLine(at) => {
            let at = at.index(lines.len());
            lines.insert(at, lines[at]);
            return lines.concat();
        }
        Damage::MoveLine(from, to) => {
            let line = lines.remove(from.index(lines.len()));
            lines.insert(to.index(lines.len() + 1), line);
            return lines.concat();
        }
    }
    chars.into_iter().collect()
}

/// The lines of a top-level key removed.
fn without(text: &str, key: &str) -> String {
    let mut inside = false;
    let lines = text.split_inclusive('\n').filter(|line| {
        if !line.starts_with([' ', '#', '\n', '-']) {
            inside = line.starts_with(&format!("{key}:"));
        }
        !inside
    });
    lines.collect()
}

const REQUIRED: [&str; 14] = [
    "nic",
    "variants",
    "spaces",
    "registers",
    "descriptors",
    "tx",
    "rx",
    "interrupts",
    "link",
    "filters",
    "statistics",
    "order",
    "sequences",
    "model",
];

#[test]
fn a_missing_part_is_named() {
    let heirs = FILES.iter().filter(|file| file.parent().is_some());
    let heirs: Vec<_> = heirs.map(|file| &file.text).collect();
    for text in specs().iter().filter(|text| !heirs.contains(text)) {
        for key in REQUIRED {
            let report = compile("toy.yaml", &without(text, key)).unwrap_err();
            let expected = format!("the spec has no `{key}`");
            assert!(
                report
                    .findings()
                    .iter()
                    .any(|finding| finding.to_string() == expected),
                "{}",
                report.short()
            );
        }
    }
}

#[test]
fn all_errors_are_reported_at_once() {
    let text = nicspecs::TOY
        .replace("    offset: 0x004\n", "    offset: 0xo04\n")
        .replace("    access: rc\n", "    access: rd\n")
        .replace("flush: STATUS", "flush: STATSU")
        .replace("delay: 10us", "delay: 60us")
        .replace("again: true }", "again: yes }");
    let report = compile("toy.yaml", &text).unwrap_err();
    let codes: Vec<&str> = report
        .findings()
        .iter()
        .map(|finding| finding.rule().code)
        .collect();
    assert_eq!(
        codes,
        ["NS0104", "NS0106", "NS0106", "NS0103", "NS0501", "NS0607"],
        "{}",
        report.short()
    );
}

#[test]
fn three_bad_registers_are_three_findings() {
    let bad = "  X0: { title: a, section: \"1\", offset: 0x500, acess: rw }\n";
    let three: String = (0..3)
        .map(|n| bad.replace("X0", &format!("X{n}")))
        .collect();
    let text = nicspecs::TOY.replace(
        "registers:\n  CTRL:",
        &format!("registers:\n{three}  CTRL:"),
    );
    let report = compile("toy.yaml", &text).unwrap_err();
    let unknown = report
        .findings()
        .iter()
        .filter(|finding| finding.rule().code == "NS0101")
        .count();
    assert_eq!(unknown, 3, "{}", report.short());
}

#[test]
fn each_missing_key_of_a_map_is_reported() {
    let text = nicspecs::TOY
        .replace(
            "    title: Device Control\n    section: \"4.1\"\n    offset: 0x000\n    access: rw\n",
            "    acess: rw\n",
        )
        .replace(
            "  ring: { min: 8, max: 4096, multiple: 8, align: 16, address_bits: 64 }\n",
            "  ring: { min: eight, max: 4096 }\n",
        );
    let report = compile("toy.yaml", &text).unwrap_err();
    let short = report.short();
    for (what, keys) in [
        ("register `CTRL`", ["title", "section", "access"].as_slice()),
        ("`ring`", &["multiple", "align", "address_bits"]),
    ] {
        for key in keys {
            let expected = format!("NS0102: {what} has no `{key}`\n");
            assert!(short.contains(&expected), "{expected}{short}");
        }
    }
    // Wrong values and unknown keys are reported too.
    assert!(short.contains("NS0103: `min` takes a number"), "{short}");
    assert!(
        short.contains("register `CTRL` has no key `acess`"),
        "{short}"
    );
}

#[test]
fn a_broken_part_does_not_hide_errors_beside_it() {
    let text = nicspecs::TOY
        .replace("  queues: 2\n  restart", "  queues: two\n  restart")
        .replace("ring: { min: 8, max: 4096", "ring: { min: 8, mx: 4096")
        .replace("  phy.read:\n    section: \"2.3\"\n", "  phy.read:\n")
        .replace("until: \"MDIC.DONE\"", "until: \"MDIC.DON\"");
    let report = compile("toy.yaml", &text).unwrap_err();
    let codes: Vec<&str> = report
        .findings()
        .iter()
        .map(|finding| finding.rule().code)
        .collect();
    assert_eq!(
        codes,
        [
            "NS0103", "NS0102", "NS0101", "NS0103", "NS0102", "NS0101", "NS0102", "NS0501"
        ],
        "{}",
        report.short()
    );
}

#[test]
fn deep_nesting_is_refused() {
    for open in ["[", "{a: ", "- ", "? "] {
        survives(&open.repeat(20_000));
    }
    survives(&format!(
        "link:\n  up: \"{}1{}\"\n",
        "(".repeat(9_000),
        ")".repeat(9_000)
    ));
    survives(&format!("link:\n  up: \"{}1\"\n", "~".repeat(9_000)));
    survives(&format!("link:\n  up: \"{}1\"\n", "not ".repeat(9_000)));
    survives(&nicspecs::TOY.replace("\"STATUS.UP\"", &format!("\"{}1\"", "1 + ".repeat(190))));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_does_not_panic(text in "\\PC*") {
        survives(&text);
    }

    #[test]
    fn yaml_like_text_does_not_panic(text in "([a-z]{1,3}: ?|- |\\[|\\]|\\{|\\}|, |\"|'|\n *|[0-9]|&a|\\*a|!|\\||>|#){0,60}") {
        survives(&text);
    }

    #[test]
    fn damaged_specs_do_not_panic(spec in select(specs()), damages in vec(damage(), 1..6)) {
        let text = damages.iter().fold(spec, |text, damage| apply(&text, damage));
        survives(&text);
    }

    #[test]
    fn a_damaged_toy_does_not_panic(damages in vec(damage(), 1..10)) {
        let text = damages.iter().fold(nicspecs::TOY.to_owned(), |text, damage| apply(&text, damage));
        survives(&text);
    }
}

#[test]
fn a_key_may_hold_any_character() {
    for key in ["`", "a`b", "', expected `x`", "\u{e000}", "~"] {
        let report = compile("toy.yaml", &format!("\"{key}\": 1\n")).unwrap_err();
        let named = format!("a spec has no key `{key}`");
        assert!(
            report
                .findings()
                .iter()
                .any(|finding| finding.to_string() == named),
            "{}",
            report.short()
        );
    }
}
