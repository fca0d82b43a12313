//! Registers and descriptors that the driver uses, and those that only the model uses.
//!
//! This follows from the names in expressions, before lowering: a register has this property before others refer to it.

use std::collections::BTreeSet;

use crate::diagnostic::NodeId;
use crate::expr::{self, Ast, AstKind};
use crate::schema;
use crate::tree::{Kind, Tree};

/// Names at the head of an expression.
pub(super) struct Usage {
    pub(super) driver: BTreeSet<String>,
    pub(super) model: BTreeSet<String>,
}

pub(super) fn scan(tree: &Tree) -> Usage {
    let prose = schema::prose(tree);
    let heads_below = |keys: &[&str]| {
        let mut heads = BTreeSet::new();
        for node in keys.iter().filter_map(|key| tree.get(tree.root(), key)) {
            walk(tree, node, &prose, &mut heads);
        }
        heads
    };
    Usage {
        driver: heads_below(&[
            "variants",
            "tx",
            "rx",
            "interrupts",
            "link",
            "filters",
            "statistics",
            "sequences",
        ]),
        model: heads_below(&["rss", "order", "model"]),
    }
}

fn walk(tree: &Tree, node: NodeId, prose: &BTreeSet<NodeId>, heads: &mut BTreeSet<String>) {
    match tree.kind(node) {
        Kind::Scalar { text, .. } => collect(text, heads),
        Kind::List(items) => items
            .iter()
            .for_each(|&item| walk(tree, item, prose, heads)),
        Kind::Map(entries) => {
            for entry in entries.iter().filter(|entry| !prose.contains(&entry.value)) {
                collect(&entry.key, heads);
                walk(tree, entry.value, prose, heads);
            }
        }
    }
}

fn collect(text: &str, heads: &mut BTreeSet<String>) {
    if let Ok(ast) = expr::parse(text) {
        names(&ast, heads);
    }
}

fn names(ast: &Ast, heads: &mut BTreeSet<String>) {
    match &ast.kind {
        AstKind::Number { .. } | AstKind::Variant(_) => {}
        AstKind::Path(path) => {
            heads.insert(path.head.text.clone());
            if let Some(index) = &path.index {
                names(index, heads);
            }
        }
        AstKind::Invert(inner)
        | AstKind::Not(inner)
        | AstKind::Call {
            argument: inner, ..
        } => names(inner, heads),
        AstKind::Binary { left, right, .. }
        | AstKind::Compare { left, right, .. }
        | AstKind::And(left, right)
        | AstKind::Or(left, right) => {
            names(left, heads);
            names(right, heads);
        }
    }
}
