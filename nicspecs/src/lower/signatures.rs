//! Signatures of sequences: arguments and results before their steps are read; needs and whether they can fail
//! afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cx::Cx;
use super::identity::OF_PORT;
use super::names;
use crate::diagnostic::NodeId;
use crate::draft::Sequence;
use crate::errors::{arguments, generated_name, name_taken};
use crate::identifiers::LOCALS;
use crate::ir::builtin::is_head;
use crate::ir::visit::{self, Visitor};
use crate::ir::{self, Action, Cond, Need, Needs, Num, NumKind, OnTimeout, Returns, Signature};
use crate::lifecycle;
use crate::schema;
use crate::tree::Entry;

/// The heads of all sequences.
pub(super) fn heads(cx: &mut Cx<'_, '_>, node: NodeId) -> BTreeMap<String, Head> {
    let entries = cx.entries(node, "`sequences`");
    entries
        .iter()
        .map(|entry| (entry.key.clone(), head(cx, entry)))
        .collect()
}

/// Everything of a sequence but its steps.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) section: String,
    pub(super) doc: Option<String>,
    pub(super) signature: Arc<Signature>,
    /// Whether all of it could be read. If not, it is a guess, so that the steps are still checked.
    pub(super) whole: bool,
}

fn head(cx: &mut Cx<'_, '_>, entry: &Entry) -> Head {
    let (name, node) = (&entry.key, entry.value);
    cx.spelled(entry.key_span, "a sequence", name, names::DOTTED);
    let raw: Option<schema::Sequence> = cx.read(node, &format!("sequence `{name}`"));
    let args = cx.maybe(node, "args", arguments_of);
    let whole = raw.is_some() && args.is_some();
    let port = lifecycle::port(name);
    let returns = match &raw {
        Some(raw) => raw.returns,
        None => port.and_then(|port| port.returns),
    };
    if let (Some(port), true) = (port, whole) {
        check_port(cx, node, port, returns);
    }
    let signature = Signature {
        name: name.clone(),
        snake: names::snake(name),
        is_port: port.is_some(),
        args: args.flatten().unwrap_or_default(),
        returns,
        needs: Needs::default(),
        can_fail: false,
        may_sleep: raw.as_ref().and_then(|raw| raw.may_sleep).unwrap_or(true),
        sleeps: false,
    };
    let (section, doc) = raw.map(|raw| (raw.section.0, raw.doc)).unwrap_or_default();
    Head {
        section,
        doc,
        signature: Arc::new(signature),
        whole,
    }
}

/// A sequence that the port calls has the port's signature.
fn check_port(
    cx: &mut Cx<'_, '_>,
    node: NodeId,
    port: &lifecycle::PortSequence,
    returns: Option<Returns>,
) {
    if let Some(args) = cx.tree.get(node, "args") {
        cx.add(arguments::of_port(cx.tree.key_span(args), port.name));
    }
    if port.returns != returns {
        let at = cx.tree.get(node, "returns");
        let span = at.map_or(cx.tree.key_span(node), |returns| cx.tree.span(returns));
        let wants_mac = port.returns.is_some();
        cx.add(arguments::port_returns(span, port.name, wants_mac));
    }
}

fn arguments_of(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<Vec<ir::Argument>> {
    let mut args = Vec::new();
    for entry in cx.entries(node, "`args`") {
        cx.spelled(entry.key_span, "an argument", &entry.key, names::LOWER);
        if is_head(&entry.key) {
            cx.add(name_taken::finding(entry.key_span, &entry.key, OF_PORT));
        } else if LOCALS.contains(&entry.key.as_str()) {
            cx.add(generated_name::finding(
                entry.key_span,
                &entry.key,
                &entry.key,
            ));
        }
        let scope = super::scope::Scope::facts();
        let max = super::expr::Typer::new(cx, entry.value, &scope).number()?;
        args.push(ir::Argument {
            name: entry.key.clone(),
            max: max.range.max,
        });
    }
    Some(args)
}

/// Fills in what follows from steps: needs, failing and sleeping, through every sequence that is run.
pub(super) fn complete(sequences: &mut [Sequence]) {
    let facts = |sequence: &Sequence| {
        let mut facts = Facts {
            signature: Signature::clone(&sequence.body.signature),
            callees: Vec::new(),
        };
        facts.steps(&sequence.body.steps);
        (facts.signature.name.clone(), facts)
    };
    let mut found: BTreeMap<String, Facts> = sequences.iter().map(facts).collect();
    // A chain of calls is at most as long as the number of sequences, which also limits recursion.
    for _ in 0..sequences.len() {
        let before = found.clone();
        for Facts { signature, callees } in found.values_mut() {
            for callee in callees.iter().filter_map(|callee| before.get(callee)) {
                signature.needs = signature.needs.or(callee.signature.needs);
                signature.can_fail |= callee.signature.can_fail;
                signature.sleeps |= callee.signature.sleeps;
            }
        }
    }
    let signatures = found
        .into_iter()
        .map(|(name, facts)| (name, Arc::new(facts.signature)));
    let signatures: BTreeMap<_, _> = signatures.collect();
    for sequence in sequences {
        if let Some(signature) = signatures.get(&sequence.body.signature.name) {
            sequence.body.signature = Arc::clone(signature);
        }
        replace(&mut sequence.body.steps, &signatures);
    }
}

/// Puts finished signatures where provisional ones were.
fn replace(steps: &mut [ir::Step], signatures: &BTreeMap<String, Arc<Signature>>) {
    for step in steps {
        if let Action::Run { callee, .. } = &mut step.action
            && let Some(signature) = signatures.get(&callee.name)
        {
            *callee = Arc::clone(signature);
        }
        for inner in step.action.bodies_mut() {
            replace(inner, signatures);
        }
    }
}

/// The signature of a sequence with what follows from its steps, and the sequences that it runs.
#[derive(Clone)]
struct Facts {
    signature: Signature,
    callees: Vec<String>,
}

impl Facts {
    fn need(&mut self, need: Need) {
        self.signature.needs = self.signature.needs.with(need);
    }
}

impl Visitor for Facts {
    fn step(&mut self, step: &ir::Step) {
        match &step.action {
            Action::Poll {
                on_timeout,
                every,
                within,
                ..
            } => {
                self.signature.can_fail |= *on_timeout == OnTimeout::Fail;
                self.num(&every.count);
                self.num(&within.count);
            }
            Action::Verify { .. } | Action::Fail(_) => self.signature.can_fail = true,
            Action::Sleep(_) => self.signature.sleeps = true,
            Action::Run { callee, .. } => self.callees.push(callee.name.clone()),
            _ => {}
        }
        visit::step(self, step);
    }

    fn num(&mut self, num: &Num) {
        match &num.kind {
            NumKind::Constant(constant) if constant.varies() => self.need(Need::Variant),
            NumKind::Choice(_) => self.need(Need::Options),
            NumKind::Builtin { builtin, .. } => self.need(builtin.need()),
            _ => {}
        }
        visit::num(self, num);
    }

    fn cond(&mut self, cond: &Cond) {
        match cond {
            Cond::Choice(_) => self.need(Need::Options),
            Cond::Given(flag) => self.need(flag.need()),
            Cond::Completion(_) => self.need(Need::Headwb),
            Cond::Variant(_) => self.need(Need::Variant),
            _ => {}
        }
        visit::cond(self, cond);
    }
}
