//! One of the two states that are compared.

use crate::compile;
use crate::diagnostic::Report;
use crate::ir::Nic;
use crate::load::SpecFile;
use crate::tree::Tree;

/// A state of a spec.
///
/// A spec that breaks rules can be compared as long as everything in it has a meaning: whoever reviews a mistake wants
/// to know what it does. Only a spec without a mistake gives its [`Nic`] away.
#[derive(Debug)]
pub struct Side {
    nic: Nic,
    tree: Tree,
    report: Option<Report>,
}

impl SpecFile {
    /// Reads it for a comparison, mistakes or not. The error is what keeps it from having a meaning.
    pub fn side(&self) -> Result<Side, Report> {
        Side::of(self)
    }
}

impl Side {
    /// Reads a spec that stands alone. `name` is its file's name or path. The error is what keeps it from having a meaning.
    pub fn read(name: &str, text: &str) -> Result<Self, Report> {
        Self::of(&SpecFile::new(name, text))
    }

    /// Reads a spec with the one it is like.
    fn of(file: &SpecFile) -> Result<Self, Report> {
        match compile::read(file) {
            (Some(nic), report, Some(tree)) => Ok(Self { nic, tree, report }),
            (_, Some(report), _) => Err(report),
            (_, None, _) => unreachable!("a spec is refused with a reason"),
        }
    }

    /// The model, if the spec has no mistake.
    pub fn nic(&self) -> Option<&Nic> {
        match self.report {
            None => Some(&self.nic),
            Some(_) => None,
        }
    }

    /// The rules that the spec breaks.
    pub fn report(&self) -> Option<&Report> {
        self.report.as_ref()
    }

    /// The report itself.
    pub fn into_report(self) -> Option<Report> {
        self.report
    }

    /// What the spec says, rules or not.
    pub(super) fn meant(&self) -> &Nic {
        &self.nic
    }

    /// The same, as the spec says it.
    pub(super) fn tree(&self) -> &Tree {
        &self.tree
    }
}
