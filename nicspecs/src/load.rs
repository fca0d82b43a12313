//! Specs on disk.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::bounds;
use crate::diagnostic::{self, Findings, Report, Source, Span};
use crate::tree;

/// A spec's text, its path, and its base spec.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpecFile {
    /// Path, as reports show it.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
    parent: Option<Box<SpecFile>>,
    others: Vec<String>,
}

impl SpecFile {
    /// A spec from anywhere, without a folder of other specs.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
            parent: None,
            others: Vec::new(),
        }
    }

    /// The same spec in a folder with `others`, which may contain its base spec.
    pub fn among(self, others: &[SpecFile]) -> Self {
        let stems = others.iter().map(SpecFile::stem).collect();
        let mut spec = self.beside(stems);
        if let Some(wanted) = parent_of(&spec.text) {
            spec.parent = parent(&wanted, others);
        }
        spec
    }

    /// The same spec in a folder with specs of those names.
    fn beside(mut self, stems: Vec<String>) -> Self {
        let own = self.stem();
        self.others = stems.into_iter().filter(|stem| *stem != own).collect();
        self
    }

    /// The file's name without its extension: the name that the spec must have.
    pub fn stem(&self) -> String {
        stem(&self.path)
    }

    /// The base spec, if it has one and that was found.
    pub fn parent(&self) -> Option<&SpecFile> {
        self.parent.as_deref()
    }

    /// Names of the other specs in its folder.
    pub(crate) fn others(&self) -> &[String] {
        &self.others
    }

    /// The same spec with paths as they are seen from a folder above it.
    pub fn seen_from(mut self, folder: &Path) -> Self {
        if let Ok(path) = self.path.strip_prefix(folder) {
            self.path = path.to_owned();
        }
        self.parent = self.parent.map(|parent| Box::new(parent.seen_from(folder)));
        self
    }

    /// Reports on it; `like` is the place of its key `like`.
    pub(crate) fn report(&self, like: Option<Span>, findings: Findings) -> Report {
        let parent = self.parent().map(Self::source);
        Report::new(self.stem(), self.source(), parent, like, findings)
    }

    fn source(&self) -> Source {
        Source::new(self.path.to_string_lossy().into_owned(), self.text.clone())
    }
}

/// Why a spec could not be read. Errors *in* a spec are a [`Report`].
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read.
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

/// Reads one spec, with its base spec from the same folder if it has one.
pub fn load(path: impl AsRef<Path>) -> Result<SpecFile, Error> {
    let path = path.as_ref();
    let spec = read(path)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let files = files(folder)?;
    if parent_of(&spec.text).is_some() {
        let others: Result<Vec<_>, _> = files.iter().map(|file| read(file)).collect();
        return Ok(spec.among(&others?));
    }
    Ok(spec.beside(files.iter().map(|file| stem(file)).collect()))
}

/// Reads every spec of a folder, by name.
pub fn load_dir(path: impl AsRef<Path>) -> Result<Vec<SpecFile>, Error> {
    let files = read_dir(path.as_ref())?;
    let specs = files.iter().map(|file| file.clone().among(&files));
    Ok(specs.collect())
}

/// The spec of that name, without a base spec of its own.
fn parent(wanted: &str, others: &[SpecFile]) -> Option<Box<SpecFile>> {
    let parent = others.iter().find(|other| other.stem() == wanted)?;
    Some(Box::new(SpecFile::new(&parent.path, &*parent.text)))
}

/// The value of `like` in a text, as far as the text can be read.
fn parent_of(text: &str) -> Option<String> {
    // Most specs have no `like` and need no parsing here.
    if !text.contains("like") {
        return None;
    }
    let tree = tree::scan(text, diagnostic::File::Own, &mut Findings::default())?;
    tree.text(tree.like()?).map(str::to_owned)
}

/// Reads a file; of one that is too long, no more than shows that. What is not UTF-8 becomes U+FFFD, which NS0004 reports
/// with its place.
fn read(path: &Path) -> Result<SpecFile, Error> {
    let mut bytes = Vec::new();
    let most = bounds::FILE as u64 + 1;
    fs::File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(failed(path))?;
    Ok(SpecFile::new(path, String::from_utf8_lossy(&bytes)))
}

fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Read {
        path: path.clone(),
        source,
    }
}

/// The specs of a folder, each by itself.
fn read_dir(path: &Path) -> Result<Vec<SpecFile>, Error> {
    files(path)?.iter().map(|file| read(file)).collect()
}

/// The files of the specs of a folder, by name: its files `*.yaml` that are not hidden.
fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(failed(path))? {
        let entry = entry.map_err(failed(path))?;
        let file = entry.path();
        // Editors leave hidden files beside the one that they edit.
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        let is_spec = file.extension().is_some_and(|ending| ending == "yaml");
        // To read a named pipe would wait for a writer.
        let is_other = fs::metadata(&file).is_ok_and(|metadata| !metadata.is_file());
        if is_spec && !is_hidden && !is_other {
            files.push(file);
        }
    }
    if files.is_empty() {
        return Err(Error::NoSpecs {
            path: path.to_owned(),
        });
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::load_dir;

    #[test]
    fn bytes_that_are_not_utf8_are_reported_with_their_place_and_hide_no_other_spec() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let latin = crate::TOY.replace("revision 1", "r\u{fffd}vision 1");
        let latin: Vec<u8> = latin
            .split('\u{fffd}')
            .map(str::as_bytes)
            .collect::<Vec<_>>()
            .join(&0xe9);
        let utf16: Vec<u8> = (['\u{feff}'].into_iter().chain(crate::TOY.chars()))
            .flat_map(|c| (c as u16).to_le_bytes())
            .collect();
        fs::write(path("latin.yaml"), latin).unwrap();
        fs::write(path("heir.yaml"), "like: utf16\nnic:\n  name: heir\n").unwrap();
        fs::write(path("utf16.yaml"), utf16).unwrap();
        fs::write(path("toy.yaml"), crate::TOY).unwrap();
        let specs = load_dir(folder.path()).unwrap();
        let reports = specs.iter().map(|spec| spec.compile().err());
        let [heir, latin, toy, utf16] = reports.collect::<Vec<_>>().try_into().unwrap();
        assert!(toy.is_none());
        for (report, line, column) in [(latin, 5, 34), (utf16, 1, 1), (heir, 1, 1)] {
            let report = report.unwrap();
            let [finding] = report.findings() else {
                panic!("{}", report.short());
            };
            let place = (finding.line(), finding.column());
            assert_eq!(place, (line, column), "{}", report.short());
            assert_eq!(finding.rule().code, "NS0004");
            assert!(finding.help().unwrap().contains("UTF-8"));
        }
    }

    #[test]
    fn only_visible_files_are_specs() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("toy.yaml"), crate::TOY).unwrap();
        for name in ["toy.yaml~", ".toy.yaml.swp", ".old.yaml", "#toy.yaml#"] {
            fs::write(path(name), "no spec").unwrap();
        }
        fs::create_dir(path("folder.yaml")).unwrap();
        #[cfg(unix)]
        let _socket = std::os::unix::net::UnixListener::bind(path("socket.yaml")).unwrap();
        // An editor's lock is a link to nothing.
        #[cfg(unix)]
        std::os::unix::fs::symlink("me@host.1:2", path(".#toy.yaml")).unwrap();
        let specs = load_dir(folder.path()).unwrap();
        let names: Vec<_> = specs.iter().map(|spec| spec.stem()).collect();
        assert_eq!(names, ["toy"]);
    }
}
