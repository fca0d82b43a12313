//! Compiles a file to its model, or to a report of its errors.

use crate::check;
use crate::claim;
use crate::diagnostic::{Findings, Report, Span};
use crate::errors::{duplicate_pci_id, generated_name, wrong_type};
use crate::gaps::Gaps;
use crate::identifiers;
use crate::ir::Nic;
use crate::like;
use crate::load::SpecFile;
use crate::lower;
use crate::renamed;
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
        if !like.is_unsettled {
            nic = meaning(tree, &file.stem(), &mut findings);
        }
        if let Some(nic) = &mut nic {
            nic.is_toy = file.is_toy();
        }
        own_module(file, tree, &mut findings);
        own_ids(file, tree, &mut findings);
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
    for (base, earlier) in file.earlier() {
        if let Some(now) = like.base(base) {
            renamed::hint(&mut findings, base, earlier, now);
        }
    }
    like.trace(&mut findings);
    let report = (!findings.is_empty()).then(|| file.report(like.place, findings));
    (nic, report, like.tree)
}

/// Reports a NIC whose module another spec has.
fn own_module(file: &SpecFile, tree: &Tree, findings: &mut Findings) {
    let (name, root) = (file.stem(), tree.root());
    let module = identifiers::module(&name);
    let mut others = file.others().iter();
    if let Some(other) = others.find(|other| identifiers::module(&other.stem()) == module) {
        let span = tree.span_at(tree.at(root, "nic"), "name");
        let path = other.path.to_string_lossy();
        findings.add(generated_name::module(span, &name, &module, &path));
    }
}

/// Reports PCI ids that another spec claims.
fn own_ids(file: &SpecFile, tree: &Tree, findings: &mut Findings) {
    let own = claim::of(tree);
    for other in file.others().iter().filter(|other| other.mentions(&own)) {
        for theirs in other.claims() {
            let same = own.iter().filter(|own| own.id == theirs.id);
            findings.extend(same.map(|own| {
                let note = theirs.note(other);
                duplicate_pci_id::of_specs(own.span(), own.id, &own.part, note)
            }));
        }
    }
}

/// The model of a tree, if every part could be resolved.
pub(crate) fn meaning(tree: &Tree, stem: &str, findings: &mut Findings) -> Option<Nic> {
    let draft = lower::lower(tree, stem, findings);
    let whole = findings.is_empty();
    check::run(&draft, findings);
    lower::finish(draft).filter(|_| whole)
}
