//! Reads the module's Makefile, the only source for the flags of the Rust half and the files of the C half.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, failed};

/// The module, in the workspace.
pub const FOLDER: &str = "targets/freebsd-kmod";

pub struct Makefile {
    text: String,
    /// The folders of its files.
    folders: Vec<PathBuf>,
}

impl Makefile {
    pub fn read(root: &Path) -> Result<Makefile, Failure> {
        let generated = root.join("generated/freebsd");
        let mut text = String::new();
        for file in [
            root.join(FOLDER).join("Makefile"),
            generated.join("nmd_nics.mk"),
        ] {
            let part = std::fs::read_to_string(&file);
            let part = part.map_err(failed(format!("read {}", file.display())))?;
            text.push_str(&part);
            text.push('\n');
        }
        Ok(Makefile {
            text,
            folders: vec![root.join(FOLDER).join("sys"), generated],
        })
    }

    /// All words assigned or appended to a variable.
    pub fn words(&self, variable: &str) -> Vec<String> {
        let text = self.text.replace("\\\n", " ");
        let assigned = text.lines().filter_map(|line| {
            let (name, value) = line.split_once('=')?;
            (name.trim_end_matches(['+', '?', ':']).trim() == variable).then_some(value)
        });
        let values = assigned.flat_map(|value| value.split('#').next());
        let words = values.flat_map(str::split_whitespace);
        words.map(str::to_owned).collect()
    }

    /// The C files, which `make` searches in both folders.
    pub fn c_files(&self) -> Result<Vec<PathBuf>, Failure> {
        let names = self
            .words("SRCS")
            .into_iter()
            .filter(|name| name.ends_with(".c"));
        names
            .map(|name| {
                let mut places = self.folders.iter().map(|folder| folder.join(&name));
                places.find(|place| place.exists()).ok_or_else(|| {
                    Failure::Failed(format!(
                        "{FOLDER}/Makefile names {name}, which does not exist"
                    ))
                })
            })
            .collect()
    }

    /// Headers that `make` generates.
    pub fn made_headers(&self) -> Vec<String> {
        let mut names = self.words("SRCS");
        names.retain(|name| name.ends_with(".h"));
        names
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use xtask_workspace::specs;

    #[test]
    fn variables_are_read_over_several_lines_and_assignments() {
        let makefile = Makefile {
            text: "A=\tx -C y \\\n\t\tz # why\nB?=\tw\nSRCS=\tp.c\nSRCS+= q.c r.h\nAB= no\n"
                .to_owned(),
            folders: Vec::new(),
        };
        assert_eq!(makefile.words("A"), ["x", "-C", "y", "z"]);
        assert_eq!(makefile.words("SRCS"), ["p.c", "q.c", "r.h"]);
        assert_eq!(makefile.made_headers(), ["r.h"]);
        assert!(makefile.c_files().is_err());
    }

    #[test]
    fn the_module_is_made_of_all_c_files() {
        let makefile = Makefile::read(&specs::root()).ok().unwrap();
        let named: BTreeSet<PathBuf> = makefile.c_files().ok().unwrap().into_iter().collect();
        let there = makefile.folders.iter().flat_map(|folder| {
            let files = std::fs::read_dir(folder).unwrap().flatten();
            files
                .map(|file| file.path())
                .filter(|path| path.extension().is_some_and(|e| e == "c"))
        });
        assert_eq!(named, there.collect());
    }

    #[test]
    fn the_rust_half_is_built_for_the_kernel() {
        let flags = Makefile::read(&specs::root())
            .ok()
            .unwrap()
            .words("RUST_FLAGS");
        for flag in [
            "relocation-model=static",
            "code-model=kernel",
            "no-redzone=yes",
        ] {
            assert!(flags.iter().any(|f| f == flag), "{flag}: {flags:?}");
        }
    }
}
