//! `registers`

use std::sync::Arc;

use super::cx::{Cx, broken_field};
use super::names;
use super::usage::Usage;
use crate::bounds::ALL_ELEMENTS;
use crate::diagnostic::NodeId;
use crate::errors::{array_shape, field_outside_register, missing_key, out_of_range, unknown_name};
use crate::identifiers;
use crate::ir;
use crate::schema;
use crate::tree::Entry;

pub(super) fn lower(cx: &mut Cx<'_, '_>, usage: &Usage) {
    for entry in cx.chapter("registers") {
        let (name, span) = (&entry.key, entry.key_span);
        cx.spelled(span, "a register", name, names::MNEMONIC);
        let used = ir::Used {
            driver: usage.driver.contains(name),
            model: usage.model.contains(name),
        };
        let register = register(cx, entry, used);
        cx.registers.add(name, entry.value, register);
    }
}

fn register(cx: &mut Cx<'_, '_>, entry: &Entry, used: ir::Used) -> Option<ir::Register> {
    let (name, node) = (&entry.key, entry.value);
    let raw: Option<schema::Register> = cx.read(node, &format!("register `{name}`"));
    let fields = fields(cx, name, node);
    let variants = cx.only_on(node);
    let raw = raw?;
    let width = raw.width.unwrap_or(32);
    if !matches!(width, 8 | 16 | 32 | 64) {
        return cx.wrong(cx.tree.at(node, "width"), "`width`", "8, 16, 32 or 64");
    }
    let space = space(cx, &raw, node)?;
    let is_array = raw.pieces.is_some() || raw.count.is_some() || raw.stride.is_some();
    let pieces = pieces(cx, name, node, &raw, width)?;
    let elements = pieces.iter().map(|piece| piece.count).sum();
    cx.elements = cx.elements.saturating_add(elements);
    if cx.elements > ALL_ELEMENTS {
        let (what, has) = (
            format!("with `{name}`, the spec"),
            format!("{} elements of registers", cx.elements),
        );
        let span = cx.tree.key_span(node);
        return cx.fail(out_of_range::length(
            span,
            &what,
            &has,
            &ALL_ELEMENTS.to_string(),
        ));
    }
    Some(ir::Register {
        name: name.clone(),
        snake: names::snake(name),
        type_name: names::camel(name),
        title: raw.title,
        section: raw.section.0,
        doc: raw.doc,
        space,
        width,
        access: raw.access,
        reset: raw.reset.unwrap_or(0),
        must_write: raw.must_write.unwrap_or(false),
        is_array,
        pieces,
        fields,
        variants,
        used,
    })
}

fn space(cx: &mut Cx<'_, '_>, raw: &schema::Register, node: NodeId) -> Option<Arc<ir::Space>> {
    let Some(schema::Name(name)) = &raw.space else {
        return cx.spaces.first().cloned();
    };
    let found = cx.spaces.iter().find(|space| space.name == *name).cloned();
    if found.is_none() && !cx.broken.contains(name) {
        let known: Vec<&str> = cx.spaces.iter().map(|space| space.name.as_str()).collect();
        let span = cx.tree.span_at(node, "space");
        cx.findings
            .add(unknown_name::finding(span, "space", name, &known));
    }
    found
}

fn pieces(
    cx: &mut Cx<'_, '_>,
    name: &str,
    node: NodeId,
    raw: &schema::Register,
    width: u32,
) -> Option<Vec<ir::Piece>> {
    let span = cx.tree.key_span(node);
    let Some(list) = cx.tree.get(node, "pieces") else {
        let Some(offset) = raw.offset else {
            let what = format!("register `{name}`");
            return cx.fail(missing_key::finding(span, &what, "offset"));
        };
        let (stride, count) = match (raw.stride, raw.count) {
            (None, None) => (u64::from(width / 8), 1),
            (Some(stride), Some(count)) => (stride, count),
            _ => {
                let (problem, help) = ("has only one of `stride` and `count`", "an array has both");
                return cx.fail(array_shape::finding(span, name, problem, help));
            }
        };
        return Some(vec![ir::Piece {
            first: 0,
            count,
            offset,
            stride,
        }]);
    };
    let span = cx.tree.key_span(list);
    if raw.offset.is_some() || raw.stride.is_some() || raw.count.is_some() {
        let problem = "has both `pieces` and an offset";
        let help = "give either `pieces` or `offset`, `stride` and `count`";
        cx.add(array_shape::finding(span, name, problem, help));
    }
    let items = cx.items(list, "`pieces`");
    let mut pieces = Vec::new();
    for &item in items {
        let piece: schema::Piece = cx.read(item, &format!("a piece of `{name}`"))?;
        pieces.push(ir::Piece {
            first: piece.first,
            count: piece.count,
            offset: piece.offset,
            stride: piece.stride,
        });
    }
    if pieces.is_empty() {
        let (problem, help) = ("has no pieces", "list at least one piece");
        return cx.fail(array_shape::finding(span, name, problem, help));
    }
    Some(pieces)
}

fn fields(cx: &mut Cx<'_, '_>, register: &str, node: NodeId) -> Vec<Arc<ir::Field>> {
    let Some(node) = cx.tree.get(node, "fields") else {
        return Vec::new();
    };
    let mut fields = Vec::new();
    for entry in cx.entries(node, "`fields`") {
        let name = &entry.key;
        cx.spelled(entry.key_span, "a field", name, names::MNEMONIC);
        match field(cx, register, entry) {
            Some(field) => fields.push(Arc::new(field)),
            None => {
                cx.broken.insert(broken_field(register, name));
            }
        }
    }
    fields
}

fn field(cx: &mut Cx<'_, '_>, register: &str, entry: &Entry) -> Option<ir::Field> {
    let (name, node) = (&entry.key, entry.value);
    let raw: schema::Field = cx.read(node, &format!("field `{register}.{name}`"))?;
    let high = raw.bits.high();
    if high > 63 {
        let span = cx.tree.span_at(node, "bits");
        return cx.fail(field_outside_register::finding(
            span, register, name, high, 64,
        ));
    }
    Some(ir::Field {
        name: name.clone(),
        snake: names::snake(name),
        doc: raw.doc,
        low: raw.bits.low,
        width: raw.bits.width,
        values: values(cx, name, node),
    })
}

fn values(cx: &mut Cx<'_, '_>, field: &str, node: NodeId) -> Vec<Arc<ir::EnumValue>> {
    let Some(node) = cx.tree.get(node, "values") else {
        return Vec::new();
    };
    let mut values = Vec::new();
    for entry in cx.entries(node, "`values`") {
        let name = &entry.key;
        cx.spelled(entry.key_span, "a value", name, names::LOWER);
        let Some(value) = schema::element(cx.tree, entry.value, name, cx.findings) else {
            continue;
        };
        values.push(Arc::new(ir::EnumValue {
            name: name.clone(),
            const_name: identifiers::value(field, name),
            value,
        }));
    }
    values
}
