//! Steps that choose, repeat, run, guard and return.

use super::Lowering;
use crate::bounds::ELEMENTS;
use crate::diagnostic::NodeId;
use crate::errors::{
    arguments, empty_loop, expression_syntax, missing_return, out_of_range, unknown_name,
    wrong_type,
};
use crate::ir::{Action, Num, Passed, Range, Returns};
use crate::lower::expr::too_large;
use crate::lower::scope::LocalKind;
use crate::schema;
use crate::tree::Entry;

impl Lowering<'_, '_, '_> {
    /// `if: expr` with `then` and perhaps `else`
    pub(super) fn choose(&mut self, node: NodeId, at: NodeId) -> Option<Action> {
        let cond = self.typer(at).condition();
        let Some(then) = self.cx.tree.get(node, "then") else {
            return self.lacks(at, "`if`", "then");
        };
        let then = self.list(then, false);
        let otherwise = self.cx.tree.get(node, "else");
        let otherwise = otherwise.map_or_else(Vec::new, |steps| self.list(steps, false));
        Some(Action::If {
            cond: cond?,
            then,
            otherwise,
        })
    }

    /// `for: { name: "0..16" }` with `do`
    pub(super) fn repeat(&mut self, node: NodeId, at: NodeId) -> Option<Action> {
        let (name, span, bounds) = self.only_entry(at, "`for`")?;
        let text = self.cx.text(bounds, "bounds")?;
        let Some((first_text, end_text)) = text.split_once("..") else {
            let message = "bounds are written `0..16`, the upper one excluded";
            let span = self.cx.tree.span(bounds);
            return self.cx.fail(expression_syntax::finding(span, message));
        };
        let first = self.typer(bounds).number_in(first_text);
        let base = first_text.len() + 2;
        let end = self.typer(bounds).starting_at(base).number_in(end_text);
        let Some(body) = self.cx.tree.get(node, "do") else {
            return self.lacks(at, "`for`", "do");
        };
        let kind = match (&first, &end) {
            (Some(first), Some(end)) => LocalKind::Num(Range {
                min: first.range.min,
                max: end.range.max.saturating_sub(1).max(first.range.min),
            }),
            _ => LocalKind::Broken,
        };
        if let (Some(first), Some(end)) = (&first, &end) {
            self.rounds(bounds, first, end);
        }
        let bound = self.scope.locals.len();
        self.declare(name, span, kind);
        let body = self.list(body, false);
        self.scope.locals.truncate(bound);
        Some(Action::For {
            name: name.to_owned(),
            first: first?,
            end: end?,
            body,
        })
    }

    /// Reports a loop that never runs, or runs too often.
    fn rounds(&mut self, bounds: NodeId, first: &Num, end: &Num) {
        let span = self.cx.tree.span(bounds);
        let rounds = end.range.max.saturating_sub(first.range.min);
        if rounds == 0 && end.constant().is_some() {
            self.cx.add(empty_loop::finding(span));
        } else if rounds > ELEMENTS {
            let (has, most) = (format!("up to {rounds} rounds"), ELEMENTS.to_string());
            let finding = out_of_range::length(span, "the loop", &has, &most);
            self.cx.add(finding);
        }
    }

    /// `run: name` with perhaps `with` and `let`
    pub(super) fn run(&mut self, node: NodeId, at: NodeId) -> Option<Action> {
        let name = self.cx.text(at, "the name of a sequence")?;
        let bind = self.cx.tree.get(node, "let");
        let Some(head) = self.heads.get(name) else {
            let known: Vec<&str> = self.heads.keys().map(String::as_str).collect();
            let span = self.cx.tree.span(at);
            self.cx
                .add(unknown_name::finding(span, "sequence", name, &known));
            self.bind_returned(bind, None);
            return None;
        };
        if !head.whole {
            self.bind_returned(bind, None);
            return None;
        }
        let callee = std::sync::Arc::clone(&head.signature);
        let args = self.arguments(node, at, &callee);
        let span = self.cx.tree.span(at);
        if bind.is_some() && matches!(callee.returns, None | Some(Returns::Mac)) {
            self.cx.add(arguments::returns_nothing(span, name));
        }
        let bound = self.bind_returned(bind, callee.returns);
        Some(Action::Run {
            callee,
            args: args?,
            bind: bound,
        })
    }

    fn bind_returned(&mut self, bind: Option<NodeId>, returns: Option<Returns>) -> Option<String> {
        let bind = bind?;
        let name = self.cx.text(bind, "a name")?;
        let kind = match returns {
            Some(Returns::U8) => LocalKind::Num(Range::up_to(0xff)),
            Some(Returns::U16) => LocalKind::Num(Range::up_to(0xffff)),
            Some(Returns::U32) => LocalKind::Num(Range::FULL),
            Some(Returns::Mac) | None => LocalKind::Broken,
        };
        self.declare(name, self.cx.tree.span(bind), kind);
        Some(name.to_owned())
    }

    fn arguments(
        &mut self,
        node: NodeId,
        at: NodeId,
        callee: &crate::ir::Signature,
    ) -> Option<Vec<Passed>> {
        let with = self.cx.tree.get(node, "with");
        let entries = with.map_or(&[][..], |with| self.cx.entries(with, "`with`"));
        let known: Vec<&str> = callee.args.iter().map(|arg| arg.name.as_str()).collect();
        let mut complete = true;
        for Entry { key, key_span, .. } in entries {
            if !known.contains(&key.as_str()) {
                let finding = unknown_name::of(*key_span, &callee.name, "argument", key, &known);
                self.cx.add(finding);
                complete = false;
            }
        }
        let mut passed = Vec::new();
        for argument in &callee.args {
            let Some(entry) = entries.iter().find(|entry| entry.key == argument.name) else {
                let span = with.map_or(self.cx.tree.span(at), |with| self.cx.tree.key_span(with));
                self.cx
                    .add(arguments::missing(span, &callee.name, &argument.name));
                complete = false;
                continue;
            };
            let target = format!("argument `{}` of `{}`", argument.name, callee.name);
            let Some(value) = self.at_most(entry.value, argument.max, &target) else {
                complete = false;
                continue;
            };
            passed.push(Passed {
                name: argument.name.clone(),
                value,
            });
        }
        complete.then_some(passed)
    }

    /// `guard: { enter: [...], body: [...], leave: [...] }`
    pub(super) fn guard(&mut self, node: NodeId) -> Option<Action> {
        let _: schema::Guard = self.cx.read(node, "`guard`")?;
        let mut part = |key: &str| self.list(self.cx.tree.at(node, key), false);
        let (enter, body, leave) = (part("enter"), part("body"), part("leave"));
        Some(Action::Guard { enter, body, leave })
    }

    /// `return: expr`, or a list of six
    pub(super) fn give_back(&mut self, node: NodeId, last: bool) -> Option<Action> {
        let span = self.cx.tree.key_span(node);
        let name = &self.signature.name;
        if !last {
            return self.cx.fail(missing_return::not_last(span, name));
        }
        let Some(returns) = self.signature.returns else {
            if self.whole {
                self.cx.add(missing_return::not_declared(span, name));
            }
            return None;
        };
        let target = format!("what `{name}` returns");
        if returns == Returns::Mac {
            let items = self.cx.items(node, "`return`");
            if items.len() != 6 {
                if self.cx.tree.list(node).is_some() {
                    let (what, expected) = ("`return` of an address", "a list of six octets");
                    self.cx.add(wrong_type::finding(span, what, expected, None));
                }
                return None;
            }
            let octets = items.iter().map(|&item| self.at_most(item, 0xff, &target));
            let octets: Vec<Option<Num>> = octets.collect();
            let octets: Vec<Num> = octets.into_iter().collect::<Option<_>>()?;
            return Some(Action::ReturnMac(Box::new(octets.try_into().ok()?)));
        }
        let max = match returns {
            Returns::U8 => 0xff,
            Returns::U16 => 0xffff,
            Returns::U32 | Returns::Mac => u32::MAX,
        };
        self.at_most(node, max, &target).map(Action::Return)
    }

    /// A number that fits its target.
    fn at_most(&mut self, node: NodeId, max: u32, target: &str) -> Option<Num> {
        let num = self.typer(node).number()?;
        if num.range.max > max {
            let span = self.cx.tree.span(node);
            let finding = too_large(span, &num, target, max.into());
            return self.cx.fail(finding);
        }
        Some(num)
    }
}
