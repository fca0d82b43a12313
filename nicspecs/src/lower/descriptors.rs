//! `descriptors`

use std::sync::Arc;

use super::cx::{Cx, broken_field};
use super::layout;
use super::names;
use super::usage::Usage;
use crate::ir;
use crate::schema;
use crate::tree::Entry;

pub(super) fn lower(cx: &mut Cx<'_, '_>, usage: &Usage) {
    for entry in cx.chapter("descriptors") {
        cx.spelled(entry.key_span, "a descriptor", &entry.key, names::LOWER);
        let descriptor = descriptor(cx, entry, usage);
        cx.descriptors.add(&entry.key, entry.value, descriptor);
    }
}

fn descriptor(cx: &mut Cx<'_, '_>, entry: &Entry, usage: &Usage) -> Option<ir::Descriptor> {
    let (name, node) = (&entry.key, entry.value);
    let raw: schema::Descriptor = cx.read(node, &format!("descriptor `{name}`"))?;
    if !raw.size.is_multiple_of(8) {
        let size = cx.tree.at(node, "size");
        return cx.wrong(size, "`size`", "a multiple of 8 bytes");
    }
    let mut fields: Vec<Arc<ir::DescriptorField>> = Vec::new();
    for entry in cx.entries(cx.tree.at(node, "fields"), "`fields`") {
        cx.spelled(entry.key_span, "a field", &entry.key, names::MNEMONIC);
        let what = format!("field `{name}.{}`", entry.key);
        let Some(field) = cx.read::<schema::DescriptorField>(entry.value, &what) else {
            cx.broken.insert(broken_field(name, &entry.key));
            continue;
        };
        fields.push(Arc::new(ir::DescriptorField {
            name: entry.key.clone(),
            snake: names::snake(&entry.key),
            doc: field.doc,
            low: field.bits.low,
            width: field.bits.width,
            by: field.by,
        }));
    }
    let reserved = layout::reserved(cx.tree, name, node, raw.size, &fields, cx.findings)?;
    fields.sort_by_key(|field| field.low);
    Some(ir::Descriptor {
        name: name.clone(),
        type_name: names::camel(name),
        title: raw.title,
        section: raw.section.0,
        size: raw.size,
        fields,
        reserved,
        used: usage.driver.contains(name),
    })
}
