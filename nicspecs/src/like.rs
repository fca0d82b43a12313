//! Reads a spec together with its base spec, the base of that, and so on.

mod variants;

use crate::bounds;
use crate::diagnostic::{File, FindingDraft, Findings, NodeId, Span};
use crate::errors::{unknown_base, wrong_type};
use crate::load::SpecFile;
use crate::schema;
use crate::tree::{self, Tree};

/// A spec's tree with all that it inherits.
pub(crate) struct Like {
    /// `None` after a syntax error, or where there is nothing to inherit from.
    pub(crate) tree: Option<Tree>,
    /// Whether it has an error that leaves nothing else to check but its gaps.
    pub(crate) is_unsettled: bool,
    /// The place of `like` in the spec.
    pub(crate) place: Option<Span>,
    lineage: Lineage,
}

impl Like {
    /// A spec that it inherits, directly or through others, as its own file has it.
    pub(crate) fn base(&self, name: &str) -> Option<&Tree> {
        let mut bases = self.lineage.names.iter().zip(&self.lineage.trees).skip(1);
        bases.find(|(base, _)| *base == name).map(|(_, tree)| tree)
    }

    /// Notes for each error in an inherited part which part that is.
    pub(crate) fn trace(&self, findings: &mut Findings) {
        self.lineage.trace(findings);
    }
}

/// Reads all files. If a base spec cannot be read, the rest of the spec is not checked: everything would be missing.
pub(crate) fn read(file: &SpecFile, findings: &mut Findings) -> Like {
    let lineage = Lineage::read(file, findings);
    let own = lineage.trees.first();
    let place = own.and_then(|own| Some(own.span(own.like()?)));
    let own = own.filter(|_| lineage.is_whole);
    let base = own.and_then(|_| lineage.base(findings));
    let merged = own.map(|own| lineage.merge(own, base.as_ref(), findings));
    let (tree, settled) = merged.unzip();
    Like {
        tree,
        is_unsettled: settled == Some(false),
        place,
        lineage,
    }
}

/// The texts of a spec and of those from which it inherits.
#[derive(Clone, Debug)]
pub(crate) struct Lineage {
    /// The spec itself, its base spec, the base of that, and so on.
    trees: Vec<Tree>,
    names: Vec<String>,
    /// Whether all of them could be read.
    is_whole: bool,
}

impl Lineage {
    pub(crate) fn read(file: &SpecFile, findings: &mut Findings) -> Self {
        let mut lineage = Self {
            trees: Vec::new(),
            names: Vec::new(),
            is_whole: false,
        };
        let mut place = File::Own;
        for each in file.lineage() {
            let tree = tree::scan(&each.text, place, findings);
            // Everything after this counts on quantities in range.
            let Some(tree) = tree.filter(|tree| schema::in_bounds(tree, findings)) else {
                return lineage;
            };
            lineage.names.push(each.stem());
            let refused = tree.like().map(|at| lineage.refused(file, each, &tree, at));
            lineage.trees.push(tree);
            match refused {
                None => lineage.is_whole = true,
                Some(None) => {}
                Some(Some(finding)) => {
                    findings.add(finding);
                    return lineage;
                }
            }
            place = place.base();
        }
        lineage
    }

    /// Why the base spec of the last of these cannot be read, if so. Its `like` stands at a node of its tree.
    fn refused(
        &self,
        file: &SpecFile,
        last: &SpecFile,
        tree: &Tree,
        at: NodeId,
    ) -> Option<FindingDraft> {
        let span = tree.span(at);
        let Some(name) = tree.text(at) else {
            let expected = "the name of a spec";
            return Some(wrong_type::finding(span, "`like`", expected, None));
        };
        // An error of several specs is shown in the one that is read.
        let own = self.trees.first().unwrap_or(tree);
        let place = own.like().map_or(span, |like| own.span(like));
        if let Some(first) = self.names.iter().position(|known| known == name) {
            return Some(unknown_base::circle(place, &self.names, first));
        }
        if last.parent().is_some() {
            return None;
        }
        if self.names.len() > bounds::BASES {
            return Some(unknown_base::too_many(place, &self.names));
        }
        let known = file.possible_bases();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        Some(unknown_base::finding(span, name, &known))
    }

    /// The base spec, with all that it inherits itself.
    pub(crate) fn base(&self, findings: &mut Findings) -> Option<Tree> {
        let (last, heirs) = self.trees.get(1..)?.split_last()?;
        let mut base = last.clone();
        for (heir, name) in heirs.iter().zip(&self.names[2..]).rev() {
            base = tree::merge(heir, &base, name, findings);
        }
        Some(base)
    }

    /// The spec with what it inherits, and whether its variants can stand for those that inherited parts name; `own` is
    /// its text, or a changed one.
    pub(crate) fn merge(
        &self,
        own: &Tree,
        base: Option<&Tree>,
        findings: &mut Findings,
    ) -> (Tree, bool) {
        match (base, own.like()) {
            (Some(base), Some(_)) => {
                let mut whole = tree::merge(own, base, &self.names[1], findings);
                let settled = variants::settle(&mut whole, findings);
                (whole, settled)
            }
            _ => {
                tree::alone(own, findings);
                (own.clone(), true)
            }
        }
    }

    /// The spec itself.
    pub(crate) fn own(&self) -> Option<&Tree> {
        self.trees.first()
    }

    /// Notes for each error in an inherited part which part that is.
    pub(crate) fn trace(&self, findings: &mut Findings) {
        findings.trace(|index, byte| {
            let base = self.trees.get(index + 1);
            base.map_or_else(Vec::new, |base| base.keys_at(byte))
        });
    }
}
