//! `interrupts.messages`

use std::sync::Arc;

use super::cx::Cx;
use super::expr::{self, Typer, field_of_any_element};
use super::scope::Scope;
use crate::diagnostic::NodeId;
use crate::ir;
use crate::schema;

/// MSI-X as the spec describes it; registers that it does not name are those of the other modes.
pub(super) fn lower(
    cx: &mut Cx<'_, '_>,
    node: NodeId,
    whole: &Arc<ir::Register>,
    mask: &ir::Mask,
) -> Option<ir::Messages> {
    let raw: Option<schema::Messages> = cx.read(node, "`messages`");
    cx.limits.messages = raw.as_ref().map(|raw| raw.count);
    let when = cx.maybe(node, "when", field_of_any_element);
    let of_queues = |queues| move |cx: &mut _, node| entry(cx, node, &Scope::of_queue(queues));
    let rx = cx.part(node, "rx", of_queues(cx.limits.rx.queues));
    let tx = cx.part(node, "tx", of_queues(cx.limits.tx.queues));
    let other = cx.part(node, "other", |cx, node| entry(cx, node, &Scope::facts()));
    let cause = cx.maybe(node, "cause", Cx::register)?;
    let cause = cause.unwrap_or_else(|| Arc::clone(whole));
    let causes = cx.maybe(node, "causes", |cx, node| {
        let _: schema::MessageCauses = cx.read(node, "`causes`")?;
        let mut field = |key| cx.part(node, key, |cx, at| cx.field_named(&cause, at));
        let (rx, tx, other) = (field("rx"), field("tx"), field("other"));
        Some(ir::MessageCauses {
            rx: rx?,
            tx: tx?,
            other: other?,
        })
    });
    let mask_set = cx.maybe(node, "mask_set", Cx::register);
    let mask_clear = cx.maybe(node, "mask_clear", Cx::register);
    let auto_clear = cx.part(node, "auto_clear", auto_clear);
    let raw = raw?;
    let (when, causes) = (when?, causes?);
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
        mask_set: mask_set?.unwrap_or_else(|| Arc::clone(mask.set())),
        mask_clear: mask_clear?.unwrap_or_else(|| Arc::clone(mask.clear())),
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
    cx.tree.text(node)?;
    Some(match expr::order_event(cx, node)? {
        ir::OrderEvent::Written(register) => (register, None),
        ir::OrderEvent::Set(at) => (at.place.register, Some(at.field)),
    })
}

/// An entry of the map.
fn entry(cx: &mut Cx<'_, '_>, node: NodeId, scope: &Scope) -> Option<ir::Num> {
    Typer::new(cx, node, scope).number()
}
