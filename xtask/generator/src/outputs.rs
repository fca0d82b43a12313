//! Generated files: compared with the existing ones, then written so that an interrupt leaves each file old or new.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::io::Write;
use std::path::{Path, PathBuf};

use similar::TextDiff;
use tempfile::NamedTempFile;

/// Everything the generator would write now, by path.
pub type Outputs = BTreeMap<PathBuf, String>;

/// A file that differs from the generated one.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// Path under the workspace.
    pub path: PathBuf,
    /// Text in the file; `None` if it does not exist or no spec generates it.
    pub old: Option<String>,
    /// The generated text; `None` if no spec generates the file.
    pub new: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => {
                writeln!(f, "stale: {path}")?;
                let names = ["committed", "specified"].map(|state| format!("{path} ({state})"));
                f.write_str(&diff(old, new, &names))
            }
            (None, Some(_)) => writeln!(f, "missing: {path}"),
            (_, None) => writeln!(f, "orphan: {path} (no spec generates it)"),
        }
    }
}

/// The lines that differ between two texts with these names.
pub fn diff(old: &str, new: &str, [old_name, new_name]: &[String; 2]) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut lines = diff.unified_diff();
    lines.header(old_name, new_name).to_string()
}

/// Every difference between `outputs` and the files in `folder`, by path. Only files below `scopes` can be orphans.
pub fn compare(
    folder: &Path,
    scopes: &[PathBuf],
    outputs: &Outputs,
) -> io::Result<Vec<Difference>> {
    let mut differences = Vec::new();
    for (path, new) in outputs {
        let old = match fs::read(folder.join(path)) {
            Ok(old) if old == new.as_bytes() => continue,
            Ok(old) => Some(String::from_utf8_lossy(&old).into_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        differences.push(Difference {
            path: path.clone(),
            old,
            new: Some(new.clone()),
        });
    }
    let mut found = Vec::new();
    for scope in scopes {
        files_below(folder, scope, &mut found)?;
    }
    let orphans = found.into_iter().filter(|path| !outputs.contains_key(path));
    differences.extend(orphans.map(|path| Difference {
        path,
        old: None,
        new: None,
    }));
    differences.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(differences)
}

/// The existing files below `scope`.
pub fn read(folder: &Path, scope: &Path) -> io::Result<Outputs> {
    let mut found = Vec::new();
    files_below(folder, scope, &mut found)?;
    let texts = found.into_iter();
    let texts = texts.map(|path| Ok((path.clone(), fs::read_to_string(folder.join(path))?)));
    texts.collect()
}

fn files_below(folder: &Path, below: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder.join(below)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let path = below.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => files_below(folder, &path, found)?,
            false => found.push(path),
        }
    }
    Ok(())
}

/// Writes the files in `folder`.
///
/// Every new text is first written completely to a temporary file next to its target; then the targets are replaced one
/// by one, each atomically, and orphans are removed last. `proceed` is called before each step: if it fails, or the
/// disk is full, each file has its old or its new text, and no temporary file is left behind.
pub fn apply(
    folder: &Path,
    differences: &[Difference],
    mut proceed: impl FnMut() -> io::Result<()>,
) -> io::Result<()> {
    let mut staged = Vec::new();
    for difference in differences {
        if let Some(text) = &difference.new {
            proceed()?;
            let target = folder.join(&difference.path);
            staged.push((stage(&target, text)?, target));
        }
    }
    for (temporary, target) in staged {
        proceed()?;
        temporary.persist(target)?;
    }
    let orphans = differences.iter().filter(|each| each.new.is_none());
    for difference in orphans {
        proceed()?;
        fs::remove_file(folder.join(&difference.path))?;
        remove_empty_folders(folder, &difference.path);
    }
    Ok(())
}

fn stage(target: &Path, text: &str) -> io::Result<NamedTempFile> {
    let mut temporary = temporary(target)?;
    temporary.write_all(text.as_bytes())?;
    temporary.as_file().sync_data()?;
    Ok(temporary)
}

/// An empty file next to `target` that can replace it atomically.
pub fn temporary(target: &Path) -> io::Result<NamedTempFile> {
    let folder = target.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The mode of a new file; the umask applies.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.prefix(".xtask-").tempfile_in(folder)
}

/// Removes the folders above a removed file that are now empty.
fn remove_empty_folders(folder: &Path, removed: &Path) {
    let above = removed.ancestors().skip(1);
    for above in above.filter(|above| !above.as_os_str().is_empty()) {
        // A folder that is not empty stays, and so do its parents.
        if fs::remove_dir(folder.join(above)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
