//! Packages that a branch changes, and those that depend on them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use miette::miette;

use crate::branch;
use crate::failure::Failure;
use xtask_workspace::{cargo, specs};

/// A package of the workspace.
struct Package {
    name: String,
    folder: PathBuf,
    /// Names of those that it depends on.
    needs: Vec<String>,
}

/// Files that affect every package.
const OF_ALL: [&str; 4] = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo"];

/// Names of the packages whose files differ from the start of the branch, and of the packages that depend on them.
pub fn packages() -> Result<BTreeSet<String>, Failure> {
    let packages = all()?;
    // Without a main branch to compare with, everything counts as changed.
    let files = files(&specs::root()).unwrap_or_else(|| vec![OF_ALL[0].into()]);
    Ok(affected(&packages, &files))
}

fn all() -> miette::Result<Vec<Package>> {
    let metadata = cargo::metadata()?;
    let root = specs::root();
    let package = |package: &serde_json::Value| {
        let manifest = Path::new(package["manifest_path"].as_str()?);
        let dependencies = package["dependencies"].as_array()?;
        let needs = dependencies.iter().filter(|each| each["path"].is_string());
        Some(Package {
            name: package["name"].as_str()?.to_owned(),
            folder: manifest.parent()?.strip_prefix(&root).ok()?.to_owned(),
            needs: needs
                .filter_map(|each| each["name"].as_str().map(str::to_owned))
                .collect(),
        })
    };
    let packages = metadata["packages"].as_array().map(Vec::as_slice);
    let packages = packages.unwrap_or_default().iter().map(package);
    packages
        .collect::<Option<_>>()
        .ok_or_else(|| miette!("cannot read what cargo metadata says of a package"))
}

/// Files that were changed, added or removed since the branch left the main branch, committed or not.
fn files(root: &Path) -> Option<Vec<PathBuf>> {
    let git = |arguments: &[&str]| branch::git(root, arguments);
    let start = branch::start(root)?;
    let changed = git(&["diff", "--name-only", "--no-renames", &start])?;
    let new = git(&["ls-files", "--others", "--exclude-standard"])?;
    let files = changed.lines().chain(new.lines());
    Some(files.map(PathBuf::from).collect())
}

fn affected(packages: &[Package], files: &[PathBuf]) -> BTreeSet<String> {
    // A folder of a package may be in that of another.
    let owner = |file: &PathBuf| {
        let owners = packages
            .iter()
            .filter(|each| file.starts_with(&each.folder));
        owners.max_by_key(|each| each.folder.components().count())
    };
    let mut affected: BTreeSet<String> = match files
        .iter()
        .any(|file| OF_ALL.iter().any(|of_all| file.starts_with(of_all)))
    {
        true => packages.iter().map(|each| each.name.clone()).collect(),
        false => {
            let owners = files.iter().filter_map(owner);
            owners.map(|owner| owner.name.clone()).collect()
        }
    };
    loop {
        let before = affected.len();
        for package in packages {
            if package.needs.iter().any(|name| affected.contains(name)) {
                affected.insert(package.name.clone());
            }
        }
        if affected.len() == before {
            return affected;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Package, affected, all, files};
    use crate::branch::git;

    #[test]
    fn a_changed_file_counts_for_its_package_and_all_that_depend_on_it() {
        let package = |name: &str, folder: &str, needs: &[&str]| Package {
            name: name.to_owned(),
            folder: folder.into(),
            needs: needs.iter().map(|name| (*name).to_owned()).collect(),
        };
        let packages = [
            package("core", "core", &[]),
            package("sim", "targets/sim", &["core"]),
            package("tasks", "tasks", &["review"]),
            package("review", "tasks/review", &[]),
            package("user", "targets/user", &["sim"]),
        ];
        let affected = |file: &str| {
            let names = affected(&packages, &[file.into()]);
            names.into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(affected("core/src/lib.rs"), "core sim user");
        assert_eq!(affected("targets/user/tests/a.rs"), "user");
        assert_eq!(affected("tasks/src/main.rs"), "tasks");
        assert_eq!(affected("tasks/review/src/lib.rs"), "review tasks");
        assert_eq!(affected("docs/src/testing.md"), "");
        assert_eq!(affected("Cargo.lock"), "core review sim tasks user");
    }

    #[test]
    fn files_changed_since_the_main_branch_count_committed_or_not() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str| fs::write(root.path().join(name), name.repeat(2)).unwrap();
        let run = |arguments: &str| {
            let words: Vec<&str> = arguments.split(' ').collect();
            git(root.path(), &words).unwrap()
        };
        let commit = |title: &str| {
            run("add --all");
            run(&format!(
                "-c user.name=A -c user.email=a@example.org commit -q -m {title}"
            ));
        };
        run("init -q -b main");
        ["kept", "edited", "removed"].iter().for_each(|name| {
            fs::write(root.path().join(name), "before").unwrap();
        });
        commit("first");
        run("checkout -q -b branch");
        write("committed");
        commit("second");
        write("edited");
        write("new");
        fs::remove_file(root.path().join("removed")).unwrap();
        let mut found = files(root.path()).unwrap();
        found.sort();
        assert_eq!(
            found,
            ["committed", "edited", "new", "removed"].map(Into::<std::path::PathBuf>::into)
        );
    }

    #[test]
    fn cargo_names_the_packages_of_this_workspace() {
        let packages = all().unwrap();
        let this = packages
            .iter()
            .find(|each| each.name == env!("CARGO_PKG_NAME"));
        assert!(this.unwrap().needs.iter().any(|name| name == "nicspecs"));
        assert!(
            packages
                .iter()
                .all(|each| each.folder.components().count() > 0)
        );
    }
}
