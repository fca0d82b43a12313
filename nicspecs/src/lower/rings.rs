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
    let raw: Option<raw::Tx> = cx.read(node, "`tx`");
    let ring = cx.part(node, "ring", ring);
    let frame = cx.part(node, "frame", |cx, node| {
        cx.read::<raw::Frame>(node, "`frame`")
    });
    let registers = cx.part(node, "registers", registers);
    let doorbell = cx.part(node, "doorbell", doorbell);
    let completion = cx.part(node, "completion", completion);
    let encode = cx.part(node, "encode", encode);
    let (raw, ring, frame) = (raw?, ring?, frame?);
    let (encode, report) = encode?;
    let registers = registers?;
    cx.limits.tx = size(raw.queues, &registers, ring, encode.format.size);
    Some(ir::Tx {
        section: raw.section.0,
        queues: raw.queues,
        ring,
        frame: ir::FrameLimits {
            min: frame.min,
            max: frame.max,
            pads_to: frame.pads_to,
        },
        registers,
        doorbell: doorbell?,
        completion: completion?,
        encode,
        report,
    })
}

/// What is written, and the fields that ask for a report.
fn encode(
    cx: &mut Cx<'_, '_>,
    node: NodeId,
) -> Option<(ir::Pattern, Vec<Arc<ir::DescriptorField>>)> {
    let _: raw::Encode = cx.read(node, "`encode`")?;
    let pattern = pattern(cx, node)?;
    let report = cx.part(node, "report", |cx, list| {
        Some(descriptor_fields(cx, &pattern.format, list))
    });
    Some((pattern, report.unwrap_or_default()))
}

pub(super) fn rx(cx: &mut Cx<'_, '_>) -> Option<ir::Rx> {
    let node = cx.section("rx")?;
    let raw: Option<raw::Rx> = cx.read(node, "`rx`");
    let ring = cx.part(node, "ring", ring);
    let buffer = cx.part(node, "buffer", |cx, node| {
        cx.read::<raw::Buffer>(node, "`buffer`")
    });
    let registers = cx.part(node, "registers", registers);
    let doorbell = cx.part(node, "doorbell", doorbell);
    let completion = cx.part(node, "completion", completion);
    let arm = cx.part(node, "arm", |cx, node| {
        let _: raw::Arm = cx.read(node, "`arm`")?;
        pattern(cx, node)
    });
    let format = completion
        .as_ref()
        .map(|completion| Arc::clone(&completion.format));
    let length = format.as_ref().and_then(|format| {
        let at = cx.tree.get(node, "length")?;
        let name = cx.tree.text(at)?;
        cx.descriptor_field(format, name, cx.tree.span(at))
    });
    let good = cx.part(node, "good", |cx, node| {
        let _: raw::Good = cx.read(node, "`good`")?;
        let format = format.as_ref()?;
        let set = descriptor_fields(cx, format, cx.tree.get(node, "set")?);
        let clear = descriptor_fields(cx, format, cx.tree.get(node, "clear")?);
        Some(ir::Good { set, clear })
    });
    let crc = cx.part(node, "crc", crc);
    let vlan = cx.part(node, "vlan", |cx, node| {
        let _: raw::Vlan = cx.read(node, "`vlan`")?;
        let stripped_when = fields_that_strip(cx, node)?;
        Some(ir::Vlan { stripped_when })
    });
    let (raw, ring, arm, registers) = (raw?, ring?, arm?, registers?);
    cx.limits.rx = size(raw.queues, &registers, ring, arm.format.size);
    Some(ir::Rx {
        section: raw.section.0,
        queues: raw.queues,
        ring,
        buffer: ir::Buffer { size: buffer?.size },
        registers,
        doorbell: doorbell?,
        completion: completion?,
        arm,
        length: length?,
        good: good?,
        crc: crc?,
        vlan: vlan?,
    })
}

fn crc(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Crc> {
    let _: raw::Crc = cx.read(node, "`crc`")?;
    Some(ir::Crc {
        stripped_when: fields_that_strip(cx, node)?,
        stripped: false,
    })
}

fn fields_that_strip(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<Vec<ir::FieldPlace>> {
    let items = cx.tree.list(cx.tree.get(node, "stripped_when")?)?;
    let fields = items.iter();
    Some(
        fields
            .filter_map(|&item| field_of_any_element(cx, item))
            .collect(),
    )
}

/// Queues count only as far as there are registers for them: where they do not, a rule of its own says so.
fn size(
    queues: u32,
    registers: &ir::RingRegisters,
    ring: ir::RingLimits,
    descriptor: u32,
) -> RingSize {
    let ir::RingRegisters {
        base_low,
        base_high,
        bytes,
        head,
        tail,
    } = registers;
    let elements = [base_low, base_high, bytes, head, tail].map(|register| register.count());
    RingSize {
        queues: elements.into_iter().fold(queues, u32::min),
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
