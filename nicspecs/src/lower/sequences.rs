//! `sequences`

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cx::Cx;
use super::scope::{LocalKind, Scope};
use super::signatures::{self, Head};
use super::steps::Lowering;
use crate::draft::Sequence;
use crate::ir::{self, Range};
use crate::tree::Entry;

pub(super) fn lower(cx: &mut Cx<'_, '_>) -> Vec<Sequence> {
    let Some(node) = cx.section("sequences") else {
        return Vec::new();
    };
    let heads = signatures::heads(cx, node);
    let entries = cx.tree.map(node).unwrap_or_default();
    let mut sequences: Vec<Sequence> = entries
        .iter()
        .filter_map(|entry| Some(sequence(cx, entry, heads.get(&entry.key)?, &heads)))
        .collect();
    signatures::complete(&mut sequences);
    sequences
}

fn sequence(
    cx: &mut Cx<'_, '_>,
    entry: &Entry,
    head: &Head,
    heads: &BTreeMap<String, Head>,
) -> Sequence {
    let mut scope = Scope::sequence(&entry.key, &cx.limits);
    for argument in &head.signature.args {
        scope.bind(&argument.name, LocalKind::Num(Range::up_to(argument.max)));
    }
    if !head.whole {
        for argument in cx.tree.entries(entry.value, "args") {
            scope.bind(&argument.key, LocalKind::Broken);
        }
    }
    let mut lowering = Lowering::new(cx, &head.signature, heads, scope);
    let steps = lowering.body(entry.value);
    Sequence {
        node: entry.value,
        complete: lowering.complete && head.whole,
        body: ir::Sequence {
            signature: Arc::clone(&head.signature),
            section: head.section.clone(),
            doc: head.doc.clone(),
            steps,
        },
    }
}
