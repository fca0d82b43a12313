//! From a file to its model, or to what is wrong with it.

use crate::check;
use crate::diagnostic::{Findings, Report, Span};
use crate::errors::wrong_type;
use crate::gaps::Gaps;
use crate::ir::Nic;
use crate::like;
use crate::load::SpecFile;
use crate::lower;
use crate::tree::Tree;

/// Compiles a spec that stands alone. `name` is its file's name or path; its stem is the name that the spec has to give
/// itself. One that is `like` another is a [`SpecFile`], which knows the other.
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

/// Reads a spec with the one it is like: what it means, if every part of it has a meaning, and what is wrong with it, and
/// its tree. A model that comes with a report breaks rules.
pub(crate) fn read(file: &SpecFile) -> (Option<Nic>, Option<Report>, Option<Tree>) {
    let mut findings = Findings::default();
    let like = like::read(file, &mut findings);
    let mut nic = None;
    if let Some(tree) = &like.tree {
        nic = meaning(tree, &file.stem(), &mut findings);
        let gaps = Gaps::of(tree);
        if !gaps.is_empty() {
            gaps.report(&mut findings);
            nic = None;
        }
    }
    if nic.is_none() && findings.is_empty() {
        // Nothing is refused without a reason, even if the reason is only that nobody thought of it.
        let expected = "what the language reference says";
        findings.add(wrong_type::finding(Span::top(), "a spec", expected, None));
    }
    if let Some(parent) = &like.parent {
        findings.trace(|at| parent.keys_at(at));
    }
    let report = (!findings.is_empty()).then(|| file.report(like.place, findings));
    (nic, report, like.tree)
}

/// What a tree means, if every part of it has a meaning. Findings that came before have taken some away.
pub(crate) fn meaning(tree: &Tree, stem: &str, findings: &mut Findings) -> Option<Nic> {
    let draft = lower::lower(tree, stem, findings);
    let whole = findings.is_empty();
    check::run(&draft, findings);
    lower::finish(draft).filter(|_| whole)
}
