//! Compiles a file to its model, or to a report of its errors.

use crate::check;
use crate::diagnostic::{Findings, Report, Span};
use crate::errors::{generated_name, wrong_type};
use crate::gaps::Gaps;
use crate::identifiers;
use crate::ir::Nic;
use crate::like;
use crate::load::SpecFile;
use crate::lower;
use crate::tree::Tree;

/// Compiles a spec without a base spec. `name` is its file's name or path; its stem is the name that the spec has to
/// give itself. A spec with `like` is a [`SpecFile`], which contains its base spec.
pub fn compile(name: &str, text: &str) -> Result<Nic, Report> {
    SpecFile::new(name, text).compile()
}

impl SpecFile {
    /// Compiles it.
    pub fn compile(&self) -> Result<Nic, Report> {
        match read(self) {
            (Some(nic), None, _) => Ok(nic),
            (_, Some(report), _) => Err(report),
            (None, None, _) => unreachable!("a spec is refused with a reason"),
        }
    }
}

/// Reads a spec with its base spec. Returns its model if every part could be resolved, the report of its errors, and
/// its tree. A model with a report breaks rules.
pub(crate) fn read(file: &SpecFile) -> (Option<Nic>, Option<Report>, Option<Tree>) {
    let mut findings = Findings::default();
    let like = like::read(file, &mut findings);
    let mut nic = None;
    if let Some(tree) = &like.tree {
        nic = meaning(tree, &file.stem(), &mut findings);
        own_module(file, tree, &mut findings);
        let gaps = Gaps::of(tree);
        if !gaps.is_empty() {
            gaps.report(&mut findings);
            nic = None;
        }
    }
    if nic.is_none() && findings.is_empty() {
        // A spec that is refused always has a finding, even in a case that no rule covers.
        let expected = "what the language reference says";
        findings.add(wrong_type::finding(Span::top(), "a spec", expected, None));
    }
    if let Some(parent) = &like.parent {
        findings.trace(|at| parent.keys_at(at));
    }
    let report = (!findings.is_empty()).then(|| file.report(like.place, findings));
    (nic, report, like.tree)
}

/// Reports a NIC whose module another spec of the folder has.
fn own_module(file: &SpecFile, tree: &Tree, findings: &mut Findings) {
    let (name, root) = (file.stem(), tree.root());
    let module = identifiers::module(&name);
    let mut others = file.others().iter();
    if let Some(other) = others.find(|other| identifiers::module(other) == module) {
        let span = tree.span_at(tree.at(root, "nic"), "name");
        findings.add(generated_name::module(span, &name, &module, other));
    }
}

/// The model of a tree, if every part could be resolved.
pub(crate) fn meaning(tree: &Tree, stem: &str, findings: &mut Findings) -> Option<Nic> {
    let draft = lower::lower(tree, stem, findings);
    let whole = findings.is_empty();
    check::run(&draft, findings);
    lower::finish(draft).filter(|_| whole)
}
