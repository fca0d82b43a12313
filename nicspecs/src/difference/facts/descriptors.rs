//! Descriptor formats.

use std::sync::Arc;

use super::{Item, Subject};
use crate::ir::{Descriptor, DescriptorField};
use crate::printer::bits;

/// A format and its fields.
pub(super) fn items(format: &Arc<Descriptor>) -> Vec<Item> {
    let Descriptor {
        name,
        type_name: _,
        title,
        section,
        size,
        fields,
        reserved,
        // Follows from the rings that name it.
        used: _,
    } = &**format;
    let mut item = Item::new(Subject::Descriptor(name.clone()));
    item.fact("size", format!("{size} bytes"));
    item.each(
        "reserved bits",
        reserved.iter().map(|&(low, width)| bits(low, width)),
    );
    item.fact("title", title);
    item.fact("section", section);
    let fields = fields.iter().map(|field| self::field(name, field));
    std::iter::once(item).chain(fields).collect()
}

fn field(format: &str, field: &DescriptorField) -> Item {
    let DescriptorField {
        name,
        snake: _,
        doc,
        low,
        width,
        by,
    } = field;
    let mut item = Item::new(Subject::DescriptorField {
        format: format.to_owned(),
        field: name.clone(),
    });
    item.fact("bits", bits(*low, *width));
    item.fact("by", by.name());
    item.fact_if("doc", doc.as_ref());
    item
}
