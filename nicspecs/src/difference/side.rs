//! One of the two states that are compared.

use crate::compile;
use crate::diagnostic::Report;
use crate::ir::Nic;
use crate::load::SpecFile;
use crate::tree::Tree;

/// A state of a spec.
///
/// A spec that breaks rules can be compared if every part of it can be resolved, so that a reviewer sees what an error
/// does. Only a spec without errors has a [`Nic`].
#[derive(Debug)]
pub struct Side {
    nic: Nic,
    tree: Tree,
    report: Option<Report>,
}

impl SpecFile {
    /// Reads it for a comparison, with or without errors. Fails if some part cannot be resolved.
    pub fn side(&self) -> Result<Side, Report> {
        match compile::read(self) {
            (Some(nic), report, Some(tree)) => Ok(Side { nic, tree, report }),
            (_, Some(report), _) => Err(report),
            (_, None, _) => unreachable!("a spec is refused with a reason"),
        }
    }
}

impl Side {
    /// Reads a spec without a base spec. `name` is its file's name or path. Fails if some part cannot be resolved.
    pub fn read(name: &str, text: &str) -> Result<Self, Report> {
        SpecFile::new(name, text).side()
    }

    /// The model, if the spec has no errors.
    pub fn nic(&self) -> Option<&Nic> {
        self.report.is_none().then_some(&self.nic)
    }

    /// The rules that the spec breaks.
    pub fn report(&self) -> Option<&Report> {
        self.report.as_ref()
    }

    /// The report itself.
    pub fn into_report(self) -> Option<Report> {
        self.report
    }

    /// The same meaning with the tree of another text, of which nothing has to be resolved.
    #[cfg(test)]
    pub(super) fn with_text(&self, text: &str) -> Option<Self> {
        let file = crate::diagnostic::File::Own;
        let tree = crate::tree::scan(text, file, &mut crate::diagnostic::Findings::default())?;
        Some(Self {
            nic: self.nic.clone(),
            tree,
            report: None,
        })
    }

    /// The resolved spec, even if it breaks rules.
    pub(super) fn meant(&self) -> &Nic {
        &self.nic
    }

    /// The text of the spec, as a tree.
    pub(super) fn tree(&self) -> &Tree {
        &self.tree
    }
}
