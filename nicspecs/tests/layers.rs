//! Modules use only those of the layers below, as listed in the crate's documentation, and do not import each other.

use std::collections::{BTreeMap, BTreeSet};
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

/// The paths in the code of a module, from the root of the crate.
fn paths(code: &str, module: &[&str]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, root) in code
        .match_indices("crate::")
        .chain(code.match_indices("super::"))
    {
        let before = code[..at].chars().next_back().unwrap_or(' ');
        if before.is_alphanumeric() || "_:".contains(before) || code[..at].ends_with("pub(in ") {
            continue;
        }
        let mut rest = &code[at + root.len()..];
        let mut start = match root {
            "crate::" => &[],
            _ => &module[..module.len() - 1],
        };
        while let Some(above) = rest.strip_prefix("super::") {
            rest = above;
            start = &start[..start.len() - 1];
        }
        let start: Vec<String> = start.iter().map(|&name| name.to_owned()).collect();
        branches(rest, &start, &mut found);
    }
    found
}

/// Adds what a path leads to, or each path in braces, and gives the rest of the code.
fn branches<'c>(mut code: &'c str, before: &[String], found: &mut Vec<Vec<String>>) -> &'c str {
    let mut path = before.to_vec();
    loop {
        code = code.trim_start();
        if let Some(inner) = code.strip_prefix('{') {
            code = inner;
            while !code.starts_with('}') && !code.is_empty() {
                let rest = branches(code, &path, found);
                // What is left of an item is its new name.
                let end = rest.find([',', '}']).unwrap_or(rest.len());
                code = rest[end..].trim_start_matches(',').trim_start();
            }
            return code.strip_prefix('}').unwrap_or(code);
        }
        let end = code.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (word, rest) = code.split_at(end.unwrap_or(code.len()));
        if !word.is_empty() {
            path.push(word.to_owned());
        }
        match rest.strip_prefix("::") {
            Some(rest) if !word.is_empty() => code = rest,
            _ => {
                found.push(path);
                return rest;
            }
        }
    }
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

/// The module of a file, from the root of the crate.
fn module(file: &Path) -> Vec<&str> {
    let mut names: Vec<_> = file.iter().map(|part| part.to_str().unwrap()).collect();
    let last = names.pop().unwrap().trim_end_matches(".rs");
    names.extend(Some(last).filter(|&last| last != "mod"));
    names
}

/// The imports of a file from modules that are not below its own, or that do not exist.
fn broken(layers: &[Vec<String>], file: &Path, text: &str) -> Vec<String> {
    let layer = |name: &str| {
        let mut layers = layers.iter();
        layers.position(|layer| layer.iter().any(|module| module == name))
    };
    let module = module(file);
    let own = module[0];
    let used = paths(&code(text), &module);
    let used = used
        .iter()
        .map(|path| path.first().map_or("*", String::as_str));
    let wrong = used.filter(|&name| match layer(name) {
        Some(other) => name != own && Some(other) >= layer(own),
        None => true,
    });
    let shown = file.display();
    wrong
        .map(|name| format!("{shown} uses `{name}`, which is not below `{own}`"))
        .collect()
}

/// The imports between modules of one folder, by folder.
type Uses = BTreeMap<Vec<String>, BTreeMap<String, BTreeSet<String>>>;

/// Adds what the paths of a file lead to.
fn add_uses(uses: &mut Uses, file: &Path, text: &str) {
    let module = module(file);
    for path in paths(&code(text), &module) {
        let same = module
            .iter()
            .zip(&path)
            .take_while(|(own, other)| own == other);
        let same = same.count();
        if let (Some(own), Some(other)) = (module.get(same), path.get(same)) {
            let siblings = uses.entry(path[..same].to_vec()).or_default();
            let of_own = siblings.entry((*own).to_owned()).or_default();
            of_own.insert(other.clone());
        }
    }
}

/// The modules of a folder that are in an import circle, or between two of them.
fn circles(mut uses: BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    loop {
        let before = uses.len();
        let used: BTreeSet<String> = uses.values().flatten().cloned().collect();
        let users: BTreeSet<String> = uses.keys().cloned().collect();
        uses.retain(|name, of_own| used.contains(name) && !of_own.is_disjoint(&users));
        if uses.len() == before {
            return uses.into_keys().collect();
        }
    }
}

/// The sources of the crate without its first page, and without tests in files of their own.
fn sources() -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    files(&source(), &mut paths);
    let relative = |path: PathBuf| {
        let file = path.strip_prefix(source()).unwrap().to_owned();
        let is_meant = file != Path::new("lib.rs")
            && !file.ends_with("tests.rs")
            && !file
                .parent()
                .is_some_and(|folder| folder.ends_with("tests"));
        is_meant.then(|| (file, fs::read_to_string(&path).unwrap()))
    };
    paths.into_iter().filter_map(relative).collect()
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
    let broken = |(file, text): &(PathBuf, String)| broken(&layers, file, text);
    let wrong: Vec<_> = sources().iter().flat_map(broken).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Types of the model that hold each other: a condition names registers, and a register is there on some variants,
/// which a condition on fields that a device shows distinguishes.
const RECURSIVE: [&str; 4] = ["expr", "identity", "register", "shown"];

#[test]
fn only_modules_of_recursive_types_import_each_other() {
    let mut uses = Uses::new();
    for (file, text) in sources() {
        add_uses(&mut uses, &file, &text);
    }
    for (folder, uses) in uses {
        let expected: &[&str] = match folder.as_slice() {
            [only] if only == "ir" => &RECURSIVE,
            _ => &[],
        };
        assert_eq!(circles(uses), expected, "in `{}`", folder.join("/"));
    }
}

#[test]
fn a_circle_is_found() {
    let found = |sources: &[(&str, &str)]| {
        let mut uses = Uses::new();
        for (file, text) in sources {
            add_uses(&mut uses, Path::new(file), text);
        }
        let found: Vec<_> = uses.into_values().flat_map(circles).collect();
        found.join(" ")
    };
    let one_way = [
        ("a/b.rs", "use super::c::C;"),
        ("a/c.rs", "use super::Own;"),
    ];
    assert_eq!(found(&one_way), "");
    let both = [
        ("a/b.rs", "use super::c::{C, D as E};"),
        ("a/c.rs", "fn f() { crate::a::d::f() }"),
        ("a/d/e.rs", "use super::super::b;"),
        ("a/f.rs", "use super::b::B;"),
    ];
    assert_eq!(found(&both), "b c d");
}

#[test]
fn an_import_from_a_higher_layer_is_found_in_every_notation() {
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
