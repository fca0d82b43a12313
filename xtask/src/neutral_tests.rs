//! Only specs name NICs: a new NIC needs no line of Rust, and no code treats a NIC specially.

use std::fs;
use std::path::{Path, PathBuf};

use xtask_workspace::specs;

/// Folders with hand-written code.
const FOLDERS: [&str; 5] = [
    "netmap-core",
    "netmap-derive",
    "nicspecs",
    "targets",
    "xtask",
];

/// Names of NICs, of their variants and of QEMU's devices, in lower case.
fn names() -> Vec<String> {
    let specs = specs::all().expect("specs that can be read");
    let nics = specs::compile(&specs).unwrap_or_else(|_| panic!("the specs have errors"));
    let mut names = Vec::new();
    for nic in &nics {
        names.push(nic.name().to_owned());
        for variant in nic.variants() {
            names.push(variant.name.clone());
            names.extend(variant.qemu.iter().map(|qemu| qemu.device.clone()));
        }
    }
    for name in &mut names {
        name.make_ascii_lowercase();
    }
    names.sort();
    names.dedup();
    names
}

/// Rust files in a folder, without tests.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let of_tests = name == "tests" || name.ends_with("tests.rs") || name == "target";
        if of_tests {
            continue;
        }
        if path.is_dir() {
            files(&path, found);
        } else if matches!(path.extension(), Some(kind) if kind == "rs" || kind == "jinja") {
            found.push(path);
        }
    }
}

/// The lines of a file without tests, with their numbers. A module of tests is the last item of its file.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text
        .find("\n#[cfg(test)]\nmod tests {")
        .unwrap_or(text.len());
    (1..).zip(text[..end].lines())
}

/// The first of `names` in a line, ignoring case; not within a longer word or number, except after the `nic` or `V` of
/// generated names.
fn named<'a>(line: &str, names: &'a [String]) -> Option<&'a str> {
    let line = line.to_ascii_lowercase();
    let found = names.iter().find(|name| {
        line.match_indices(name.as_str()).any(|(at, _)| {
            let before = line[..at].trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            let touches = before.len() == at;
            let generated = before.ends_with("nic") || before.ends_with('v');
            let after = line[at + name.len()..].chars().next();
            (!touches || before.is_empty() || generated)
                && !after.is_some_and(|c| c.is_ascii_alphanumeric())
        })
    });
    found.map(String::as_str)
}

#[test]
fn no_hand_written_line_of_rust_names_a_nic() {
    let (root, names) = (specs::root(), names());
    let mut found = Vec::new();
    for folder in FOLDERS {
        files(&root.join(folder), &mut found);
    }
    assert!(found.len() > 100, "{} files are too few", found.len());
    let mut wrong = Vec::new();
    for path in found {
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in lines(&text) {
            if let Some(name) = named(line, &names) {
                let path = path.strip_prefix(&root).unwrap().display();
                wrong.push(format!("{path}:{number}: `{name}` in: {}", line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_name_is_found_in_any_form_but_not_within_another_word() {
    let names = ["82599", "igb", "v7"].map(str::to_owned);
    for line in [
        "the 82599 does",
        "use nic_82599::Nic82599;",
        "Nic82599",
        "qemu:IGB",
        "\"igb\"",
    ] {
        assert!(named(line, &names).is_some(), "{line}");
    }
    for line in ["0x182599", "825990", "bigbox", "82598", ""] {
        assert_eq!(named(line, &names), None, "{line}");
    }
}

#[test]
fn names_come_from_the_specs_with_variants_and_qemu_devices() {
    let names = names();
    for name in ["8254x", "82540em", "e1000"] {
        assert!(names.iter().any(|known| known == name), "{name}");
    }
}
