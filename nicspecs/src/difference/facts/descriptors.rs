//! Descriptor formats.

use std::sync::Arc;

use super::item::Item;
use crate::difference::change::Subject;
use crate::ir::Descriptor;
use crate::printer::bits;

/// A format and its fields.
pub(super) fn items(format: &Arc<Descriptor>) -> Vec<Item> {
    let mut item = Item::new(Subject::Descriptor(format.name.clone()));
    item.fact("size", format!("{} bytes", format.size));
    item.each(
        "reserved bits",
        format.reserved.iter().map(|&(low, width)| bits(low, width)),
    );
    let fields = format.fields.iter().map(|field| {
        Item::new(Subject::DescriptorField {
            format: format.name.clone(),
            field: field.name.clone(),
        })
    });
    std::iter::once(item).chain(fields).collect()
}
