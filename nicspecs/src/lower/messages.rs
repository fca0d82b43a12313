//! `interrupts.messages`

use std::sync::Arc;

use super::cx::Cx;
use super::expr::{Typer, field_of_any_element};
use super::scope::Scope;
use crate::diagnostic::NodeId;
use crate::errors::wrong_type;
use crate::ir;
use crate::schema;

/// Bits of an entry at most: the message, and whether it holds.
const ENTRY: u32 = 8;

/// MSI-X as the spec describes it; registers that it does not name are those of the other modes.
pub(super) fn lower(
    cx: &mut Cx<'_, '_>,
    node: NodeId,
    cause: &Arc<ir::Register>,
    mask: &ir::Mask,
) -> Option<ir::Messages> {
    let raw: Option<schema::Messages> = cx.read(node, "`messages`");
    cx.limits.messages = raw.as_ref().map(|raw| raw.count);
    let when = cx.part(node, "when", field_of_any_element);
    let rx = cx.part(node, "rx", entry);
    let tx = cx.part(node, "tx", entry);
    let other = cx.part(node, "other", entry);
    let cause = match cx.tree.get(node, "cause") {
        Some(node) => cx.register(node)?,
        None => Arc::clone(cause),
    };
    let causes = cx.part(node, "causes", |cx, node| {
        let _: schema::MessageCauses = cx.read(node, "`causes`")?;
        let mut field = |key| {
            let at = cx.tree.get(node, key)?;
            cx.field(&cause, cx.tree.text(at)?, cx.tree.span(at))
        };
        let (rx, tx, other) = (field("rx"), field("tx"), field("other"));
        Some(ir::MessageCauses {
            rx: rx?,
            tx: tx?,
            other: other?,
        })
    });
    let mask_set = cx.part(node, "mask_set", Cx::register);
    let mask_clear = cx.part(node, "mask_clear", Cx::register);
    let auto_clear = cx.part(node, "auto_clear", auto_clear);
    let raw = raw?;
    if (raw.when.is_some() && when.is_none()) || (raw.causes.is_some() && causes.is_none()) {
        return None;
    }
    for (key, number, expected, fits) in [
        ("count", raw.count, "2 to 64", (2..=64).contains(&raw.count)),
        (
            "valid",
            raw.valid,
            "1 to 7",
            (1..ENTRY).contains(&raw.valid),
        ),
    ] {
        if !fits {
            let span = cx.tree.span_at(node, key);
            let text = number.to_string();
            cx.add(wrong_type::finding(
                span,
                &format!("`{key}`"),
                expected,
                Some(&text),
            ));
            return None;
        }
    }
    let (auto_clear, auto_field) = auto_clear?;
    Some(ir::Messages {
        section: raw.section.0,
        count: raw.count,
        when,
        rx: rx?,
        tx: tx?,
        other: other?,
        valid: raw.valid,
        cause,
        causes,
        mask_set: match raw.mask_set {
            Some(_) => mask_set?,
            None => Arc::clone(mask.set()),
        },
        mask_clear: match raw.mask_clear {
            Some(_) => mask_clear?,
            None => Arc::clone(mask.clear()),
        },
        auto_clear,
        auto_field,
        masks: raw.masks.unwrap_or(false),
    })
}

/// A register, or a field of one.
fn auto_clear(
    cx: &mut Cx<'_, '_>,
    node: NodeId,
) -> Option<(Arc<ir::Register>, Option<Arc<ir::Field>>)> {
    if !cx.tree.text(node)?.contains('.') {
        return Some((cx.register(node)?, None));
    }
    let at = field_of_any_element(cx, node)?;
    Some((at.place.register, Some(at.field)))
}

/// An entry of the map, as an expression of `queue`.
fn entry(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Num> {
    let scope = Scope::of_queue(cx.limits.tx.queues.max(cx.limits.rx.queues));
    Typer::new(cx, node, &scope).number()
}
