use std::fs;

use tempfile::TempDir;

use super::*;

/// A folder of specs next to a folder of generated files.
struct Scratch(TempDir);

impl Scratch {
    fn with(toy: &str) -> Self {
        let scratch = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(scratch.0.path().join("nicspecs")).unwrap();
        scratch.write_spec(toy);
        let readme = "# NICs\n<!-- nics: written by `cargo xtask gen` -->\n<!-- end of nics -->\n";
        fs::write(scratch.0.path().join("README.md"), readme).unwrap();
        fs::create_dir_all(scratch.0.path().join("docs/src")).unwrap();
        for page in ["docs/src/spec-language.md", "docs/src/rules.md"] {
            fs::copy(specs::root().join(page), scratch.0.path().join(page)).unwrap();
        }
        scratch
    }

    fn write_spec(&self, toy: &str) {
        fs::write(self.0.path().join("nicspecs/toy.yaml"), toy).unwrap();
    }

    fn generated(&self) -> PathBuf {
        self.0.path().join("generated")
    }

    fn plan(&self) -> Result<Plan, Vec<Report>> {
        let specs = nicspecs::load_dir(self.0.path().join("nicspecs")).unwrap();
        Plan::new(self.0.path(), &specs, false).unwrap()
    }

    /// The text of every generated file.
    fn texts(&self) -> Vec<(PathBuf, String)> {
        let mut folders = vec![self.generated()];
        let mut texts = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => texts.push((path.clone(), fs::read_to_string(path).unwrap())),
                }
            }
        }
        texts.sort();
        texts
    }
}

/// The differences as `--check` shows them.
fn shown(plan: &Plan) -> String {
    plan.differences.iter().map(ToString::to_string).collect()
}

#[test]
fn committed_files_match_the_specs() {
    let plan = Plan::new(&specs::root(), &specs::with_toys().unwrap(), false)
        .unwrap()
        .expect("every spec compiles");
    let found = shown(&plan);
    assert!(found.is_empty(), "{found}run `cargo xtask gen`");
}

#[test]
fn a_second_run_changes_nothing() {
    let scratch = Scratch::with(nicspecs::TOY);
    let first = scratch.plan().unwrap();
    assert!(first.check().is_err());
    first.write().unwrap();
    let second = scratch.plan().unwrap();
    assert_eq!(second.differences, []);
    second.check().unwrap();
}

#[test]
fn a_spec_with_an_error_changes_no_file() {
    let scratch = Scratch::with(nicspecs::TOY);
    scratch.plan().unwrap().write().unwrap();
    let before = scratch.texts();
    scratch.write_spec(&nicspecs::TOY.replace("flush: STATUS", "flush: STATSU"));
    let reports = scratch.plan().unwrap_err();
    assert!(reports[0].short().contains("there is no register `STATSU`"));
    assert_eq!(scratch.texts(), before);
}

#[test]
fn one_edited_number_is_one_changed_line_in_each_file_that_has_it() {
    let scratch = Scratch::with(nicspecs::TOY);
    scratch.plan().unwrap().write().unwrap();
    scratch.write_spec(&nicspecs::TOY.replace("offset: 0x020", "offset: 0x024"));
    insta::assert_snapshot!(shown(&scratch.plan().unwrap()));
}

#[test]
fn the_files_of_a_removed_spec_are_removed() {
    let scratch = Scratch::with(nicspecs::TOY);
    scratch.plan().unwrap().write().unwrap();
    let other = scratch.generated().join("src/other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("mod.rs"), "//! A NIC whose spec was removed.\n").unwrap();
    let table = scratch.generated().join("freebsd/other.c");
    fs::write(&table, "/* The same. */\n").unwrap();
    let plan = scratch.plan().unwrap();
    assert_eq!(
        shown(&plan),
        "orphan: generated/freebsd/other.c (no spec generates it)\n\
         orphan: generated/src/other/mod.rs (no spec generates it)\n"
    );
    plan.write().unwrap();
    assert!(!other.exists() && !table.exists());
}

#[test]
fn generating_one_nic_changes_no_other_files() {
    let scratch = Scratch::with(nicspecs::TOY);
    scratch.plan().unwrap().write().unwrap();
    fs::write(scratch.generated().join("src/lib.rs"), "stale\n").unwrap();
    fs::write(scratch.generated().join("src/toy/mod.rs"), "stale\n").unwrap();
    let specs = nicspecs::load_dir(scratch.0.path().join("nicspecs")).unwrap();
    let plan = Plan::new(scratch.0.path(), &specs, true).unwrap().unwrap();
    let paths: Vec<_> = plan
        .differences
        .iter()
        .map(|difference| &difference.path)
        .collect();
    assert_eq!(paths, [Path::new("generated/src/toy/mod.rs")]);
}

#[test]
fn no_generated_line_is_longer_than_the_style_allows() {
    let specs = specs::with_toys().unwrap();
    let nics = specs::compile(&specs).unwrap();
    for (path, text) in render::all(&nics).unwrap() {
        for (number, line) in text.lines().enumerate() {
            // A string cannot be broken into lines.
            let long = line.chars().count() > 120 && !line.contains('"');
            assert!(!long, "{}:{}: {line}", path.display(), number + 1);
        }
    }
}
