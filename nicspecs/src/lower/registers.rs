//! `registers`

use std::sync::Arc;

use super::cx::{Cx, broken_field};
use super::names;
use super::usage::Usage;
use crate::diagnostic::NodeId;
use crate::errors::{array_shape, bad_name, name_taken, unknown_name, wrong_type};
use crate::ir;
use crate::schema;
use crate::tree::Entry;

pub(super) fn lower(cx: &mut Cx<'_, '_>, usage: &Usage) {
    let Some(node) = cx.section("registers") else {
        return;
    };
    for entry in cx.entries(node, "`registers`") {
        if !names::is_mnemonic(&entry.key) {
            let finding = bad_name::finding(
                entry.key_span,
                "a register",
                &entry.key,
                "capitals, digits and underscores",
            );
            cx.add(finding);
        }
        let used = ir::Used {
            driver: usage.driver.contains(&entry.key),
            model: usage.model.contains(&entry.key),
        };
        let register = register(cx, entry, used);
        if let Some(other) = register
            .as_ref()
            .and_then(|register| same_type_name(cx, register))
        {
            cx.add(name_taken::finding(
                entry.key_span,
                &entry.key,
                &format!("`{other}` in generated code"),
            ));
        }
        cx.registers.add(&entry.key, entry.value, register);
    }
}

/// A register whose name differs only in its underscores.
fn same_type_name(cx: &Cx<'_, '_>, register: &ir::Register) -> Option<String> {
    let same = |name: &&str| {
        cx.registers
            .find(name)
            .is_some_and(|other| other.type_name == register.type_name)
    };
    cx.registers.names().find(same).map(str::to_owned)
}

fn register(cx: &mut Cx<'_, '_>, entry: &Entry, used: ir::Used) -> Option<ir::Register> {
    let (name, node) = (&entry.key, entry.value);
    let raw: Option<schema::Register> = cx.read(node, &format!("register `{name}`"));
    let fields = fields(cx, name, node);
    let variants = cx
        .variants_named(node, "only_on")
        .unwrap_or_else(|| ir::Variants::all(cx.variants.len()));
    let raw = raw?;
    let width = raw.width.unwrap_or(32);
    if !matches!(width, 8 | 16 | 32 | 64) {
        let span = cx.tree.span_at(node, "width");
        cx.add(wrong_type::finding(
            span,
            "`width`",
            "8, 16, 32 or 64",
            cx.tree.text(cx.tree.at(node, "width")),
        ));
        return None;
    }
    let space = space(cx, &raw, node)?;
    let is_array = raw.pieces.is_some() || raw.count.is_some() || raw.stride.is_some();
    let pieces = pieces(cx, name, node, &raw, width)?;
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
        cx.findings.add(unknown_name::finding(
            cx.tree.span_at(node, "space"),
            "space",
            name,
            &known,
        ));
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
        let single = (raw.stride, raw.count);
        let piece = match (raw.offset, single) {
            (Some(offset), (None, None)) => ir::Piece {
                first: 0,
                count: 1,
                offset,
                stride: u64::from(width / 8),
            },
            (Some(offset), (Some(stride), Some(count))) => ir::Piece {
                first: 0,
                count,
                offset,
                stride,
            },
            (Some(_), _) => {
                cx.add(array_shape::finding(
                    span,
                    name,
                    "has only one of `stride` and `count`",
                    "an array has both",
                ));
                return None;
            }
            (None, _) => {
                cx.add(crate::errors::missing_key::finding(
                    span,
                    &format!("register `{name}`"),
                    "offset",
                ));
                return None;
            }
        };
        return Some(vec![piece]);
    };
    if raw.offset.is_some() || raw.stride.is_some() || raw.count.is_some() {
        let span = cx.tree.key_span(list);
        let help = "give either `pieces` or `offset`, `stride` and `count`";
        cx.add(array_shape::finding(
            span,
            name,
            "has both `pieces` and an offset",
            help,
        ));
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
        cx.add(array_shape::finding(
            cx.tree.key_span(list),
            name,
            "has no pieces",
            "list at least one piece",
        ));
        return None;
    }
    Some(pieces)
}

fn fields(cx: &mut Cx<'_, '_>, register: &str, node: NodeId) -> Vec<Arc<ir::Field>> {
    let Some(node) = cx.tree.get(node, "fields") else {
        return Vec::new();
    };
    let mut fields = Vec::new();
    for entry in cx.entries(node, "`fields`") {
        if !names::is_mnemonic(&entry.key) {
            cx.add(bad_name::finding(
                entry.key_span,
                "a field",
                &entry.key,
                "capitals, digits and underscores",
            ));
        }
        let raw =
            cx.read::<schema::Field>(entry.value, &format!("field `{register}.{}`", entry.key));
        let Some(raw) = raw else {
            cx.broken.insert(broken_field(register, &entry.key));
            continue;
        };
        if raw.bits.high() > 63 {
            cx.add(crate::errors::field_outside_register::finding(
                cx.tree.span_at(entry.value, "bits"),
                register,
                &entry.key,
                raw.bits.high(),
                64,
            ));
            cx.broken.insert(broken_field(register, &entry.key));
            continue;
        }
        fields.push(Arc::new(ir::Field {
            name: entry.key.clone(),
            snake: names::snake(&entry.key),
            doc: raw.doc,
            low: raw.bits.low,
            width: raw.bits.width,
            values: values(cx, &entry.key, entry.value),
        }));
    }
    fields
}

fn values(cx: &mut Cx<'_, '_>, field: &str, node: NodeId) -> Vec<Arc<ir::EnumValue>> {
    let Some(node) = cx.tree.get(node, "values") else {
        return Vec::new();
    };
    let mut values = Vec::new();
    for entry in cx.entries(node, "`values`") {
        if !names::is_lower(&entry.key) {
            let style = "lower-case letters, digits and underscores";
            cx.add(bad_name::finding(
                entry.key_span,
                "a value",
                &entry.key,
                style,
            ));
        }
        let text = cx.tree.text(entry.value);
        let number = text.and_then(|text| match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        });
        let Some(value) = number else {
            let span = cx.tree.span(entry.value);
            cx.add(wrong_type::finding(
                span,
                &format!("value `{}`", entry.key),
                "a number",
                text,
            ));
            continue;
        };
        let const_name = format!("{field}_{}", entry.key.to_uppercase());
        values.push(Arc::new(ir::EnumValue {
            name: entry.key.clone(),
            const_name,
            value,
        }));
    }
    values
}
