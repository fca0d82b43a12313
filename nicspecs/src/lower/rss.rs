//! `rss`

use super::cx::{Cx, Part, RssSize};
use super::expr::{self, field_of_any_element};
use crate::diagnostic::NodeId;
use crate::ir::{self, RssType};
use crate::schema;

/// Receive-side scaling, if the spec has it; the inner `None` is one that could not be read.
pub(super) fn lower(cx: &mut Cx<'_, '_>) -> Option<Option<ir::Rss>> {
    let node = cx.section("rss")?;
    Some(rss(cx, node))
}

fn rss(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Rss> {
    // Sequences may name its values even if something in it is wrong.
    cx.limits.rss = Part::Unknown;
    let raw: Option<schema::Rss> = cx.read(node, "`rss`");
    let key = cx.part(node, "key", Cx::register);
    let table = cx.part(node, "table", table);
    let enabled_when = cx.part(node, "enabled_when", expr::condition);
    let types = cx.part(node, "types", |cx, node| {
        let _: schema::RssTypes = cx.read(node, "`types`")?;
        let field = |kind: RssType| {
            let field = cx.part(node, kind.name(), field_of_any_element)?;
            Some((kind, field))
        };
        Some(RssType::ALL.into_iter().filter_map(field).collect())
    });
    let (raw, table) = (raw?, table?);
    cx.limits.rss = Part::Known(RssSize {
        queues: raw.queues,
        entries: table.entries,
    });
    Some(ir::Rss {
        section: raw.section.0,
        queues: raw.queues,
        key: key?,
        table,
        enabled_when: enabled_when?,
        types: types?,
    })
}

fn table(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::RssTable> {
    let raw: Option<schema::RssTable> = cx.read(node, "`table`");
    let register = cx.part(node, "register", Cx::register);
    let raw = raw?;
    Some(ir::RssTable {
        register: register?,
        entries: raw.entries,
        bits: raw.bits,
        queue_at: raw.queue_at.unwrap_or(0),
    })
}
