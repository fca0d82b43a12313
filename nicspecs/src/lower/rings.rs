//! `tx` and `rx`

use std::sync::Arc;

use super::cx::{Cx, RingSize};
use super::expr::Typer;
use super::facts::field_of_any_element;
use super::scope::Scope;
use crate::check::does_not_fit;
use crate::ir;
use crate::raw;
use crate::tree::NodeId;

pub(super) fn tx(cx: &mut Cx<'_, '_>) -> Option<ir::Tx> {
    let node = cx.section("tx")?;
    let raw: raw::Tx = cx.read(node, "`tx`")?;
    let ring = ring(cx, cx.tree.at(node, "ring"));
    let frame: Option<raw::Frame> = cx.read(cx.tree.at(node, "frame"), "`frame`");
    let registers = registers(cx, cx.tree.at(node, "registers"));
    let doorbell = doorbell(cx, cx.tree.at(node, "doorbell"));
    let completion = completion(cx, cx.tree.at(node, "completion"));
    let encode = cx.tree.at(node, "encode");
    let report: Option<raw::Encode> = cx.read(encode, "`encode`");
    let pattern = report.and_then(|_| pattern(cx, encode));
    let report = pattern.as_ref().map(|pattern| {
        let list = cx.tree.get(encode, "report");
        list.map(|list| descriptor_fields(cx, &pattern.format.clone(), list))
            .unwrap_or_default()
    });
    let (ring, frame) = (ring?, frame?);
    let pattern = pattern?;
    cx.limits.tx = size(raw.queues, ring, pattern.format.size);
    Some(ir::Tx {
        section: raw.section.0,
        queues: raw.queues,
        ring,
        frame: ir::FrameLimits {
            min: frame.min,
            max: frame.max,
            pads_to: frame.pads_to,
        },
        registers: registers?,
        doorbell: doorbell?,
        completion: completion?,
        encode: pattern,
        report: report?,
    })
}

pub(super) fn rx(cx: &mut Cx<'_, '_>) -> Option<ir::Rx> {
    let node = cx.section("rx")?;
    let raw: raw::Rx = cx.read(node, "`rx`")?;
    let ring = ring(cx, cx.tree.at(node, "ring"));
    let buffer: Option<raw::Buffer> = cx.read(cx.tree.at(node, "buffer"), "`buffer`");
    let registers = registers(cx, cx.tree.at(node, "registers"));
    let doorbell = doorbell(cx, cx.tree.at(node, "doorbell"));
    let completion = completion(cx, cx.tree.at(node, "completion"));
    let arm = cx.tree.at(node, "arm");
    let pattern = cx
        .read::<raw::Arm>(arm, "`arm`")
        .and_then(|_| pattern(cx, arm));
    let good_node = cx.tree.at(node, "good");
    let good: Option<raw::Good> = cx.read(good_node, "`good`");
    let (mut length, mut good_fields) = (None, None);
    if let Some(completion) = &completion {
        let at = cx.tree.at(node, "length");
        length = cx.descriptor_field(&completion.format, &raw.length.0, cx.tree.span(at));
        good_fields = good.map(|_| ir::Good {
            set: descriptor_fields(cx, &completion.format, cx.tree.at(good_node, "set")),
            clear: descriptor_fields(cx, &completion.format, cx.tree.at(good_node, "clear")),
        });
    }
    let crc_node = cx.tree.at(node, "crc");
    let crc = cx.read::<raw::Crc>(crc_node, "`crc`").map(|_| {
        let items = cx
            .tree
            .list(cx.tree.at(crc_node, "stripped_when"))
            .unwrap_or_default();
        let stripped_when = items
            .iter()
            .filter_map(|&item| field_of_any_element(cx, item))
            .collect();
        ir::Crc {
            stripped_when,
            stripped: false,
        }
    });
    let (ring, pattern) = (ring?, pattern?);
    cx.limits.rx = size(raw.queues, ring, pattern.format.size);
    Some(ir::Rx {
        section: raw.section.0,
        queues: raw.queues,
        ring,
        buffer: ir::Buffer { size: buffer?.size },
        registers: registers?,
        doorbell: doorbell?,
        completion: completion?,
        arm: pattern,
        length: length?,
        good: good_fields?,
        crc: crc?,
    })
}

fn size(queues: u32, ring: ir::RingLimits, descriptor: u32) -> RingSize {
    RingSize {
        queues,
        min_slots: ring.min,
        max_slots: ring.max,
        descriptor,
    }
}

fn ring(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::RingLimits> {
    let raw: raw::Ring = cx.read(node, "`ring`")?;
    Some(ir::RingLimits {
        min: raw.min,
        max: raw.max,
        multiple: raw.multiple,
        align: raw.align,
        address_bits: raw.address_bits,
    })
}

fn registers(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::RingRegisters> {
    let _: raw::RingRegisters = cx.read(node, "`registers`")?;
    let mut get = |key: &str| cx.register(cx.tree.at(node, key));
    let (base_low, base_high, bytes) = (get("base_low"), get("base_high"), get("bytes"));
    let (head, tail) = (get("head"), get("tail"));
    Some(ir::RingRegisters {
        base_low: base_low?,
        base_high: base_high?,
        bytes: bytes?,
        head: head?,
        tail: tail?,
    })
}

fn doorbell(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Doorbell> {
    let raw: raw::Doorbell = cx.read(node, "`doorbell`")?;
    let register = cx.register(cx.tree.at(node, "register"))?;
    let kind = match raw.kind {
        raw::DoorbellKind::Index => ir::DoorbellKind::Index,
    };
    Some(ir::Doorbell { register, kind })
}

fn completion(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Completion> {
    let raw: raw::Completion = cx.read(node, "`completion`")?;
    let format = cx.descriptor(cx.tree.at(node, "format"))?;
    let span = cx.tree.span_at(node, "field");
    let field = cx.descriptor_field(&format, &raw.field.0, span)?;
    let scheme = match raw.scheme {
        raw::Scheme::DoneBit => ir::Scheme::DoneBit,
    };
    Some(ir::Completion {
        scheme,
        format,
        field,
    })
}

fn descriptor_fields(
    cx: &mut Cx<'_, '_>,
    format: &ir::Descriptor,
    list: NodeId,
) -> Vec<Arc<ir::DescriptorField>> {
    let items = cx.tree.list(list).unwrap_or_default();
    let field = |&item: &NodeId| {
        let name = cx.text(item, "a field")?;
        cx.descriptor_field(format, name, cx.tree.span(item))
    };
    items.iter().filter_map(field).collect()
}

fn pattern(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Pattern> {
    let format = cx.descriptor(cx.tree.at(node, "format"))?;
    let mut set = Vec::new();
    for entry in cx.entries(cx.tree.at(node, "set"), "`set`") {
        let Some(field) = cx.descriptor_field(&format, &entry.key, entry.key_span) else {
            continue;
        };
        let Some(value) = setting(cx, &field, entry.value) else {
            continue;
        };
        set.push(ir::Setting { field, value });
    }
    Some(ir::Pattern { format, set })
}

fn setting(
    cx: &mut Cx<'_, '_>,
    field: &ir::DescriptorField,
    node: NodeId,
) -> Option<ir::SettingValue> {
    match cx.text(node, "a value")? {
        "slot.address" => Some(ir::SettingValue::Address),
        "slot.length" => Some(ir::SettingValue::Length),
        _ => {
            let value = Typer::new(cx, node, &Scope::facts()).number()?;
            let span = cx.tree.span(node);
            let Some(number) = value.constant() else {
                cx.add(crate::check::type_mismatch::not_constant(span));
                return None;
            };
            if u64::from(number) > field.max() {
                cx.add(does_not_fit::finding(
                    span,
                    number.into(),
                    &format!("`{}`", field.name),
                    field.max(),
                ));
                return None;
            }
            Some(ir::SettingValue::Number(number.into()))
        }
    }
}
