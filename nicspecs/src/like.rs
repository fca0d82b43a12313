//! Reading a spec together with the one it is like.

use crate::SpecFile;
use crate::check::{unknown_parent, wrong_type};
use crate::report::Findings;
use crate::tree::{self, File, NodeId, Span, Tree};

/// A spec's tree with all that it inherits.
pub(crate) struct Like {
    /// `None` after a syntax error, or where there is nothing to inherit from.
    pub(crate) tree: Option<Tree>,
    /// The tree of the spec that it is like.
    pub(crate) parent: Option<Tree>,
    /// Where the spec says what it is like.
    pub(crate) place: Option<Span>,
}

/// Reads both files. A spec whose parent cannot be had is not read further: everything would be missing.
pub(crate) fn read(file: &SpecFile, findings: &mut Findings) -> Like {
    let own = tree::scan(&file.text, File::Own, findings);
    let Some((tree, at)) = own.as_ref().and_then(|tree| Some((tree, like(tree)?))) else {
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

/// The name of the spec that a text says it is like, as far as the text can be read.
pub(crate) fn parent_of(text: &str) -> Option<String> {
    // Most specs are like no other, and need not be read for that.
    if !text.contains("like") {
        return None;
    }
    let tree = tree::scan(text, File::Own, &mut Findings::default())?;
    tree.text(like(&tree)?).map(str::to_owned)
}

fn like(tree: &Tree) -> Option<NodeId> {
    tree.get(tree.root(), "like")
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
        findings.add(unknown_parent::itself(span, name));
        return None;
    }
    let Some(parent) = file.parent() else {
        let known: Vec<&str> = file.beside().iter().map(String::as_str).collect();
        findings.add(unknown_parent::finding(span, name, &known));
        return None;
    };
    let theirs = tree::scan(&parent.text, File::Parent, findings)?;
    if let Some(there) = like(&theirs) {
        let other = theirs.text(there).unwrap_or_default();
        findings.add(unknown_parent::chain(span, name, other, theirs.span(there)));
        return None;
    }
    let whole = tree::merge(own, &theirs, name, findings);
    Some((whole, theirs))
}
