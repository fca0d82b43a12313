//! Whether it matters which of two steps comes first.

use std::collections::BTreeSet;

use super::Maker;
use crate::tree::{Entry, Kind as NodeKind, NodeId};

/// Steps that ask the device or end a sequence: what comes before them is what they are about.
const ASKS: [&str; 5] = ["poll", "let", "return", "fail", "barrier"];

/// Whether the order of two steps, each with its verb, is a fact: they ask for something, touch the same register, one of
/// them resets the device, a rule of the hardware relates what they touch, or the second uses what the first has named.
pub(super) fn is_fact(maker: &Maker<'_>, steps: [(&Entry, NodeId); 2]) -> bool {
    let asks = |(verb, _): &(&Entry, NodeId)| ASKS.contains(&verb.key.as_str());
    if steps.iter().any(asks) {
        return true;
    }
    let [a, b] = steps.map(|(_, step)| {
        let mut registers = BTreeSet::new();
        registers_of(maker, step, &mut Vec::new(), &mut registers);
        registers
    });
    let model = maker.nic.model();
    let resets = |registers: &BTreeSet<String>| {
        let mut fields = model.reset.iter();
        fields.any(|field| registers.contains(&field.place.register.name))
    };
    !a.is_disjoint(&b)
        || resets(&a)
        || resets(&b)
        || is_ruled(maker, &a, &b)
        || is_ruled(maker, &b, &a)
        || names(maker, steps)
}

/// Whether a rule has what one step touches before what the other does.
fn is_ruled(maker: &Maker<'_>, first: &BTreeSet<String>, then: &BTreeSet<String>) -> bool {
    let order = maker.nic.order().iter().any(|rule| {
        let mut events = rule.first.iter();
        let is_first = events.any(|event| first.contains(&event.register().name));
        is_first && then.contains(&rule.then.register().name)
    });
    let late = maker.nic.model().late.iter().any(|late| {
        let mut before = late.before.iter();
        let is_first = first.contains(&late.field.place.register.name);
        is_first && before.any(|register| then.contains(&register.name))
    });
    let locks = maker.node(&["model", "locks"]);
    let locks = locks
        .and_then(|locks| maker.tree.list(locks))
        .unwrap_or_default();
    let locked = locks.iter().any(|&lock| {
        let of = |key| {
            maker
                .tree
                .get(lock, key)
                .map(|node| registers_in(maker, node))
        };
        let (unlocks, takes) = (
            of("unless").unwrap_or_default(),
            of("registers").unwrap_or_default(),
        );
        !unlocks.is_disjoint(first) && !takes.is_disjoint(then)
    });
    order || late || locked
}

/// Whether the first step names something that the second one uses.
fn names(maker: &Maker<'_>, [(_, first), (_, second)]: [(&Entry, NodeId); 2]) -> bool {
    let name = maker.tree.get(first, "let");
    let Some(name) = name.and_then(|name| maker.tree.text(name)) else {
        return false;
    };
    let span = maker.tree.span(second);
    let text = maker.text.get(span.start..span.end);
    text.is_some_and(|text| text.contains(name))
}

/// Registers that a step touches, in the sequences that it runs as well.
fn registers_of(
    maker: &Maker<'_>,
    node: NodeId,
    inside: &mut Vec<String>,
    found: &mut BTreeSet<String>,
) {
    found.extend(registers_in(maker, node));
    for callee in runs(maker, node) {
        if inside.contains(&callee) {
            continue;
        }
        if let Some(steps) = maker.node(&["sequences", &callee, "steps"]) {
            inside.push(callee);
            registers_of(maker, steps, inside, found);
            inside.pop();
        }
    }
}

/// Registers that a part of the spec names.
fn registers_in(maker: &Maker<'_>, node: NodeId) -> BTreeSet<String> {
    let subjects = maker.subjects(node);
    let names = subjects
        .iter()
        .filter_map(|subject| subject.split('.').next());
    names.map(str::to_owned).collect()
}

/// Names of the sequences that steps run.
fn runs(maker: &Maker<'_>, node: NodeId) -> Vec<String> {
    match maker.tree.kind(node) {
        NodeKind::Scalar { .. } => Vec::new(),
        NodeKind::List(items) => items.iter().flat_map(|&item| runs(maker, item)).collect(),
        NodeKind::Map(entries) => {
            let run = entries.iter().filter(|entry| entry.key == "run");
            let run = run.filter_map(|entry| maker.tree.text(entry.value).map(str::to_owned));
            let below = entries.iter().flat_map(|entry| runs(maker, entry.value));
            run.chain(below).collect()
        }
    }
}
