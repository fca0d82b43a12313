//! Specs on disk.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::bounds;
use crate::diagnostic::{self, Findings, Report, Source, Span};
use crate::tree;

/// A spec's text, its path, and its base spec with that spec's own base.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpecFile {
    /// Path, as reports show it.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
    parent: Option<Box<SpecFile>>,
    others: Vec<SpecFile>,
    /// Names of base specs, each with an earlier text.
    earlier: Vec<(String, String)>,
}

impl SpecFile {
    /// A spec from anywhere, without a folder of other specs.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
            parent: None,
            others: Vec::new(),
            earlier: Vec::new(),
        }
    }

    /// The same spec in a folder with `others`, which may contain its base spec, and the base of that. A toy is no base
    /// spec of a NIC, nor a NIC one of a toy; their names and PCI ids are compared.
    pub fn among(mut self, others: &[SpecFile]) -> Self {
        let folder: Vec<&SpecFile> = self.folder(others).collect();
        self.parent = parent(&self, &folder, bounds::BASES);
        let own = (self.stem(), self.is_toy());
        let others = others
            .iter()
            .filter(|other| (other.stem(), other.is_toy()) != own);
        self.others = others.map(SpecFile::alone).collect();
        self
    }

    /// Those of `others` that may be its base spec.
    fn folder<'o>(&self, others: &'o [SpecFile]) -> impl Iterator<Item = &'o SpecFile> {
        let is_toy = self.is_toy();
        others.iter().filter(move |other| other.is_toy() == is_toy)
    }

    /// The names of the specs that may be its base spec.
    pub(crate) fn possible_bases(&self) -> Vec<String> {
        self.folder(&self.others).map(SpecFile::stem).collect()
    }

    /// The same spec without a folder.
    fn alone(&self) -> Self {
        Self::new(&self.path, &*self.text)
    }

    /// The file's name without its extension: the name that the spec must have.
    pub fn stem(&self) -> String {
        stem(&self.path)
    }

    /// Whether no one makes the NIC: the folder of the spec is called `toys`.
    pub fn is_toy(&self) -> bool {
        let name = Path::new(TOYS).file_name();
        let folder = self.path.parent().and_then(Path::file_name);
        folder.is_some() && folder == name
    }

    /// The base spec, if it has one and that was found.
    pub fn parent(&self) -> Option<&SpecFile> {
        self.parent.as_deref()
    }

    /// The spec itself, its base spec, the base of that, and so on.
    pub fn lineage(&self) -> impl Iterator<Item = &SpecFile> {
        std::iter::successors(Some(self), |spec| spec.parent())
    }

    /// The same spec with an earlier text of a spec that it inherits: reports then say which names were changed since.
    pub fn with_earlier(mut self, base: impl Into<String>, text: impl Into<String>) -> Self {
        self.earlier.push((base.into(), text.into()));
        self
    }

    /// The names of specs that it inherits, each with its earlier text, as far as that is known.
    pub(crate) fn earlier(&self) -> &[(String, String)] {
        &self.earlier
    }

    /// The other specs in its folder, and those of toys and NICs, each without a folder.
    pub(crate) fn others(&self) -> &[SpecFile] {
        &self.others
    }

    /// The same spec with paths as they are seen from a folder above it.
    pub fn seen_from(mut self, folder: &Path) -> Self {
        if let Ok(path) = self.path.strip_prefix(folder) {
            self.path = path.to_owned();
        }
        self.parent = self.parent.map(|parent| Box::new(parent.seen_from(folder)));
        let others = self.others.into_iter();
        self.others = others.map(|other| other.seen_from(folder)).collect();
        self
    }

    /// Reports on it; `like` is the place of its key `like`.
    pub(crate) fn report(&self, like: Option<Span>, findings: Findings) -> Report {
        let bases = self.lineage().skip(1);
        let bases = bases.map(|base| (base.stem(), base.source())).collect();
        Report::new(self.stem(), self.source(), bases, like, findings)
    }

    /// The file, for reports that quote from it.
    pub(crate) fn source(&self) -> Source {
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

/// Reads one spec and the others of its folder, among which its base spec is, if it has one; of a NIC the toys in
/// [`TOYS`], too, and of a toy the NICs.
pub fn load(path: impl AsRef<Path>) -> Result<SpecFile, Error> {
    let path = path.as_ref();
    let spec = read(path)?;
    let folder = path.parent().map_or(Path::new("."), or_here);
    let mut others = read_with_toys(folder)?;
    let nics = folder.ancestors().nth(Path::new(TOYS).iter().count());
    if let Some(nics) = nics.filter(|_| folder.ends_with(TOYS)) {
        match read_dir(or_here(nics)) {
            Err(Error::NoSpecs { .. }) => {}
            nics => others.extend(nics?),
        }
    }
    Ok(spec.among(&others))
}

/// The current folder in place of an empty path.
fn or_here(folder: &Path) -> &Path {
    match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    }
}

/// The folder of the toys in that of the specs.
pub const TOYS: &str = "tests/toys";

/// Reads every spec of a folder and, after these, the toys that are kept with its tests, in [`TOYS`].
pub fn load_with_toys(path: impl AsRef<Path>) -> Result<Vec<SpecFile>, Error> {
    Ok(together(&read_with_toys(path.as_ref())?))
}

/// Reads every spec of a folder, by name.
pub fn load_dir(path: impl AsRef<Path>) -> Result<Vec<SpecFile>, Error> {
    Ok(together(&read_dir(path.as_ref())?))
}

/// Specs that are loaded together, each among all of them.
pub fn together(files: &[SpecFile]) -> Vec<SpecFile> {
    let specs = files.iter().map(|file| file.clone().among(files));
    specs.collect()
}

/// The base spec of a spec, with at most so many base specs of its own: specs may name each other in a circle.
fn parent(spec: &SpecFile, others: &[&SpecFile], most: usize) -> Option<Box<SpecFile>> {
    let most = most.checked_sub(1)?;
    let wanted = parent_of(&spec.text)?;
    let found = others.iter().find(|other| other.stem() == wanted)?;
    let mut base = found.alone();
    base.parent = parent(&base, others, most);
    Some(Box::new(base))
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

/// The same, and after these the toys that are kept with its tests.
fn read_with_toys(path: &Path) -> Result<Vec<SpecFile>, Error> {
    let mut files = read_dir(path)?;
    let toys = path.join(TOYS);
    if toys.is_dir() {
        files.extend(read_dir(&toys)?);
    }
    Ok(files)
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

    use super::{TOYS, load, load_dir, load_with_toys};

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
    fn a_nic_and_a_toy_share_neither_a_name_nor_a_pci_id_nor_a_base_spec() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| fs::write(folder.path().join(path), text).unwrap();
        let other = crate::TOY.replace("1234:0001", "1234:00a1");
        let other = other.replace("1234:0002", "1234:00A2");
        let short = || {
            let specs = load_with_toys(folder.path()).unwrap().into_iter();
            let specs = specs.map(|spec| spec.seen_from(folder.path()));
            let reports = specs.filter_map(|spec| spec.compile().err());
            let lines: String = reports.map(|report| report.short()).collect();
            lines
        };
        fs::create_dir_all(folder.path().join(TOYS)).unwrap();
        write("toy.yaml", crate::TOY);
        write("tests/toys/toy.yaml", &other);
        let codes = |short: &str, code: &str| short.matches(code).count();
        assert_eq!(codes(&short(), ": NS0113: "), 2, "{}", short());
        assert!(short().contains("as the spec `tests/toys/toy.yaml` does"));

        fs::remove_file(folder.path().join("tests/toys/toy.yaml")).unwrap();
        let other = other.replace("name: toy\n", "name: other\n");
        write("tests/toys/other.yaml", &other);
        assert_eq!(short(), "");
        let claims = other.replace("1234:00A2", "1234:0001");
        write("tests/toys/other.yaml", &claims);
        assert_eq!(codes(&short(), ": NS0202: "), 2, "{}", short());
        for path in ["toy.yaml", "tests/toys/other.yaml"] {
            let alone = load(folder.path().join(path)).unwrap();
            let alone = alone.compile().unwrap_err().short();
            assert_eq!(codes(&alone, ": NS0202: "), 1, "{alone}");
        }

        let heir = "like: toy\n\nnic: { name: other, title: Other, datasheet: Other }\n";
        write("tests/toys/other.yaml", heir);
        assert_eq!(codes(&short(), ": NS0110: "), 1, "{}", short());
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
