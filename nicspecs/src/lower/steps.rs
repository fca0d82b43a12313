//! Steps of a sequence.

mod control;
mod registers;
mod time;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cx::Cx;
use super::expr::Typer;
use super::identity::OF_PORT;
use super::names;
use super::scope::{LocalKind, Scope};
use super::signatures::Head;
use crate::diagnostic::{NodeId, Span};
use crate::errors::{
    generated_name, missing_key, name_taken, read_write_only, step_verb, wrong_type,
};
use crate::identifiers::LOCALS;
use crate::ir::builtin::is_head;
use crate::ir::{Action, Binding, Cond, Signature, Step, Value};
use crate::schema::{self, Map};

/// Lowers the steps of one sequence.
pub(super) struct Lowering<'c, 'a, 'f> {
    cx: &'c mut Cx<'a, 'f>,
    signature: &'c Arc<Signature>,
    heads: &'c BTreeMap<String, Head>,
    scope: Scope,
    /// Whether the head of the sequence could be read; otherwise the signature is a guess.
    whole: bool,
    /// Whether every step so far could be resolved.
    pub(super) complete: bool,
}

impl<'c, 'a, 'f> Lowering<'c, 'a, 'f> {
    pub(super) fn new(
        cx: &'c mut Cx<'a, 'f>,
        signature: &'c Arc<Signature>,
        heads: &'c BTreeMap<String, Head>,
        scope: Scope,
    ) -> Self {
        let whole = heads.get(&signature.name).is_some_and(|head| head.whole);
        Self {
            cx,
            signature,
            heads,
            scope,
            whole,
            complete: true,
        }
    }

    /// The steps of the sequence; that it has some is checked with its head.
    pub(super) fn body(&mut self, sequence: NodeId) -> Vec<Step> {
        let steps = self.cx.tree.get(sequence, "steps");
        steps.map_or_else(Vec::new, |steps| self.list(steps, true))
    }

    /// The steps of a list. Names that they bind end with it.
    fn list(&mut self, node: NodeId, outermost: bool) -> Vec<Step> {
        let bound = self.scope.locals.len();
        let items = self.cx.items(node, "steps");
        self.complete &= self.cx.tree.list(node).is_some();
        let mut steps = Vec::new();
        for (index, &item) in items.iter().enumerate() {
            let last = outermost && index + 1 == items.len();
            match self.step(item, last) {
                Some(step) if self.cx.tree.key_span(item).file.is_inherited() => {
                    steps.extend(folded(step));
                }
                Some(step) => steps.push(step),
                None => self.complete = false,
            }
        }
        self.scope.locals.truncate(bound);
        steps
    }

    fn step(&mut self, node: NodeId, last: bool) -> Option<Step> {
        let raw: schema::Step = self.cx.read(node, "a step")?;
        let verb = self.verb(node)?;
        let action = self.action(verb, node, &raw, last)?;
        Some(Step {
            why: raw.why,
            section: raw.section.map(|section| section.0),
            action,
            line: self.cx.tree.line(node),
            node,
        })
    }

    /// The one verb of a step.
    fn verb(&mut self, node: NodeId) -> Option<&'static str> {
        let entries = self.cx.tree.map(node)?;
        let has = |key: &str| entries.iter().any(|entry| entry.key == key);
        let keys = schema::Step::shape();
        let all = keys.keys.iter().filter(|key| key.verb);
        let all: Vec<&'static str> = all.map(|key| key.name).collect();
        let verbs = all.iter().copied();
        // `let` may bind the result of `run`.
        let verbs: Vec<&'static str> = verbs
            .filter(|verb| has(verb) && !(*verb == "let" && has("run")))
            .collect();
        let &[verb] = verbs.as_slice() else {
            let span = self.cx.tree.verb(node);
            return self.cx.fail(step_verb::finding(span, &verbs, &all));
        };
        for entry in entries {
            let owner = keys.key(&entry.key).and_then(|key| key.only_with);
            if let Some(owner) = owner.filter(|owner| *owner != verb) {
                let finding = step_verb::stray(entry.key_span, &entry.key, verb, owner);
                return self.cx.fail(finding);
            }
        }
        Some(verb)
    }

    fn action(
        &mut self,
        verb: &'static str,
        node: NodeId,
        raw: &schema::Step,
        last: bool,
    ) -> Option<Action> {
        let at = self.cx.tree.get(node, verb)?;
        match verb {
            "write" => self.write(at),
            "modify" => self.modify(at),
            "set" => self.fill(at, true),
            "clear" => self.fill(at, false),
            "write_each" => self.write_each(at),
            "let" => self.bind(at),
            "poll" => self.poll(at),
            "delay" => self.delay(at),
            "sleep" => self.sleep(at),
            "flush" => self.flush(at),
            "barrier" => Some(Action::Publish),
            "if" => self.choose(node, at),
            "for" => self.repeat(node, at),
            "run" => self.run(node, at),
            "guard" => self.guard(at),
            "verify" => {
                let cond = self.typer(at).condition();
                let Some(otherwise) = raw.otherwise.clone() else {
                    return self.lacks(at, "`verify`", "otherwise");
                };
                Some(Action::Verify {
                    cond: cond?,
                    otherwise,
                })
            }
            "fail" => raw.fail.clone().map(Action::Fail),
            "return" => self.give_back(at, last),
            _ => None,
        }
    }

    /// Reports a verb without a key that belongs to it.
    fn lacks<T>(&mut self, verb: NodeId, what: &str, key: &str) -> Option<T> {
        let span = self.cx.tree.key_span(verb);
        self.cx.fail(missing_key::finding(span, what, key))
    }

    /// The only entry of a map such as `{ REG: value }`.
    fn only_entry(&mut self, node: NodeId, what: &str) -> Option<(&'a str, Span, NodeId)> {
        if let Some([entry]) = self.cx.tree.map(node) {
            return Some((&entry.key, entry.key_span, entry.value));
        }
        let (span, text) = (self.cx.tree.key_span(node), self.cx.tree.text(node));
        self.cx
            .fail(wrong_type::finding(span, what, "a map with one key", text))
    }

    fn bind(&mut self, node: NodeId) -> Option<Action> {
        let (name, span, value) = self.only_entry(node, "`let`")?;
        let binding = self.binding(value);
        let kind = match &binding {
            Some(Binding::Register(place)) => LocalKind::Register(Arc::clone(&place.register)),
            Some(Binding::Value(Value::Num(num))) => LocalKind::Num(num.range),
            Some(Binding::Value(Value::Cond(_))) => LocalKind::Cond,
            None => LocalKind::Broken,
        };
        self.declare(name, span, kind);
        Some(Action::Let {
            name: name.to_owned(),
            value: binding?,
        })
    }

    fn binding(&mut self, node: NodeId) -> Option<Binding> {
        let text = self.cx.tree.text(node).unwrap_or_default();
        if let Ok(path) = crate::expr::parse_path(text)
            && path.rest.is_empty()
            && self.scope.local(&path.head.text).is_none()
            && self.cx.registers.has(&path.head.text)
        {
            let place = self.typer(node).place(&path)?;
            if !place.register.access.can_read() {
                let span = self.cx.tree.span(node);
                let finding = read_write_only::finding(span, &place.register.name);
                return self.cx.fail(finding);
            }
            return Some(Binding::Register(place));
        }
        self.typer(node).value().map(Binding::Value)
    }

    /// What lowers the expression in a scalar.
    fn typer(&mut self, node: NodeId) -> Typer<'_, 'a, 'f> {
        Typer::new(self.cx, node, &self.scope)
    }

    /// Binds a name to the end of the list of steps.
    fn declare(&mut self, name: &str, span: Span, kind: LocalKind) {
        self.cx.spelled(span, "a bound name", name, names::LOWER);
        let other = if self.scope.local(name).is_some() {
            Some("a name bound earlier")
        } else if is_head(name) {
            Some(OF_PORT)
        } else if self.cx.constant(name).is_some() {
            Some("a constant")
        } else if self.cx.option(name).is_some() {
            Some("an option")
        } else {
            None
        };
        if let Some(other) = other {
            self.cx.add(name_taken::finding(span, name, other));
        } else if LOCALS.contains(&name) {
            self.cx.add(generated_name::finding(span, name, name));
        }
        self.scope.bind(name, kind);
    }
}

/// An inherited step without what never runs on the variants of the spec.
fn folded(step: Step) -> Vec<Step> {
    match step.action {
        Action::If {
            cond: Cond::Literal(holds),
            then,
            otherwise,
        } => {
            let mut steps = if holds { then } else { otherwise };
            // The reason for the choice is one for the first step that it leaves.
            if let Some(first) = steps
                .first_mut()
                .filter(|first| holds && first.why.is_none() && step.why.is_some())
            {
                first.why = step.why;
                first.section = step.section.or(first.section.take());
            }
            steps
        }
        Action::Verify {
            cond: Cond::Literal(true),
            ..
        }
        | Action::Poll {
            until: Cond::Literal(true),
            ..
        } => Vec::new(),
        action => vec![Step { action, ..step }],
    }
}
