use std::collections::BTreeSet;

use tempfile::TempDir;

use super::*;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The files of a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = Vec::new();
    files_below(folder, Path::new(""), &mut found).unwrap();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(folder.join(&path)).unwrap();
        (path, text)
    };
    found.into_iter().map(read).collect()
}

fn outputs(files: &[(&str, &str)]) -> Outputs {
    let owned = |(path, text): &(&str, &str)| (PathBuf::from(path), (*text).to_owned());
    files.iter().map(owned).collect()
}

/// Four files on disk, of which one is stale and one is an orphan; one more is missing.
fn mixed() -> (TempDir, Outputs) {
    let folder = folder(&[
        ("src/fresh.rs", "one\n"),
        ("src/gone/left.rs", "nobody's\n"),
        ("src/stale.rs", "one\ntwo\nthree\n"),
        ("Cargo.toml", "by hand\n"),
    ]);
    let outputs = outputs(&[
        ("src/fresh.rs", "one\n"),
        ("src/new/missing.rs", "new\n"),
        ("src/stale.rs", "one\n2\nthree\n"),
    ]);
    (folder, outputs)
}

fn differences(folder: &TempDir, outputs: &Outputs) -> Vec<Difference> {
    compare(folder.path(), &["src".into()], outputs).unwrap()
}

#[test]
fn every_difference_is_found_and_shown() {
    let (folder, outputs) = mixed();
    let found: String = differences(&folder, &outputs)
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(found, @r"
    orphan: src/gone/left.rs (no spec generates it)
    missing: src/new/missing.rs
    stale: src/stale.rs
    --- src/stale.rs (committed)
    +++ src/stale.rs (specified)
    @@ -1,3 +1,3 @@
     one
    -two
    +2
     three
    ");
}

#[test]
fn writing_removes_every_difference_and_leaves_foreign_files_alone() {
    let (folder, outputs) = mixed();
    apply(folder.path(), &differences(&folder, &outputs), || Ok(())).unwrap();
    let mut expected = outputs.clone();
    expected.insert("Cargo.toml".into(), "by hand\n".to_owned());
    assert_eq!(files(folder.path()), expected);
    assert!(!folder.path().join("src/gone").exists());
    assert_eq!(differences(&folder, &outputs), []);
}

#[test]
fn a_fresh_file_is_not_written_again() {
    let (folder, outputs) = mixed();
    let path = folder.path().join("src/fresh.rs");
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    let long_ago = before - std::time::Duration::from_secs(1000);
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(long_ago).unwrap();
    apply(folder.path(), &differences(&folder, &outputs), || Ok(())).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), long_ago);
}

#[test]
fn an_interrupt_leaves_old_or_new_files_and_nothing_else() {
    // Two texts to stage, two files to replace, one orphan to remove.
    for steps in 0..5 {
        let (folder, outputs) = mixed();
        let old = files(folder.path());
        let mut left = steps;
        let stopped = apply(folder.path(), &differences(&folder, &outputs), || {
            left -= 1;
            match left {
                -1 => Err(io::Error::from(io::ErrorKind::Interrupted)),
                _ => Ok(()),
            }
        });
        assert!(stopped.is_err(), "after {steps} steps");
        let known: BTreeSet<_> = old.keys().chain(outputs.keys()).collect();
        for (path, text) in files(folder.path()) {
            assert!(
                known.contains(&path),
                "{} was left after {steps} steps",
                path.display()
            );
            let either = [old.get(&path), outputs.get(&path)];
            assert!(
                either.contains(&Some(&text)),
                "{} is torn after {steps} steps",
                path.display()
            );
        }
        if steps <= 2 {
            assert_eq!(files(folder.path()), old, "staging alone changes nothing");
        }
    }
}

#[test]
fn a_file_that_cannot_be_replaced_is_an_error_and_leaves_no_temporary_file() {
    let folder = folder(&[("src/a.rs/in_the_way", "a folder where a file belongs\n")]);
    let outputs = outputs(&[("src/a.rs", "text\n")]);
    let change = Difference {
        path: "src/a.rs".into(),
        old: None,
        new: outputs.get(Path::new("src/a.rs")).cloned(),
    };
    assert!(apply(folder.path(), &[change], || Ok(())).is_err());
    let left: Vec<_> = files(folder.path()).into_keys().collect();
    assert_eq!(left, [Path::new("src/a.rs/in_the_way")]);
}
