//! Whether it matters which of two steps comes first.

use std::collections::BTreeSet;

use super::maker::Maker;
use crate::diagnostic::NodeId;
use crate::ir::{Access, OrderEvent};
use crate::tree::{Entry, Kind as NodeKind};

/// Steps that read the device or end a sequence: they depend on every step before them.
const ASKS: [&str; 5] = ["poll", "let", "return", "fail", "barrier"];

/// Whether the order of two steps, each with its verb, is a fact: they read the device, use the same register, one of
/// them resets the device, an order rule relates them, or the second uses a name that the first binds.
pub(super) fn is_fact(maker: &Maker<'_>, steps: [(&Entry, NodeId); 2]) -> bool {
    if are_alike(maker, steps) {
        return names(maker, steps);
    }
    if steps
        .iter()
        .any(|(verb, _)| ASKS.contains(&verb.key.as_str()))
    {
        return true;
    }
    if steps
        .iter()
        .all(|&(verb, step)| only_looks(maker, verb, step))
        || are_apart(maker, steps)
    {
        return false;
    }
    let [first, second] = steps.map(|(_, step)| {
        let mut found = BTreeSet::new();
        touched_by(maker, step, &mut Vec::new(), &mut found);
        found
    });
    let [a, b] = [&first, &second].map(registers_among);
    let resets = |registers: &BTreeSet<String>| {
        let mut fields = maker.nic.model().reset.iter();
        fields.any(|field| registers.contains(&field.place.register.name))
    };
    !a.is_disjoint(&b)
        || resets(&a)
        || resets(&b)
        || is_ordered(maker, &first, &second)
        || is_ordered(maker, &second, &first)
        || is_ruled(maker, &a, &b)
        || is_ruled(maker, &b, &a)
        || names(maker, steps)
}

/// Whether a step only compares values of the device.
fn only_looks(maker: &Maker<'_>, verb: &Entry, step: NodeId) -> bool {
    if verb.key == "verify" {
        return true;
    }
    let branches = ["then", "else"].map(|branch| maker.items(maker.tree.get(step, branch)));
    let mut steps = branches.into_iter().flatten();
    verb.key == "if" && steps.all(|&step| maker.tree.get(step, "verify").is_some())
}

/// Whether both steps run one sequence for different values, and each run is complete in itself; or both read registers
/// without side effects.
fn are_alike(maker: &Maker<'_>, steps: [(&Entry, NodeId); 2]) -> bool {
    let reads = |(verb, step): (&Entry, NodeId)| {
        let registers = registers_in(maker, step);
        verb.key == "let" && registers.iter().all(|register| is_quiet(maker, register))
    };
    if steps.into_iter().all(reads) {
        return true;
    }
    let [first, second] = steps.map(|(verb, step)| {
        let asks = verb.key == "run" && maker.tree.get(step, "let").is_some();
        maker.tree.text(verb.value).filter(|_| asks)
    });
    first.is_some() && first == second
}

/// Whether both steps change fields in place, and not the same ones, none of which resets the device.
fn are_apart(maker: &Maker<'_>, steps: [(&Entry, NodeId); 2]) -> bool {
    let changes =
        |(verb, _): &(&Entry, NodeId)| ["modify", "set", "clear"].contains(&verb.key.as_str());
    let resets = |name: &String| {
        let mut fields = maker.nic.model().reset.iter();
        fields.any(|at| *name == at.name())
    };
    let [first, second] = steps.map(|(verb, _)| maker.subjects(verb.value));
    steps.iter().all(changes)
        && !first.iter().chain(&second).any(resets)
        && !first.iter().any(|field| second.contains(field))
        && registers_among(first.iter().chain(&second)).len() == 1
}

/// Whether reading a register has no side effect.
fn is_quiet(maker: &Maker<'_>, name: &str) -> bool {
    let model = maker.nic.model();
    let mut set = model.set_by_reading.iter();
    let mut late = model.late.iter();
    let access = maker.nic.register(name).map(|register| register.access);
    matches!(access, Some(Access::ReadOnly | Access::ReadWrite))
        && !set.any(|field| field.place.register.name == name)
        && !late.any(|late| late.field.place.register.name == name)
}

/// Whether an `order` rule puts registers or fields of one step before those of the other.
fn is_ordered(maker: &Maker<'_>, first: &BTreeSet<String>, then: &BTreeSet<String>) -> bool {
    let is_among = |event: &OrderEvent, touched: &BTreeSet<String>| {
        let register = &event.register().name;
        match event {
            OrderEvent::Written(_) => registers_among(touched).contains(register),
            OrderEvent::Set(field) => {
                touched.contains(register)
                    || touched.contains(&format!("{register}.{}", field.field.name))
            }
        }
    };
    maker.nic.order().iter().any(|rule| {
        rule.first.iter().any(|event| is_among(event, first)) && is_among(&rule.then, then)
    })
}

/// Whether, in the device, registers of one step lock those of the other.
fn is_ruled(maker: &Maker<'_>, first: &BTreeSet<String>, then: &BTreeSet<String>) -> bool {
    let late = maker.nic.model().late.iter().any(|late| {
        let mut before = late.before.iter();
        let is_first = first.contains(&late.field.place.register.name);
        is_first && before.any(|register| then.contains(&register.name))
    });
    let mut locks = maker.items(maker.node(&["model", "locks"])).iter();
    let locked = locks.any(|&lock| {
        let [unlocks, takes] = ["unless", "registers"].map(|key| {
            let node = maker.tree.get(lock, key);
            node.map_or_else(BTreeSet::new, |node| registers_in(maker, node))
        });
        !unlocks.is_disjoint(first) && !takes.is_disjoint(then)
    });
    late || locked
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

/// Registers and fields that a step uses, including those of the sequences that it runs.
fn touched_by(
    maker: &Maker<'_>,
    node: NodeId,
    inside: &mut Vec<String>,
    found: &mut BTreeSet<String>,
) {
    found.extend(maker.subjects(node));
    for callee in runs(maker, node) {
        if inside.contains(&callee) {
            continue;
        }
        if let Some(steps) = maker.node(&["sequences", &callee, "steps"]) {
            inside.push(callee);
            touched_by(maker, steps, inside, found);
            inside.pop();
        }
    }
}

/// Registers that a part of the spec names.
fn registers_in(maker: &Maker<'_>, node: NodeId) -> BTreeSet<String> {
    registers_among(&maker.subjects(node))
}

/// The registers among registers and fields.
fn registers_among<'n>(touched: impl IntoIterator<Item = &'n String>) -> BTreeSet<String> {
    let touched = touched.into_iter();
    let names = touched.filter_map(|subject| subject.split('.').next());
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
