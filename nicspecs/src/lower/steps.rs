//! Steps of a sequence.

mod control;
mod registers;
mod time;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cx::Cx;
use super::expr::Typer;
use super::scope::{LocalKind, Scope};
use super::signatures::Head;
use crate::diagnostic::{NodeId, Span};
use crate::errors::{name_taken, step_verb, wrong_type};
use crate::ir::builtin::is_head;
use crate::ir::{Action, Binding, Range, Signature, Step, Value};
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
        match self.cx.tree.get(sequence, "steps") {
            Some(steps) => self.list(steps, true),
            None => Vec::new(),
        }
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
        let span = entries
            .first()
            .map_or(self.cx.tree.span(node), |entry| entry.key_span);
        let &[verb] = verbs.as_slice() else {
            self.cx.add(step_verb::finding(span, &verbs, &all));
            return None;
        };
        for entry in entries {
            let owner = keys.key(&entry.key).and_then(|key| key.beside);
            if let Some(owner) = owner.filter(|owner| *owner != verb) {
                self.cx
                    .add(step_verb::stray(entry.key_span, &entry.key, verb, owner));
                return None;
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
                let cond = Typer::new(self.cx, at, &self.scope).condition();
                let Some(otherwise) = raw.otherwise.clone() else {
                    let span = self.cx.tree.key_span(at);
                    self.cx.add(crate::errors::missing_key::finding(
                        span,
                        "`verify`",
                        "otherwise",
                    ));
                    return None;
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

    /// The only entry of a map such as `{ REG: value }`.
    fn only_entry(&mut self, node: NodeId, what: &str) -> Option<(&'a str, Span, NodeId)> {
        match self.cx.tree.map(node) {
            Some([entry]) => Some((&entry.key, entry.key_span, entry.value)),
            _ => {
                let span = self.cx.tree.key_span(node);
                let text = self.cx.tree.text(node);
                self.cx
                    .add(wrong_type::finding(span, what, "a map with one key", text));
                None
            }
        }
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
            let place = Typer::new(self.cx, node, &self.scope).place(&path)?;
            if !place.register.access.can_read() {
                let span = self.cx.tree.span(node);
                self.cx.add(crate::errors::read_write_only::finding(
                    span,
                    &place.register.name,
                ));
                return None;
            }
            return Some(Binding::Register(place));
        }
        Typer::new(self.cx, node, &self.scope)
            .value()
            .map(Binding::Value)
    }

    /// Binds a name to the end of the list of steps.
    fn declare(&mut self, name: &str, span: Span, kind: LocalKind) {
        if !super::names::is_lower(name) {
            let style = "lower-case letters, digits and underscores";
            self.cx.add(crate::errors::bad_name::finding(
                span,
                "a bound name",
                name,
                style,
            ));
        }
        let other = if self.scope.local(name).is_some() {
            Some("a name bound earlier")
        } else if is_head(name) {
            Some("a value that the port passes in")
        } else if self
            .cx
            .constants
            .iter()
            .any(|constant| constant.name == name)
        {
            Some("a constant")
        } else if self.cx.options.iter().any(|option| option.name == name) {
            Some("an option")
        } else {
            None
        };
        if let Some(other) = other {
            self.cx.add(name_taken::finding(span, name, other));
        }
        self.scope.bind(name, kind);
    }

    /// The range that a counter of a `for` runs through.
    fn counter_range(first: Range, end: Range) -> Range {
        Range {
            min: first.min,
            max: end.max.saturating_sub(1).max(first.min),
        }
    }
}
