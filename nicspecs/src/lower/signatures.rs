//! What sequences look like from outside: what they take and return before their steps are read, and what they need
//! and whether they can fail after that.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cx::Cx;
use super::names;
use crate::check::{arguments, bad_name, name_taken};
use crate::ir::visit::{self, Visitor};
use crate::ir::{self, Action, Cond, Needs, Num, NumKind, OnTimeout, Returns, Signature};
use crate::lifecycle;
use crate::raw;
use crate::tree::{Entry, NodeId};

/// What the head of a sequence says. `None` where it could not be read.
pub(super) fn heads(cx: &mut Cx<'_, '_>, node: NodeId) -> BTreeMap<String, Option<Head>> {
    let entries = cx.entries(node, "`sequences`");
    entries
        .iter()
        .map(|entry| (entry.key.clone(), head(cx, entry)))
        .collect()
}

/// The head of a sequence.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) raw: Arc<raw::Sequence>,
    pub(super) signature: Arc<Signature>,
}

fn head(cx: &mut Cx<'_, '_>, entry: &Entry) -> Option<Head> {
    let (name, node) = (&entry.key, entry.value);
    if !names::is_dotted(name) {
        let style = "lower-case words with dots between them";
        cx.add(bad_name::finding(entry.key_span, "a sequence", name, style));
    }
    let raw: raw::Sequence = cx.read(node, &format!("sequence `{name}`"))?;
    let port = lifecycle::port(name);
    let args = match cx.tree.get(node, "args") {
        Some(args) => arguments_of(cx, args)?,
        None => Vec::new(),
    };
    let returns = raw.returns.map(|returns| match returns {
        raw::Returns::U8 => Returns::U8,
        raw::Returns::U16 => Returns::U16,
        raw::Returns::U32 => Returns::U32,
        raw::Returns::Mac => Returns::Mac,
    });
    if let Some(port) = port {
        if let Some(args) = cx.tree.get(node, "args") {
            cx.add(arguments::of_port(cx.tree.key_span(args), name));
        }
        if port.returns != returns {
            let span = cx
                .tree
                .get(node, "returns")
                .map_or(cx.tree.key_span(node), |returns| cx.tree.span(returns));
            cx.add(arguments::port_returns(
                span,
                name,
                port.returns == Some(Returns::Mac),
            ));
        }
    }
    let signature = Signature {
        name: name.clone(),
        snake: names::snake(name),
        is_port: port.is_some(),
        args,
        returns,
        needs: Needs::default(),
        can_fail: false,
        may_sleep: raw.may_sleep.unwrap_or(true),
        sleeps: false,
    };
    Some(Head {
        raw: Arc::new(raw),
        signature: Arc::new(signature),
    })
}

fn arguments_of(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<Vec<ir::Argument>> {
    let mut args = Vec::new();
    for entry in cx.entries(node, "`args`") {
        if !names::is_lower(&entry.key) {
            let style = "lower-case letters, digits and underscores";
            cx.add(bad_name::finding(
                entry.key_span,
                "an argument",
                &entry.key,
                style,
            ));
        }
        if super::scope::BUILTINS.contains(&entry.key.as_str()) {
            cx.add(name_taken::finding(
                entry.key_span,
                &entry.key,
                "a value that the port passes in",
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
pub(super) fn complete(sequences: &mut [super::Sequence]) {
    let mut found: BTreeMap<String, Facts> = sequences
        .iter()
        .map(|sequence| {
            (
                sequence.body.signature.name.clone(),
                Facts::of(&sequence.body),
            )
        })
        .collect();
    // A chain of calls is at most as long as there are sequences; recursion stops there, too.
    for _ in 0..sequences.len() {
        let before = found.clone();
        for facts in found.values_mut() {
            for callee in facts.callees.clone() {
                if let Some(callee) = before.get(&callee) {
                    facts.absorb(callee);
                }
            }
        }
    }
    let signatures: BTreeMap<String, Arc<Signature>> = sequences
        .iter()
        .map(|sequence| {
            let mut signature = Signature::clone(&sequence.body.signature);
            if let Some(facts) = found.get(&signature.name) {
                signature.needs = facts.needs;
                signature.can_fail = facts.can_fail;
                signature.sleeps = facts.sleeps;
            }
            (signature.name.clone(), Arc::new(signature))
        })
        .collect();
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

/// What the steps of one sequence say about it.
#[derive(Clone, Debug, Default)]
struct Facts {
    needs: Needs,
    can_fail: bool,
    sleeps: bool,
    callees: Vec<String>,
}

impl Facts {
    fn of(sequence: &ir::Sequence) -> Self {
        let mut facts = Self::default();
        facts.steps(&sequence.steps);
        facts
    }

    fn absorb(&mut self, callee: &Self) {
        self.needs = self.needs.or(callee.needs);
        self.can_fail |= callee.can_fail;
        self.sleeps |= callee.sleeps;
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
                self.can_fail |= *on_timeout == OnTimeout::Fail;
                self.num(&every.count);
                self.num(&within.count);
            }
            Action::Verify { .. } | Action::Fail(_) => self.can_fail = true,
            Action::Sleep(_) => self.sleeps = true,
            Action::Run { callee, .. } => self.callees.push(callee.name.clone()),
            _ => {}
        }
        visit::step(self, step);
    }

    fn num(&mut self, num: &Num) {
        match &num.kind {
            NumKind::Constant(constant) => self.needs.variant |= constant.varies(),
            NumKind::Choice(_) => self.needs.options = true,
            NumKind::Builtin(builtin) => match builtin {
                ir::Builtin::RingBaseLow
                | ir::Builtin::RingBaseHigh
                | ir::Builtin::RingBytes
                | ir::Builtin::RingSlots => self.needs.ring = true,
                ir::Builtin::Queue => self.needs.queue = true,
                ir::Builtin::Queues => self.needs.queues = true,
                ir::Builtin::Mac(_) => self.needs.mac = true,
                ir::Builtin::Multicast(_) => self.needs.multicast = true,
                ir::Builtin::FrameMax => self.needs.frame_max = true,
                ir::Builtin::BufferSize => self.needs.buffer_size = true,
            },
            _ => {}
        }
        visit::num(self, num);
    }

    fn cond(&mut self, cond: &Cond) {
        match cond {
            Cond::Choice(_) => self.needs.options = true,
            Cond::Promiscuous | Cond::AllMulticast => self.needs.promiscuous = true,
            Cond::Variant(_) => self.needs.variant = true,
            _ => {}
        }
        visit::cond(self, cond);
    }
}
