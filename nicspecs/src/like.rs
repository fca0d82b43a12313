//! Reads a spec together with its base spec.

use crate::diagnostic::{File, Findings, NodeId, Span};
use crate::errors::{unknown_base, wrong_type};
use crate::load::SpecFile;
use crate::schema;
use crate::tree::{self, Tree};

/// A spec's tree with all that it inherits.
pub(crate) struct Like {
    /// `None` after a syntax error, or where there is nothing to inherit from.
    pub(crate) tree: Option<Tree>,
    /// The tree of the base spec.
    pub(crate) parent: Option<Tree>,
    /// The place of `like` in the spec.
    pub(crate) place: Option<Span>,
}

/// Reads both files. If the base spec cannot be read, the rest of the spec is not checked: everything would be missing.
pub(crate) fn read(file: &SpecFile, findings: &mut Findings) -> Like {
    let own = sound(tree::scan(&file.text, File::Own, findings), findings);
    let Some((tree, at)) = own.as_ref().and_then(|tree| Some((tree, tree.like()?))) else {
        if let Some(tree) = &own {
            tree::alone(tree, findings);
        }
        return Like {
            tree: own,
            parent: None,
            place: None,
        };
    };
    let (whole, parent) = with_parent(file, tree, at, findings).unzip();
    Like {
        tree: whole,
        parent,
        place: Some(tree.span(at)),
    }
}

/// The tree, if its quantities are in range: everything after this counts on it.
fn sound(tree: Option<Tree>, findings: &mut Findings) -> Option<Tree> {
    tree.filter(|tree| schema::in_bounds(tree, findings))
}

/// The whole tree, and that of the parent.
fn with_parent(
    file: &SpecFile,
    own: &Tree,
    at: NodeId,
    findings: &mut Findings,
) -> Option<(Tree, Tree)> {
    let span = own.span(at);
    let Some(name) = own.text(at) else {
        findings.add(wrong_type::finding(
            span,
            "`like`",
            "the name of a spec",
            None,
        ));
        return None;
    };
    if name == file.stem() {
        findings.add(unknown_base::itself(span, name));
        return None;
    }
    let Some(parent) = file.parent() else {
        let known: Vec<&str> = file.others().iter().map(String::as_str).collect();
        findings.add(unknown_base::finding(span, name, &known));
        return None;
    };
    let theirs = sound(tree::scan(&parent.text, File::Parent, findings), findings)?;
    if let Some(there) = theirs.like() {
        let other = theirs.text(there).unwrap_or_default();
        findings.add(unknown_base::chain(span, name, other, theirs.span(there)));
        return None;
    }
    let whole = tree::merge(own, &theirs, name, findings);
    Some((whole, theirs))
}
