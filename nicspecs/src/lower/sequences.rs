//! `sequences`

use super::cx::Cx;
use super::draft::Sequence;
use super::scope::{LocalKind, Scope};
use super::signatures::{self, Head};
use super::steps::Lowering;
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
        .filter_map(|entry| {
            let head = heads.get(&entry.key)?.as_ref()?;
            Some(sequence(cx, entry, head, &heads))
        })
        .collect();
    signatures::complete(&mut sequences);
    // A sequence whose head could not be read makes the others look incomplete, too.
    if heads.values().any(Option::is_none) {
        sequences
            .iter_mut()
            .for_each(|sequence| sequence.complete = false);
    }
    sequences
}

fn sequence(
    cx: &mut Cx<'_, '_>,
    entry: &Entry,
    head: &Head,
    heads: &std::collections::BTreeMap<String, Option<Head>>,
) -> Sequence {
    let mut scope = Scope::sequence(&entry.key, &cx.limits);
    for argument in &head.signature.args {
        scope.bind(&argument.name, LocalKind::Num(Range::up_to(argument.max)));
    }
    let node = cx.tree.at(entry.value, "steps");
    let mut lowering = Lowering::new(cx, &head.signature, heads, scope);
    let steps = lowering.list(node, true);
    let complete = lowering.complete;
    let body = ir::Sequence {
        signature: std::sync::Arc::clone(&head.signature),
        section: head.raw.section.0.clone(),
        doc: head.raw.doc.clone(),
        steps,
    };
    Sequence {
        node: entry.value,
        body,
        complete,
    }
}
