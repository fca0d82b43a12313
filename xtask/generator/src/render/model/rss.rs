//! The table of receive-side scaling.

use nicspecs::ir::Rss;

use crate::render::device;
use crate::render::tables::{Record, field_name, list, name};

/// The registers of the hash, its key and its table.
pub fn rss(rss: &Rss) -> Record {
    let types = rss.types.iter();
    let types = types.map(|(kind, field)| format!("(HashType::{kind:?}, {})", field_name(field)));
    Record::new("RssModel")
        .with("key", name(&rss.key))
        .with("table", name(&rss.table.register))
        .with("bits", rss.table.bits)
        .with("queue_at", rss.table.queue_at)
        .with("enabled_when", device::condition(&rss.enabled_when))
        .with("types", list(types))
}
