//! Steps that choose, repeat, run, guard and return.

use super::Lowering;
use crate::diagnostic::NodeId;
use crate::errors::{
    arguments, does_not_fit, expression_syntax, missing_key, missing_return, unknown_name,
    wrong_type,
};
use crate::ir::{Action, Num, Passed, Range, Returns};
use crate::lower::expr::Typer;
use crate::lower::scope::LocalKind;
use crate::schema;

impl Lowering<'_, '_, '_> {
    /// `if: expr` with `then` and perhaps `else`
    pub(super) fn choose(&mut self, node: NodeId, at: NodeId) -> Option<Action> {
        let cond = Typer::new(self.cx, at, &self.scope).condition();
        let Some(then) = self.cx.tree.get(node, "then") else {
            self.cx.add(missing_key::finding(
                self.cx.tree.key_span(at),
                "`if`",
                "then",
            ));
            return None;
        };
        let then = self.list(then, false);
        let otherwise = match self.cx.tree.get(node, "else") {
            Some(otherwise) => self.list(otherwise, false),
            None => Vec::new(),
        };
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
            let span = self.cx.tree.span(bounds);
            self.cx.add(expression_syntax::finding(
                span,
                "bounds are written `0..16`, the upper one excluded",
            ));
            return None;
        };
        let first = Typer::new(self.cx, bounds, &self.scope).number_in(first_text);
        let base = first_text.len() + 2;
        let end = Typer::new(self.cx, bounds, &self.scope)
            .starting_at(base)
            .number_in(end_text);
        let Some(body) = self.cx.tree.get(node, "do") else {
            self.cx.add(missing_key::finding(
                self.cx.tree.key_span(at),
                "`for`",
                "do",
            ));
            return None;
        };
        let kind = match (&first, &end) {
            (Some(first), Some(end)) => LocalKind::Num(Self::counter_range(first.range, end.range)),
            _ => LocalKind::Broken,
        };
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

    /// `run: name` with perhaps `with` and `let`
    pub(super) fn run(&mut self, node: NodeId, at: NodeId) -> Option<Action> {
        let name = self.cx.text(at, "the name of a sequence")?;
        let bind = self.cx.tree.get(node, "let");
        let Some(head) = self.heads.get(name) else {
            let known: Vec<&str> = self.heads.keys().map(String::as_str).collect();
            self.cx.add(unknown_name::finding(
                self.cx.tree.span(at),
                "sequence",
                name,
                &known,
            ));
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
        let entries = match with {
            Some(with) => self.cx.entries(with, "`with`"),
            None => &[],
        };
        let mut complete = true;
        for entry in entries
            .iter()
            .filter(|entry| callee.args.iter().all(|arg| arg.name != entry.key))
        {
            let known: Vec<&str> = callee.args.iter().map(|arg| arg.name.as_str()).collect();
            let finding =
                unknown_name::of(entry.key_span, &callee.name, "argument", &entry.key, &known);
            self.cx.add(finding);
            complete = false;
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
            let Some(value) = Typer::new(self.cx, entry.value, &self.scope).number() else {
                complete = false;
                continue;
            };
            if value.range.max > argument.max {
                let target = format!("argument `{}` of `{}`", argument.name, callee.name);
                let span = self.cx.tree.span(entry.value);
                self.cx.add(does_not_fit::finding(
                    span,
                    value.range.max.into(),
                    &target,
                    argument.max.into(),
                ));
                complete = false;
            }
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
        if !last {
            self.cx
                .add(missing_return::not_last(span, &self.signature.name));
            return None;
        }
        let Some(returns) = self.signature.returns else {
            if !self.whole {
                return None;
            }
            self.cx
                .add(missing_return::not_declared(span, &self.signature.name));
            return None;
        };
        if returns == Returns::Mac {
            let items = self.cx.items(node, "`return`");
            if items.len() != 6 {
                if self.cx.tree.list(node).is_some() {
                    self.cx.add(wrong_type::finding(
                        span,
                        "`return` of an address",
                        "a list of six octets",
                        None,
                    ));
                }
                return None;
            }
            let octets: Vec<Option<Num>> = items
                .iter()
                .map(|&item| self.returned(item, 0xff))
                .collect();
            let octets: Vec<Num> = octets.into_iter().collect::<Option<_>>()?;
            return Some(Action::ReturnMac(Box::new(octets.try_into().ok()?)));
        }
        let max = match returns {
            Returns::U8 => 0xff,
            Returns::U16 => 0xffff,
            Returns::U32 | Returns::Mac => u32::MAX,
        };
        self.returned(node, max).map(Action::Return)
    }

    fn returned(&mut self, node: NodeId, max: u32) -> Option<Num> {
        let num = Typer::new(self.cx, node, &self.scope).number()?;
        if num.range.max > max {
            let target = format!("what `{}` returns", self.signature.name);
            let span = self.cx.tree.span(node);
            self.cx.add(does_not_fit::finding(
                span,
                num.range.max.into(),
                &target,
                max.into(),
            ));
            return None;
        }
        Some(num)
    }
}
