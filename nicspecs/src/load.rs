//! Specs on disk.

use std::io;
use std::path::{Path, PathBuf};

use crate::ir::Nic;
use crate::report::Report;

/// A spec's text and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpecFile {
    /// Path, as it is shown in reports.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

impl SpecFile {
    /// The file's name without its ending: what the spec has to call itself.
    pub fn stem(&self) -> String {
        self.path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }

    /// Compiles it.
    pub fn compile(&self) -> Result<Nic, Report> {
        crate::compile(&self.path.to_string_lossy(), &self.text)
    }
}

/// Why a spec could not be read. What is wrong *in* a spec is a [`Report`].
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read, or is not UTF-8.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder holds no spec.
    #[error("there is no spec in `{}`", path.display())]
    #[diagnostic(help("a spec is a file with the ending `.yaml`"))]
    NoSpecs {
        /// Which folder.
        path: PathBuf,
    },
}

/// Reads one spec.
pub fn load(path: impl AsRef<Path>) -> Result<SpecFile, Error> {
    let path = path.as_ref();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(SpecFile {
            path: path.to_owned(),
            text,
        }),
        Err(source) => Err(Error::Read {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Reads every spec of a folder, by name.
pub fn load_dir(path: impl AsRef<Path>) -> Result<Vec<SpecFile>, Error> {
    let path = path.as_ref();
    let failed = |source| Error::Read {
        path: path.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if file.extension().is_some_and(|ending| ending == "yaml") {
            files.push(file);
        }
    }
    if files.is_empty() {
        return Err(Error::NoSpecs {
            path: path.to_owned(),
        });
    }
    files.sort();
    files.into_iter().map(load).collect()
}
