//! Modules use only those of the layers below, as the list on the crate's first page has them.

use std::fs;
use std::path::{Path, PathBuf};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The layers of the list, each with its modules.
fn layers(page: &str) -> Vec<Vec<String>> {
    let layer = |line: &str| {
        let (number, rest) = line.strip_prefix("//! ")?.split_once(". ")?;
        number.parse::<u32>().ok()?;
        let names = rest.split_once(": ")?.0.split('`').skip(1).step_by(2);
        Some(names.map(str::to_owned).collect())
    };
    page.lines().filter_map(layer).collect()
}

/// The modules that the page declares.
fn declared(page: &str) -> Vec<String> {
    let name = |line: &str| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let name = line.strip_prefix("mod ")?.strip_suffix(';')?;
        Some(name.to_owned())
    };
    page.lines().filter_map(name).collect()
}

/// Code without comments, texts and its tests, which may use the whole crate.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let mut kept = String::new();
    let mut rest = code;
    while let Some(at) = rest.find(['/', '"', '\'']) {
        let (before, from) = rest.split_at(at);
        kept.push_str(before);
        let length = if from.starts_with("//") {
            from.find('\n').unwrap_or(from.len())
        } else if from.starts_with('"') {
            text_length(from)
        } else if from.starts_with("'\"'") {
            3
        } else {
            kept.push_str(&from[..1]);
            1
        };
        rest = &from[length..];
    }
    kept + rest
}

/// The length of the text that begins here.
fn text_length(from: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in from.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    from.len()
}

/// What follows each path that leads to the root of the crate from a module at this depth: the first names.
fn from_root(code: &str, depth: usize) -> Vec<String> {
    let up = "super::".repeat(depth);
    let mut found = Vec::new();
    for root in ["crate::", &up] {
        for (at, _) in code.match_indices(root) {
            let before = code[..at].chars().next_back().unwrap_or(' ');
            if !before.is_alphanumeric() && !"_:".contains(before) {
                found.extend(first_names(&code[at + root.len()..]));
            }
        }
    }
    found
}

/// The first name of a path, or those of each path in braces.
fn first_names(path: &str) -> Vec<String> {
    let word = |text: &str| {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
        text[..end.unwrap_or(text.len())].to_owned()
    };
    let Some(inner) = path.strip_prefix('{') else {
        return vec![word(path)];
    };
    let mut names = Vec::new();
    let mut start = Some(0);
    let mut depth = 0;
    for (at, letter) in inner.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = Some(at + 1),
            _ if start.is_some() && !letter.is_whitespace() => {
                names.push(word(&inner[at..]));
                start = None;
            }
            _ => {}
        }
    }
    names
}

/// Every source file below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// What a file uses that is not below its module, or that is no module.
fn broken(layers: &[Vec<String>], file: &Path, text: &str) -> Vec<String> {
    let parts: Vec<_> = file.iter().map(|part| part.to_str().unwrap()).collect();
    let own = parts[0].trim_end_matches(".rs");
    let depth = parts.len() - usize::from(parts.ends_with(&["mod.rs"]));
    let layer = |name: &str| {
        let mut layers = layers.iter();
        layers.position(|layer| layer.iter().any(|module| module == name))
    };
    let used = from_root(&code(text), depth);
    let wrong = used.iter().filter(|&name| match layer(name) {
        Some(other) => name != own && Some(other) >= layer(own),
        None => true,
    });
    let shown = file.display();
    wrong
        .map(|name| format!("{shown} uses `{name}`, which is not below `{own}`"))
        .collect()
}

#[test]
fn the_list_names_every_module_once() {
    let page = fs::read_to_string(source().join("lib.rs")).unwrap();
    let mut listed = layers(&page).concat();
    let mut declared = declared(&page);
    listed.sort();
    declared.sort();
    assert_eq!(listed, declared);
}

#[test]
fn a_module_uses_only_those_of_the_layers_below() {
    let page = fs::read_to_string(source().join("lib.rs")).unwrap();
    let layers = layers(&page);
    let mut paths = Vec::new();
    files(&source(), &mut paths);
    let mut wrong = Vec::new();
    for path in paths {
        let file = path.strip_prefix(source()).unwrap();
        // The page itself, and tests in a file of their own.
        if file != Path::new("lib.rs") && !file.ends_with("tests.rs") {
            wrong.extend(broken(&layers, file, &fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_use_of_a_module_that_is_not_below_is_found_however_it_is_written() {
    let layers = layers("//! 1. `tree`, `ir`: a.\n//! 2. `raw`: b.\n//! 3. `check`: c.\n");
    let wrong = |file: &str, text: &str| broken(&layers, Path::new(file), text).len();
    assert_eq!(wrong("raw.rs", "use crate::tree::Tree;"), 0);
    assert_eq!(wrong("raw.rs", "use crate::raw::bits;"), 0);
    assert_eq!(wrong("raw.rs", "use crate::check::run;"), 1);
    assert_eq!(wrong("ir.rs", "use crate::tree::Tree;"), 1);
    assert_eq!(wrong("raw.rs", "fn f() { crate::check::run() }"), 1);
    assert_eq!(wrong("raw.rs", "use super::check::run;"), 1);
    assert_eq!(wrong("raw/yaml.rs", "use super::shape::Value;"), 0);
    assert_eq!(wrong("raw/yaml.rs", "use super::super::check::run;"), 1);
    assert_eq!(wrong("raw/mod.rs", "use super::check::run;"), 1);
    let group = "use crate::{\n    check,\n    raw::{bits, read},\n    tree,\n};";
    assert_eq!(wrong("raw.rs", group), 1);
    assert_eq!(wrong("check/mod.rs", group), 0);
    assert_eq!(wrong("raw.rs", "use crate::Report;"), 1);
    assert_eq!(
        wrong(
            "raw.rs",
            "// crate::check\nconst A: &str = \"crate::check\";"
        ),
        0
    );
    assert_eq!(
        wrong(
            "raw.rs",
            "#[cfg(test)]\nmod tests {\n    use crate::check;\n}"
        ),
        0
    );
}
