//! The examples of README, book and crate compile in a crate that depends on `netmap-userspace` alone.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

/// A block of Rust on a page or in a comment.
struct Example {
    /// Its page or file.
    place: String,
    code: String,
}

/// The examples between fences of `text`, whose lines begin with one of `prefixes`.
fn examples(place: &Path, prefixes: &[&str]) -> Vec<Example> {
    let text = fs::read_to_string(place).unwrap();
    let mut found = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in text.lines() {
        let line = line.trim_start();
        let Some(line) = prefixes.iter().find_map(|prefix| line.strip_prefix(prefix)) else {
            continue;
        };
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => {
                // In comments, Rust is the language of a block that names none.
                let is_rust = match prefixes {
                    [""] => language.starts_with("rust"),
                    _ => matches!(language, "" | "no_run"),
                };
                open = Some((is_rust, String::new()));
            }
            (Some(_), Some(_)) => {
                if let Some((true, code)) = open.take() {
                    let place = place.display().to_string();
                    found.push(Example { place, code });
                }
                open = None;
            }
            (None, Some((_, code))) => {
                let line = line.strip_prefix("# ").unwrap_or(line);
                writeln!(code, "{line}").unwrap();
            }
            (None, None) => {}
        }
    }
    found
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, into),
            false => into.push(path),
        }
    }
}

/// The examples that use this crate.
fn all() -> Vec<Example> {
    let root = Path::new(CRATE).join("../..");
    let mut pages = Vec::new();
    sources(&root.join("docs/src"), &mut pages);
    pages.push(root.join("README.md"));
    pages.retain(|page| page.extension().is_some_and(|ending| ending == "md"));
    let mut files = Vec::new();
    sources(&Path::new(CRATE).join("src"), &mut files);
    let on_pages = pages.iter().flat_map(|page| examples(page, &[""]));
    let comments = ["//! ", "/// ", "//!", "///"];
    let in_comments = files.iter().flat_map(|file| examples(file, &comments));
    let all = on_pages.chain(in_comments);
    all.filter(|example| example.code.contains("netmap_userspace"))
        .collect()
}

/// The example as a module of its own, whole as rustdoc would make it.
fn module(example: &Example) -> String {
    let Example { place, code } = example;
    let body = match (code.contains("fn main()"), code.contains("Ok::<")) {
        (true, _) => code.clone(),
        (false, true) => {
            format!("pub fn main() -> Result<(), impl std::fmt::Debug> {{\n{code}\n}}")
        }
        // A page leaves out the line that says which error `?` returns.
        (false, false) => {
            format!("pub fn main() -> netmap_userspace::Result<()> {{\n{code}\nOk(())\n}}")
        }
    };
    format!("// {place}\n{body}\n")
}

#[test]
fn every_example_compiles_outside_of_the_workspace() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let all = all();
    let has = |place: &str| all.iter().any(|example| example.place.ends_with(place));
    for place in ["README.md", "quick-start.md", "src/lib.rs", "ring/rx.rs"] {
        assert!(has(place), "no example in {place}");
    }
    let mut library = "#![allow(dead_code)]\n".to_owned();
    for (number, example) in all.iter().enumerate() {
        writeln!(library, "mod example{number};").unwrap();
        write(&format!("src/example{number}.rs"), &module(example));
    }
    write("src/lib.rs", &library);
    // With the profiles and the versions of the workspace, so that what is built already is not built again.
    let root = Path::new(CRATE).join("../..");
    let workspace = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let profiles = workspace
        .split_once("[profile.")
        .map_or("", |(_, after)| after);
    let manifest = format!(
        "[package]\nname = \"outside\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         [dependencies]\nnetmap-userspace = {{ path = \"{CRATE}\" }}\n\
         [workspace]\nresolver = \"3\"\n[profile.{profiles}"
    );
    // Profiles of packages that are not built here are only warned of.
    write("Cargo.toml", &manifest);
    fs::copy(root.join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let toolchain = "rust-toolchain.toml";
    fs::copy(root.join(toolchain), folder.path().join(toolchain)).unwrap();
    // Next to the test's own binary, target/debug/deps/outside-*.
    let built = std::env::current_exe().unwrap();
    let target = built.ancestors().nth(3).unwrap();
    let check = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline", "--target-dir"])
        .arg(target)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stderr)
    );
}
