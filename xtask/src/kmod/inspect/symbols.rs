//! Compares undefined symbols with a list.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::check::Check;
use crate::machine_code::{Code, Symbol};
use xtask_workspace::specs::count;

/// Allowed undefined symbols.
pub struct List {
    /// The list's file, for messages.
    file: String,
    names: BTreeMap<String, Mark>,
}

/// The mark after a name.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Nothing,
    /// A sync may use it, too.
    Sync,
    /// Only used with the headers of this FreeBSD release.
    Release(u32),
}

impl List {
    pub fn read(root: &Path, file: &str) -> Result<List, String> {
        let text = std::fs::read_to_string(root.join(file))
            .map_err(|error| format!("cannot read {file}: {error}"))?;
        List::parse(file, &text)
    }

    pub fn parse(file: &str, text: &str) -> Result<List, String> {
        let mut names = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_whitespace();
            let Some(name) = words.next() else { continue };
            let mark = match (words.next(), words.next()) {
                (None, _) => Some(Mark::Nothing),
                (Some("sync"), None) => Some(Mark::Sync),
                (Some(release), None) => release.parse().ok().map(Mark::Release),
                _ => None,
            };
            let mark = mark.ok_or_else(|| {
                format!(
                    "{file}:{number}: expected a name, optionally followed by `sync` or a release"
                )
            })?;
            if names.insert(name.to_owned(), mark).is_some() {
                return Err(format!("{file}:{number}: duplicate name {name}"));
            }
        }
        Ok(List {
            file: file.to_owned(),
            names,
        })
    }

    /// Only the names for this FreeBSD release.
    pub fn of_release(mut self, release: u32) -> List {
        self.names
            .retain(|_, mark| !matches!(mark, Mark::Release(other) if *other != release));
        self
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    pub fn has_for_sync(&self, name: &str) -> bool {
        self.names.get(name) == Some(&Mark::Sync)
    }
}

/// The undefined symbols of the code.
fn taken<'a>(code: &'a Code<'_>) -> BTreeMap<&'a str, u64> {
    let mut taken = BTreeMap::new();
    for (&at, field) in &code.fields {
        if let Symbol::External(name) = &field.symbol {
            taken.entry(name.as_str()).or_insert(at);
        }
    }
    taken
}

/// Checks that every undefined symbol is listed and every listed one is used, and the same for the marks, of which
/// `used` are in use.
pub fn check(code: &Code<'_>, list: &List, used: &BTreeSet<String>) -> Check {
    let file = &list.file;
    let mut check = check_unlisted(code, list, |_| false);
    let taken = taken(code);
    for (name, mark) in &list.names {
        if !taken.contains_key(name.as_str()) {
            let finding = format!("{file} lists {name}, which is not used");
            check.findings.push(finding);
        } else if *mark == Mark::Sync && !used.contains(name) {
            let finding = format!("{file} marks {name}, which no sync calls");
            check.findings.push(finding);
        }
    }
    check
}

/// Checks that every undefined symbol is listed or `is_known`.
pub fn check_unlisted(code: &Code<'_>, list: &List, is_known: impl Fn(&str) -> bool) -> Check {
    let file = &list.file;
    let taken = taken(code);
    let unknown = taken
        .iter()
        .filter(|(name, _)| !list.has(name) && !is_known(name));
    Check {
        name: "undefined symbols are listed",
        counted: count(taken.len(), "symbol"),
        findings: unknown
            .map(|(name, at)| {
                let (_, user) = code.place(*at);
                format!("{user} uses {name}, which {file} does not list")
            })
            .collect(),
    }
}
