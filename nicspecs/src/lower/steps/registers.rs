//! Steps that write registers.

use std::sync::Arc;

use super::Lowering;
use crate::diagnostic::{FindingDraft, NodeId, Span};
use crate::errors::{
    array_index, modify_needs_rw, read_write_only, step_verb, type_mismatch, write_read_only,
    wrong_type,
};
use crate::expr;
use crate::ir::{
    Action, Assign, Cond, Field, Num, NumKind, Place, Range, Register, Value, Written,
};
use crate::lower::expr::{refused, too_large};
use crate::lower::scope::LocalKind;
use crate::tree::Kind;

impl Lowering<'_, '_, '_> {
    /// `write: { REG: expr }` or `write: { REG: { FIELD: expr } }`
    pub(super) fn write(&mut self, node: NodeId) -> Option<Action> {
        let (key, span, value) = self.only_entry(node, "`write`")?;
        let place = self.place_of_key(key, span, value)?;
        if !place.register.access.can_write() {
            return self.cx.fail(takes_no_writes(span, &place.register));
        }
        let value = match self.cx.tree.kind(value) {
            Kind::Map(_) => Written::Fields(self.assigns(&place.register, value)?),
            _ => {
                let num = self.typer(value).number()?;
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
        let places = items.iter().map(|&item| self.typer(item).field_place());
        let places: Vec<_> = places.collect();
        let places = places.into_iter().collect::<Option<Vec<_>>>()?;
        let first = places.first()?.place.clone();
        if let Some(index) = places.iter().position(|place| place.place != first) {
            let span = self.cx.tree.span(items[index]);
            let finding = step_verb::another_register(span, &first.register.name);
            return self.cx.fail(finding);
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
            return self.cx.fail(array_index::not_an_array(span, key));
        }
        if !register.access.can_write() {
            return self.cx.fail(takes_no_writes(span, &register));
        }
        if self.cx.tree.map(value).is_some() {
            let span = self.cx.tree.span(value);
            let finding = wrong_type::finding(span, "`write_each`", "one value, no fields", None);
            let help = format!(
                "write fields element by element: `for: {{ n: \"0..{}\" }}`, and `write: {{ \"{key}[n]\": {{ ... }} }}` in its `do`",
                register.count()
            );
            return self.cx.fail(finding.help(help));
        }
        let bound = self.scope.locals.len();
        let last = register.count().saturating_sub(1);
        self.declare("i", span, LocalKind::Num(Range::up_to(last)));
        let num = self.typer(value).number();
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
        let mut typer = self.typer(node);
        let path = typer.parsed_path()?;
        let place = typer.place(&path)?;
        let span = self.cx.tree.span(node);
        if let Some(field) = path.rest.first() {
            return self.cx.fail(type_mismatch::no_fields(span, &field.text));
        }
        if !place.register.access.can_read() {
            let finding = read_write_only::finding(span, &place.register.name);
            return self.cx.fail(finding);
        }
        Some(Action::Flush(place))
    }

    fn can_modify(&mut self, register: &Register, span: Span) -> Option<()> {
        if register.access.can_modify() {
            return Some(());
        }
        self.cx.fail(match register.access.can_write() {
            true => modify_needs_rw::finding(span, &register.name, register.access.name()),
            false => takes_no_writes(span, register),
        })
    }

    fn fits(&mut self, num: &Num, register: &Register, node: NodeId) -> Option<()> {
        let max = register.max();
        if u64::from(num.range.max) <= max {
            return Some(());
        }
        let (span, target) = (self.cx.tree.span(node), format!("`{}`", register.name));
        self.cx.fail(too_large(span, num, &target, max))
    }

    /// The register that a key names. Keys have no node of their own, so errors point at the whole key.
    fn place_of_key(&mut self, key: &str, span: Span, value: NodeId) -> Option<Place> {
        let path = match expr::parse_path(key) {
            Ok(path) => path,
            Err(error) => {
                return self.cx.fail(refused(span, &error.problem));
            }
        };
        let place = self.typer(value).at_key(span).place(&path)?;
        if let Some(field) = path.rest.first() {
            let finding = type_mismatch::field_as_key(span, &path.head.text, &field.text);
            return self.cx.fail(finding);
        }
        Some(place)
    }

    fn assigns(&mut self, register: &Arc<Register>, node: NodeId) -> Option<Vec<Assign>> {
        let entries = match self.cx.tree.map(node) {
            Some(entries) if !entries.is_empty() => entries,
            _ => {
                let what = format!("`{}`", register.name);
                return self.cx.wrong(node, &what, "a map of fields");
            }
        };
        let mut assigns = Vec::new();
        let mut complete = true;
        for entry in entries {
            let field = self.cx.field(register, &entry.key, entry.key_span);
            let value = field.as_ref();
            let value = value.and_then(|field| self.typer(entry.value).value_for(register, field));
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
    let value = match ones {
        true => u32::try_from(field.max()).unwrap_or(u32::MAX),
        false => 0,
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
