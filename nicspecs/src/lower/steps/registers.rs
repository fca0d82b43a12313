//! Steps that write registers.

use std::sync::Arc;

use super::Lowering;
use crate::diagnostic::{FindingDraft, NodeId, Span};
use crate::errors::{
    array_index, does_not_fit, expression_syntax, modify_needs_rw, read_write_only, step_verb,
    type_mismatch, write_read_only, wrong_type,
};
use crate::expr;
use crate::ir::{
    Action, Assign, Cond, Field, Num, NumKind, Place, Range, Register, Value, Written,
};
use crate::lower::expr::Typer;
use crate::lower::scope::LocalKind;
use crate::tree::Kind;

impl Lowering<'_, '_, '_> {
    /// `write: { REG: expr }` or `write: { REG: { FIELD: expr } }`
    pub(super) fn write(&mut self, node: NodeId) -> Option<Action> {
        let (key, span, value) = self.only_entry(node, "`write`")?;
        let place = self.place_of_key(key, span, value)?;
        if !place.register.access.can_write() {
            self.cx.add(takes_no_writes(span, &place.register));
            return None;
        }
        let value = match self.cx.tree.kind(value) {
            Kind::Map(_) => Written::Fields(self.assigns(&place.register, value)?),
            _ => {
                let num = Typer::new(self.cx, value, &self.scope).number()?;
                self.fits(&num, &place.register, value)?;
                Written::Number(num)
            }
        };
        Some(Action::Write { place, value })
    }

    /// `modify: { REG: { FIELD: expr } }`
    pub(super) fn modify(&mut self, node: NodeId) -> Option<Action> {
        let (key, span, value) = self.only_entry(node, "`modify`")?;
        let place = self.place_of_key(key, span, value)?;
        self.can_modify(&place.register, span)?;
        let fields = self.assigns(&place.register, value)?;
        Some(Action::Modify { place, fields })
    }

    /// `set: REG.FIELD`, `clear: [REG.A, REG.B]`
    pub(super) fn fill(&mut self, node: NodeId, ones: bool) -> Option<Action> {
        let items = match self.cx.tree.kind(node) {
            Kind::List(items) if !items.is_empty() => items.clone(),
            _ => vec![node],
        };
        let places: Vec<_> = items
            .iter()
            .map(|&item| Typer::new(self.cx, item, &self.scope).field_place())
            .collect();
        let places = places.into_iter().collect::<Option<Vec<_>>>()?;
        let first = places.first()?.place.clone();
        if let Some(index) = places.iter().position(|place| place.place != first) {
            let span = self.cx.tree.span(items[index]);
            self.cx
                .add(step_verb::another_register(span, &first.register.name));
            return None;
        }
        self.can_modify(&first.register, self.cx.tree.span(items[0]))?;
        let fields = places.into_iter().map(|place| Assign {
            value: filled(&place.field, ones),
            field: place.field,
        });
        Some(Action::Modify {
            fields: fields.collect(),
            place: first,
        })
    }

    /// `write_each: { REG: expr }`
    pub(super) fn write_each(&mut self, node: NodeId) -> Option<Action> {
        let (key, span, value) = self.only_entry(node, "`write_each`")?;
        let register = self.cx.registers.get(key, span, self.cx.findings)?;
        if !register.is_array {
            self.cx.add(array_index::not_an_array(span, key));
            return None;
        }
        if !register.access.can_write() {
            self.cx.add(takes_no_writes(span, &register));
            return None;
        }
        if self.cx.tree.map(value).is_some() {
            let span = self.cx.tree.span(value);
            let finding = wrong_type::finding(span, "`write_each`", "one value, no fields", None);
            let help = format!(
                "write fields element by element: `for: {{ n: \"0..{}\" }}`, and `write: {{ \"{key}[n]\": {{ ... }} }}` in its `do`",
                register.count()
            );
            self.cx.add(finding.help(help));
            return None;
        }
        let bound = self.scope.locals.len();
        self.declare(
            "i",
            span,
            LocalKind::Num(Range::up_to(register.count().saturating_sub(1))),
        );
        let num = Typer::new(self.cx, value, &self.scope).number();
        self.scope.locals.truncate(bound);
        let value_num = num?;
        self.fits(&value_num, &register, value)?;
        Some(Action::WriteEach {
            register,
            value: value_num,
        })
    }

    /// `flush: REG`
    pub(super) fn flush(&mut self, node: NodeId) -> Option<Action> {
        let mut typer = Typer::new(self.cx, node, &self.scope);
        let path = typer.parsed_path()?;
        let place = typer.place(&path)?;
        let span = self.cx.tree.span(node);
        if let Some(field) = path.rest.first() {
            self.cx.add(type_mismatch::no_fields(span, &field.text));
            return None;
        }
        if !place.register.access.can_read() {
            self.cx
                .add(read_write_only::finding(span, &place.register.name));
            return None;
        }
        Some(Action::Flush(place))
    }

    fn can_modify(&mut self, register: &Register, span: Span) -> Option<()> {
        if register.access.can_modify() {
            return Some(());
        }
        self.cx.add(match register.access.can_write() {
            true => modify_needs_rw::finding(span, &register.name, register.access.name()),
            false => takes_no_writes(span, register),
        });
        None
    }

    fn fits(&mut self, num: &Num, register: &Register, node: NodeId) -> Option<()> {
        if u64::from(num.range.max) <= register.max() {
            return Some(());
        }
        let target = format!("`{}`", register.name);
        self.cx.add(does_not_fit::finding(
            self.cx.tree.span(node),
            num.range.max.into(),
            &target,
            register.max(),
        ));
        None
    }

    /// The register that a key names. Keys have no node of their own, so errors point at the whole key.
    fn place_of_key(&mut self, key: &str, span: Span, value: NodeId) -> Option<Place> {
        let path = match expr::parse_path(key) {
            Ok(path) => path,
            Err(error) => {
                self.cx
                    .add(expression_syntax::finding(span, &error.message));
                return None;
            }
        };
        let place = Typer::new(self.cx, value, &self.scope)
            .at_key(span)
            .place(&path)?;
        if let Some(field) = path.rest.first() {
            self.cx.add(type_mismatch::field_as_key(
                span,
                &path.head.text,
                &field.text,
            ));
            return None;
        }
        Some(place)
    }

    fn assigns(&mut self, register: &Arc<Register>, node: NodeId) -> Option<Vec<Assign>> {
        let entries = match self.cx.tree.map(node) {
            Some(entries) if !entries.is_empty() => entries,
            _ => {
                let span = self.cx.tree.span(node);
                let what = format!("`{}`", register.name);
                self.cx.add(wrong_type::finding(
                    span,
                    &what,
                    "a map of fields",
                    self.cx.tree.text(node),
                ));
                return None;
            }
        };
        let mut assigns = Vec::new();
        let mut complete = true;
        for entry in entries {
            let field = self.cx.field(register, &entry.key, entry.key_span);
            let value = field.as_ref().and_then(|field| {
                Typer::new(self.cx, entry.value, &self.scope).value_for(register, field)
            });
            match (field, value) {
                (Some(field), Some(value)) => assigns.push(Assign { field, value }),
                _ => complete = false,
            }
        }
        complete.then_some(assigns)
    }
}

/// All ones or zero.
fn filled(field: &Field, ones: bool) -> Value {
    if field.is_bit() {
        return Value::Cond(Cond::Literal(ones));
    }
    let value = if ones {
        u32::try_from(field.max()).unwrap_or(u32::MAX)
    } else {
        0
    };
    Value::Num(Num {
        kind: NumKind::Literal { value, hex: ones },
        range: Range::exactly(value),
    })
}

fn takes_no_writes(span: Span, register: &Register) -> FindingDraft {
    let access = register.access.name();
    write_read_only::finding(span, &register.name, access, &register.section)
}
