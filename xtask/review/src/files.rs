//! Generated files that follow a change of the specs.

use std::collections::BTreeSet;

use similar::{ChangeTag, TextDiff};

use xtask_generator::outputs::Outputs;

/// A generated file that is not the same in both states.
#[derive(Debug, PartialEq)]
pub struct FileChange {
    /// Path in the repository.
    pub path: String,
    /// What becomes of it.
    pub kind: FileKind,
    /// Lines that come.
    pub added: usize,
    /// Lines that go.
    pub removed: usize,
}

/// What becomes of a generated file.
#[derive(Debug, PartialEq)]
pub enum FileKind {
    Added,
    Removed,
    Changed,
}

/// Every file that is not the same, by path.
pub fn compare(old: &Outputs, new: &Outputs) -> Vec<FileChange> {
    let paths: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let changed = paths
        .into_iter()
        .filter(|path| old.get(*path) != new.get(*path));
    let change = changed.map(|path| {
        let kind = match (old.get(path), new.get(path)) {
            (None, _) => FileKind::Added,
            (_, None) => FileKind::Removed,
            _ => FileKind::Changed,
        };
        let text = |side: &Outputs| side.get(path).cloned().unwrap_or_default();
        let (old, new) = (text(old), text(new));
        let difference = TextDiff::from_lines(old.as_str(), new.as_str());
        let count = |tag| {
            difference
                .iter_all_changes()
                .filter(|line| line.tag() == tag)
                .count()
        };
        FileChange {
            path: path.display().to_string(),
            kind,
            added: count(ChangeTag::Insert),
            removed: count(ChangeTag::Delete),
        }
    });
    change.collect()
}
