//! Compiled drivers of changed specs, for facts that are constants of types.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use miette::{IntoDiagnostic, WrapErr};
use nicspecs::ir::Nic;

use super::suite;
use xtask_generator::outputs::{self, Outputs};
use xtask_generator::{CRATE, render};
use xtask_workspace::{interrupt, specs};

/// Folders that are compiled unchanged with such a driver.
const UNCHANGED: [&str; 8] = [
    "Cargo.lock",
    "Cargo.toml",
    "netmap-core",
    "netmap-derive",
    "nicspecs",
    "rust-toolchain.toml",
    "targets",
    "xtask",
];

/// A copy of this workspace with some generated drivers replaced. Its build results are kept between calls.
pub struct Workshop {
    folder: PathBuf,
    /// The unchanged generated crate.
    original: Outputs,
}

impl Workshop {
    /// Opens the workspace in `target/mutants`.
    pub fn open() -> miette::Result<Self> {
        let root = specs::root();
        let folder = root.join("target/mutants");
        fs::create_dir_all(&folder).into_diagnostic()?;
        for name in UNCHANGED {
            let link = folder.join(name);
            match fs::remove_file(&link) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => symlink(root.join(name), &link),
            }
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot link {}", link.display()))?;
        }
        let original = outputs::read(&root, Path::new(CRATE)).into_diagnostic()?;
        Ok(Self { folder, original })
    }

    /// Compiles the suite with these drivers instead of those of the same names, and returns its path.
    ///
    /// The device is unchanged: its facts are in a separate file, which is not replaced.
    ///
    /// # Errors
    /// A driver does not compile. That is a bug of the generator, because no rule refused its spec.
    pub fn compile(&self, nics: &[Nic]) -> miette::Result<PathBuf> {
        let mut outputs = self.original.clone();
        for nic in nics {
            let rendered = render::one(nic)?.into_iter();
            let of_driver = rendered.filter(|(path, _)| !path.ends_with("model.rs"));
            outputs.extend(of_driver.map(|(path, text)| (Path::new(CRATE).join(path), text)));
        }
        let scopes = [PathBuf::from(CRATE)];
        let differences = outputs::compare(&self.folder, &scopes, &outputs).into_diagnostic()?;
        outputs::apply(&self.folder, &differences, interrupt::check).into_diagnostic()?;
        suite::build_in(&self.folder)
    }
}

/// Takes at most one for each spec from `waiting`.
pub fn round<S: Ord>(waiting: &mut Vec<usize>, spec: impl Fn(usize) -> S) -> Vec<usize> {
    let mut taken = BTreeSet::new();
    let (round, rest) = waiting
        .drain(..)
        .partition(|&index| taken.insert(spec(index)));
    *waiting = rest;
    round
}

#[cfg(test)]
mod tests {
    use super::round;

    #[test]
    fn a_round_has_one_change_of_each_spec() {
        let mut waiting = vec![10, 11, 20, 12, 21];
        let spec = |index| index / 10;
        assert_eq!(round(&mut waiting, spec), [10, 20]);
        assert_eq!(round(&mut waiting, spec), [11, 21]);
        assert_eq!(round(&mut waiting, spec), [12]);
        assert!(round(&mut waiting, spec).is_empty());
    }
}
