//! Compares two states of the specs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use miette::Result;
use nicspecs::difference::{Change, Side};
use nicspecs::ir::Nic;
use nicspecs::{Report, SpecFile};

use crate::files::{self, FileChange};
use crate::heirs;
use crate::items::{self, ItemChange};
use crate::sides::{Repository, State, file};
use crate::tables;
use xtask_generator::{CRATE, GENERATED, everything, render, whole_crate};
use xtask_workspace::specs;

/// Two states of the specs, compared.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Names of the compared states.
    pub between: (String, String),
    /// Changed specs, by name.
    pub specs: Vec<SpecChange>,
    /// Generated files that would change; `None` if a spec has errors, so that nothing is rendered.
    pub files: Option<Vec<FileChange>>,
    /// Changes of the kernel module's tables, in words.
    pub tables: Vec<String>,
    /// Changed public items of the generated crate.
    pub items: Vec<ItemChange>,
    /// Changed files of the generator.
    pub generator: Vec<String>,
    /// Committed files that differ from what the specs of the new state give.
    pub committed: Vec<Committed>,
    /// Errors in the specs of either state.
    pub errors: Vec<Report>,
    /// The NICs of the new state, if no spec has errors.
    nics: Vec<Nic>,
}

/// A spec whose text, or whose base spec, differs between the states.
#[derive(Debug)]
pub struct SpecChange {
    /// Its file.
    pub file: String,
    /// Its base spec in both states.
    pub like: [Option<String>; 2],
    /// How it changed.
    pub kind: SpecKind,
}

/// How a spec changed.
#[derive(Debug)]
pub enum SpecKind {
    /// Added, with a summary in lines.
    Added(Vec<String>),
    /// Removed, with a summary of the old spec.
    Removed(Vec<String>),
    /// Its meaning changed.
    Changed(Vec<Shown>),
    /// It only inherits changes of its base spec, which are shown there.
    Inherits,
    /// Only its form changed.
    Form,
    /// One of its sides cannot be compared.
    Unreadable,
}

/// A change, and the specs that inherit the changed spec.
#[derive(Debug)]
pub struct Shown {
    /// The change.
    pub change: Change,
    /// Names of those that change with it.
    pub heirs: Vec<String>,
    /// Names of those that do not.
    pub others: Vec<String>,
}

impl Comparison {
    /// Compares the specs of two states, and what would be generated from them.
    pub fn new(old: &[SpecFile], new: &[SpecFile]) -> Result<Self> {
        let mut comparison = Self::default();
        let mut pairs: BTreeMap<String, [Option<&SpecFile>; 2]> = BTreeMap::new();
        for (side, specs) in [old, new].into_iter().enumerate() {
            for spec in specs {
                pairs.entry(file(spec)).or_default()[side] = Some(spec);
            }
        }
        let mut nics: [Vec<Nic>; 2] = [Vec::new(), Vec::new()];
        let mut read = Vec::new();
        for (file, pair) in pairs {
            let sides = pair.map(|spec| spec.map(|spec| spec.side()));
            for (side, nics) in sides.iter().zip(&mut nics) {
                if let Some(Ok(side)) = side {
                    nics.extend(side.nic().cloned());
                }
            }
            let texts = pair.map(|spec| spec.map(texts));
            let like = pair.map(|spec| Some(spec?.parent()?.stem()));
            read.push(Pair {
                name: pair.into_iter().flatten().next_back().map(SpecFile::stem),
                file,
                like,
                own_is_same: pair[0].map(|spec| &spec.text) == pair[1].map(|spec| &spec.text),
                same: texts[0] == texts[1],
                sides,
            });
        }
        // The order in which `gen` has them: toys come last.
        nics.iter_mut()
            .for_each(|nics| nics.sort_by_key(Nic::is_toy));
        comparison.specs = heirs::specs(&read);
        for Pair { same, sides, .. } in read {
            // The same error in the same text is reported once.
            for side in sides.into_iter().skip(usize::from(same)).flatten() {
                match side {
                    Ok(side) => comparison.errors.extend(side.into_report()),
                    Err(report) => comparison.errors.push(report),
                }
            }
        }
        if comparison.errors.is_empty() {
            let [old, new] = nics;
            comparison.follow(&old, &new)?;
            comparison.nics = new;
        }
        Ok(comparison)
    }

    /// Compares the generated files.
    fn follow(&mut self, old: &[Nic], new: &[Nic]) -> Result<()> {
        if self.specs.is_empty() {
            self.files = Some(Vec::new());
            return Ok(());
        }
        let rendered = (render::all(old)?, render::all(new)?);
        self.items = items::compare(&rendered.0, &rendered.1)?;
        let root = specs::root();
        let old = everything(&root, old, rendered.0)?;
        let new = everything(&root, new, rendered.1)?;
        self.files = Some(files::compare(&old, &new));
        self.tables = tables::compare(&old, &new);
        Ok(())
    }

    /// Compares the generated files of the new state with what its specs give.
    pub fn check_committed(
        &mut self,
        repository: &Repository,
        (old, new): (&State, &State),
    ) -> Result<()> {
        let Some(files) = &self.files else {
            return Ok(());
        };
        let touched = repository.changed(old, new, &[CRATE])?;
        // This program has the generator of the working tree.
        let is_current = match new {
            State::WorkingTree => true,
            commit => repository
                .generator_changes(commit, &State::WorkingTree)?
                .is_empty(),
        };
        if !is_current || touched.is_empty() && files.is_empty() {
            return Ok(());
        }
        let drivers = render::all(&self.nics)?;
        let rendered = whole_crate(repository.root(), &self.nics, drivers)?;
        let follow = files.iter().map(|file| file.path.clone());
        let follow = follow.filter(|path| path.starts_with(CRATE));
        let paths: BTreeSet<String> = touched.iter().cloned().chain(follow).collect();
        for path in paths {
            let is_touched = touched.contains(&path);
            let text = repository.text(new, &path)?;
            let generated = rendered.get(Path::new(&path));
            let why = match (text.as_ref() == generated, is_touched, generated) {
                (true, true, Some(_)) if !files.iter().any(|file| file.path == path) => {
                    Why::Generator
                }
                (true, ..) => continue,
                // Not all files of the crate are generated.
                (_, _, None) if !is_in_scope(&path) => continue,
                (_, true, Some(_)) => Why::ByHand,
                (_, _, None) => Why::NoSpec,
                (_, false, _) => Why::Stale,
            };
            self.committed.push(Committed { path, why });
        }
        Ok(())
    }

    /// Whether a spec was added, removed, or changed its meaning.
    pub fn has_changes(&self) -> bool {
        let mut specs = self.specs.iter();
        specs.any(|spec| !matches!(spec.kind, SpecKind::Form))
    }

    /// Files that changed in form only.
    pub fn form_only(&self) -> Vec<&str> {
        let specs = self.specs.iter();
        let form = specs.filter(|spec| matches!(spec.kind, SpecKind::Form));
        form.map(|spec| spec.file.as_str()).collect()
    }
}

/// Whether a file is in a folder of which every file is generated.
fn is_in_scope(path: &str) -> bool {
    GENERATED
        .iter()
        .any(|folder| Path::new(path).starts_with(Path::new(CRATE).join(folder)))
}

/// The text of a spec, and of the specs that it inherits.
fn texts(spec: &SpecFile) -> Vec<&str> {
    spec.lineage().map(|spec| spec.text.as_str()).collect()
}

/// A spec in both states.
pub struct Pair {
    pub name: Option<String>,
    pub file: String,
    pub like: [Option<String>; 2],
    /// Whether its own text is the same.
    pub own_is_same: bool,
    /// Whether its text and those that it inherits are the same.
    pub same: bool,
    pub sides: [Option<std::result::Result<Side, Report>>; 2],
}

/// A committed file that differs from what the specs give, or that changed although they give the same.
#[derive(Debug, PartialEq)]
pub struct Committed {
    /// Its path in the repository.
    pub path: String,
    /// The reason.
    pub why: Why,
}

/// Why a committed file is not as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It was changed to something that the generator does not write.
    ByHand,
    /// No spec generates it.
    NoSpec,
    /// It was not generated again after a spec changed.
    Stale,
    /// The specs are the same, and the generator writes it in another way.
    Generator,
}
