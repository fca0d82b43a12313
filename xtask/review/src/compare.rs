//! Compares two states of the specs.

use std::collections::BTreeMap;
use std::path::Path;

use miette::Result;
use nicspecs::difference::{Change, Side, between};
use nicspecs::ir::Nic;
use nicspecs::{Report, SpecFile};

use crate::files::{self, FileChange};
use crate::items::{self, ItemChange};
use crate::sides::file;
use xtask_generator::outputs::Outputs;
use xtask_generator::{CRATE, pages, render};
use xtask_workspace::specs::{self, count};

/// Two states of the specs, compared.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Names of the compared states.
    pub between: (String, String),
    /// Changed specs, by name.
    pub specs: Vec<SpecChange>,
    /// Generated files that would change; `None` if a spec has errors, so that nothing is rendered.
    pub files: Option<Vec<FileChange>>,
    /// Changed public items of the generated crate.
    pub items: Vec<ItemChange>,
    /// Changed files of the generator.
    pub generator: Vec<String>,
    /// Errors in the specs of either state.
    pub errors: Vec<Report>,
}

/// A spec whose text differs between the states.
#[derive(Debug)]
pub struct SpecChange {
    /// Its file.
    pub file: String,
    /// How it changed.
    pub kind: SpecKind,
}

/// How a spec changed.
#[derive(Debug)]
pub enum SpecKind {
    /// Added, with a summary.
    Added(String),
    /// Removed, with a summary of the old spec.
    Removed(String),
    /// Its meaning changed.
    Changed(Vec<Change>),
    /// Only its form changed.
    Form,
    /// One of its sides cannot be compared.
    Unreadable,
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
        for (file, pair) in pairs {
            let sides = pair.map(|spec| spec.map(|spec| spec.side()));
            for (side, nics) in sides.iter().zip(&mut nics) {
                if let Some(Ok(side)) = side {
                    nics.extend(side.nic().cloned());
                }
            }
            let texts = pair.map(|spec| spec.map(texts));
            if texts[0] != texts[1] {
                let kind = kind(&sides);
                comparison.specs.push(SpecChange { file, kind });
            }
            // The same error in the same text is reported once.
            let once = if texts[0] == texts[1] { 1 } else { 0 };
            for side in sides.into_iter().skip(once).flatten() {
                match side {
                    Ok(side) => comparison.errors.extend(side.into_report()),
                    Err(report) => comparison.errors.push(report),
                }
            }
        }
        if comparison.errors.is_empty() {
            let [old, new] = nics;
            comparison.follow(&old, &new)?;
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
        let (old, new) = (written(old, rendered.0)?, written(new, rendered.1)?);
        self.files = Some(files::compare(&old, &new));
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

/// All files that `gen` would write, by path in the repository.
fn written(nics: &[Nic], rendered: Outputs) -> Result<Outputs> {
    let mut files = pages::all(&specs::root(), nics)?;
    let rendered = rendered.into_iter();
    files.extend(rendered.map(|(path, text)| (Path::new(CRATE).join(path), text)));
    Ok(files)
}

/// The text of a spec, and of its parent.
fn texts(spec: &SpecFile) -> (&str, Option<&str>) {
    (&spec.text, spec.parent().map(|parent| parent.text.as_str()))
}

type Sides = [Option<std::result::Result<Side, Report>>; 2];

fn kind(sides: &Sides) -> SpecKind {
    match sides {
        [Some(Ok(old)), Some(Ok(new))] => match between(old, new) {
            changes if changes.is_empty() => SpecKind::Form,
            changes => SpecKind::Changed(changes),
        },
        [None, Some(Ok(new))] => SpecKind::Added(new.nic().map(summary).unwrap_or_default()),
        [Some(Ok(old)), None] => SpecKind::Removed(old.nic().map(summary).unwrap_or_default()),
        _ => SpecKind::Unreadable,
    }
}

/// A NIC in one line.
fn summary(nic: &Nic) -> String {
    let variants = nic.variants().iter();
    let variants: Vec<_> = variants.map(|variant| variant.name.as_str()).collect();
    format!(
        "{} ({}): {}, {}, {} and {}",
        nic.title(),
        variants.join(", "),
        count(nic.registers().len(), "register"),
        count(nic.descriptors().len(), "descriptor format"),
        count(nic.sequences().len(), "sequence"),
        count(nic.statistics().len(), "counter"),
    )
}
