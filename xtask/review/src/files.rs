//! Generated files that change with the specs.

use std::collections::BTreeSet;

use similar::{ChangeTag, TextDiff};

use xtask_generator::outputs::Outputs;

/// A generated file that differs between the states.
#[derive(Debug, PartialEq)]
pub struct FileChange {
    /// Path in the repository.
    pub path: String,
    /// How it changes.
    pub kind: FileKind,
    /// Added lines.
    pub added: usize,
    /// Removed lines.
    pub removed: usize,
}

/// How a generated file changes.
#[derive(Debug, PartialEq)]
pub enum FileKind {
    Added,
    Removed,
    Changed,
}

/// Every changed file, by path.
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
