//! `tx` and `rx`

use std::sync::Arc;

use super::cx::{Cx, RingSize};
use super::expr::{Typer, field_of_any_element};
use super::scope::Scope;
use crate::diagnostic::NodeId;
use crate::errors::{
    does_not_fit, schemes_of_a_ring, type_mismatch, unknown_key, unknown_name, wrong_type,
};
use crate::ir;
use crate::schema;

pub(super) fn tx(cx: &mut Cx<'_, '_>) -> Option<ir::Tx> {
    let node = cx.section("tx")?;
    let raw: Option<schema::Tx> = cx.read(node, "`tx`");
    let ring = cx.part(node, "ring", ring);
    let frame = cx.part(node, "frame", |cx, node| {
        cx.read::<schema::Frame>(node, "`frame`")
    });
    let registers = cx.part(node, "registers", registers);
    let doorbell = cx.part(node, "doorbell", doorbell);
    let completions = cx.part(node, "completion", tx_completions);
    let encode = cx.part(node, "encode", |cx, node| {
        let _: schema::Encode = cx.read(node, "`encode`")?;
        let pattern = pattern(cx, node, None)?;
        let marks = ["first", "last", "end_of_ring", "report"];
        let marks = marks.map(|key| descriptor_fields(cx, &pattern.format, node, key));
        Some((pattern, marks))
    });
    let (raw, ring, frame) = (raw?, ring?, frame?);
    let (encode, [first, last, end_of_ring, report]) = encode?;
    let registers = registers?;
    cx.limits.tx = size(raw.queues, &registers, ring, encode.format.size);
    Some(ir::Tx {
        section: raw.section.0,
        queues: raw.queues,
        restart: raw.restart,
        ring,
        frame: ir::FrameLimits {
            min: frame.min,
            max: frame.max,
            pads_to: frame.pads_to,
            descriptors: frame.descriptors,
        },
        registers,
        doorbell: doorbell?,
        completions: completions?,
        encode,
        first,
        last,
        end_of_ring,
        report,
    })
}

pub(super) fn rx(cx: &mut Cx<'_, '_>) -> Option<ir::Rx> {
    let node = cx.section("rx")?;
    let raw: Option<schema::Rx> = cx.read(node, "`rx`");
    let ring = cx.part(node, "ring", ring);
    let buffer = cx.part(node, "buffer", |cx, node| {
        cx.read::<schema::Buffer>(node, "`buffer`")
    });
    let registers = cx.part(node, "registers", registers);
    let doorbell = cx.part(node, "doorbell", doorbell);
    let completion = cx.part(node, "completion", |cx, node| match completion(cx, node)? {
        ir::TxCompletion::Bit(completion) if completion.failed.is_empty() => Some(completion),
        ir::TxCompletion::Bit(_) => {
            let at = cx.tree.key_span(cx.tree.at(node, "failed"));
            cx.fail(unknown_key::only_sent(at, "failed"))
        }
        other => {
            let span = cx.tree.span_at(node, "scheme");
            cx.fail(schemes_of_a_ring::of_receive(span, other.scheme().name()))
        }
    });
    let size_of_buffer = buffer.as_ref().map(|buffer| buffer.size);
    let arm = cx.part(node, "arm", |cx, node| {
        let _: schema::Arm = cx.read(node, "`arm`")?;
        let pattern = pattern(cx, node, Some(size_of_buffer))?;
        let end_of_ring = descriptor_fields(cx, &pattern.format, node, "end_of_ring");
        Some((pattern, end_of_ring))
    });
    let format = completion
        .as_ref()
        .map(|completion| Arc::clone(&completion.format));
    let format = format.as_deref();
    let length = cx.part(node, "length", |cx, at| {
        cx.descriptor_field(format?, cx.tree.text(at)?, cx.tree.span(at))
    });
    let mut fields = |key: &str| Some(descriptor_fields(cx, format?, node, key));
    let (first, last) = (fields("first"), fields("last"));
    let good = cx.part(node, "good", |cx, node| {
        let _: schema::Good = cx.read(node, "`good`")?;
        let set = descriptor_fields(cx, format?, node, "set");
        let clear = descriptor_fields(cx, format?, node, "clear");
        Some(ir::Good { set, clear })
    });
    let crc = cx.part(node, "crc", crc);
    let vlan = cx.part(node, "vlan", |cx, node| {
        let _: schema::Vlan = cx.read(node, "`vlan`")?;
        let stripped_when = fields_that_strip(cx, node);
        Some(ir::Vlan { stripped_when })
    });
    let (raw, ring, registers) = (raw?, ring?, registers?);
    let (arm, end_of_ring) = arm?;
    cx.limits.rx = size(raw.queues, &registers, ring, arm.format.size);
    cx.limits.frame_max = Some(raw.frame_max);
    Some(ir::Rx {
        section: raw.section.0,
        queues: raw.queues,
        restart: raw.restart,
        frame_max: raw.frame_max,
        ring,
        buffer: ir::Buffer { size: buffer?.size },
        registers,
        doorbell: doorbell?,
        completion: completion?,
        arm,
        end_of_ring,
        length: length?,
        length_of_frame: raw.length_of == Some(schema::LengthOf::Frame),
        first: first?,
        last: last?,
        good: good?,
        crc: crc?,
        vlan: vlan?,
    })
}

fn crc(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Crc> {
    let _: schema::Crc = cx.read(node, "`crc`")?;
    Some(ir::Crc {
        stripped_when: fields_that_strip(cx, node),
        // Set after the sequences are lowered.
        stripped: ir::Stripped::Never,
    })
}

fn fields_that_strip(cx: &mut Cx<'_, '_>, node: NodeId) -> Vec<ir::FieldPlace> {
    let items = cx.tree.items(node, "stripped_when").iter();
    items
        .filter_map(|&item| field_of_any_element(cx, item))
        .collect()
}

/// The number of queues is limited to the registers that exist; a rule of its own reports the rest.
fn size(
    queues: u32,
    registers: &ir::RingRegisters,
    ring: ir::RingLimits,
    descriptor: u32,
) -> RingSize {
    let elements = registers.named().map(|(_, register)| register.count());
    RingSize {
        queues: elements.fold(queues, u32::min),
        min_slots: ring.min,
        max_slots: ring.max,
        descriptor,
    }
}

fn ring(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::RingLimits> {
    let raw: schema::Ring = cx.read(node, "`ring`")?;
    Some(ir::RingLimits {
        min: raw.min,
        max: raw.max,
        multiple: raw.multiple,
        align: raw.align,
        address_bits: raw.address_bits,
    })
}

fn registers(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::RingRegisters> {
    let _: schema::RingRegisters = cx.read(node, "`registers`")?;
    let mut get = |key: &str| cx.maybe(node, key, Cx::register);
    let (base_low, base_high) = (get("base_low"), get("base_high"));
    let (bytes, head, tail) = (get("bytes"), get("head"), get("tail"));
    Some(ir::RingRegisters {
        base_low: base_low??,
        base_high: base_high?,
        bytes: bytes?,
        head: head?,
        tail: tail?,
    })
}

fn doorbell(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Doorbell> {
    let raw = cx.read(node, "`doorbell`")?;
    if let schema::Doorbell::None(_) = raw {
        return Some(ir::Doorbell::Unneeded);
    }
    let register = cx.part(node, "register", Cx::register)?;
    let schema::Doorbell::Kick(raw) = raw else {
        return Some(ir::Doorbell::Index(register));
    };
    let mut fields = |key: &str| -> Option<Vec<_>> {
        let items = cx.tree.items(node, key).iter();
        items.map(|&item| cx.field_named(&register, item)).collect()
    };
    let (set, keep) = (fields("set"), fields("keep"));
    Some(ir::Doorbell::Kick {
        set: set?,
        keep: keep?,
        register,
        again: raw.again.unwrap_or(false),
    })
}

/// The schemes of a transmit ring, without those that could not be read.
fn tx_completions(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<Vec<ir::TxCompletion>> {
    let items = cx.items(node, "`completion`");
    if items.is_empty() {
        if cx.tree.list(node).is_some() {
            cx.add(schemes_of_a_ring::none(cx.tree.key_span(node)));
        }
        return None;
    }
    let all: Vec<_> = items.iter().map(|&item| completion(cx, item)).collect();
    let all: Vec<_> = all.into_iter().collect::<Option<_>>()?;
    cx.schemes = all.iter().map(ir::TxCompletion::scheme).collect();
    Some(all)
}

fn completion(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::TxCompletion> {
    let (scheme, name) = match cx.read(node, "`completion`")? {
        schema::Completion::DoneBit(raw) => (ir::Scheme::DoneBit, raw.field),
        schema::Completion::OwnerBit(raw) => (ir::Scheme::OwnerBit, raw.field),
        schema::Completion::HeadRegister(_) => return Some(ir::TxCompletion::HeadRegister),
        schema::Completion::HeadWriteback(raw) => {
            let low = cx.part(node, "low", Cx::register);
            let high = cx.part(node, "high", Cx::register);
            let low = low?;
            let enable = cx.field(&low, &raw.enable.0, cx.tree.span_at(node, "enable"));
            return Some(ir::TxCompletion::HeadWriteback {
                low,
                high: high?,
                enable: enable?,
            });
        }
    };
    let format = cx.descriptor(cx.tree.at(node, "format"))?;
    let span = cx.tree.span_at(node, "field");
    let field = cx.descriptor_field(&format, &name.0, span)?;
    let failed = descriptor_fields(cx, &format, node, "failed");
    for (index, fails) in failed.iter().enumerate() {
        if fails.low / 64 != field.low / 64 || fails.by == ir::Owner::Host {
            let at = cx.tree.span(cx.tree.items(node, "failed")[index]);
            let expected = format!("a field of the NIC in the same 64 bits as `{}`", field.name);
            return cx.fail(wrong_type::finding(at, "`failed`", &expected, None));
        }
    }
    Some(ir::TxCompletion::Bit(ir::Completion {
        scheme,
        format,
        field,
        failed,
    }))
}

/// The fields of a descriptor that a list names; none if there is no such list.
fn descriptor_fields(
    cx: &mut Cx<'_, '_>,
    format: &ir::Descriptor,
    node: NodeId,
    key: &str,
) -> Vec<Arc<ir::DescriptorField>> {
    let items = cx.tree.items(node, key).iter();
    let field = |&item: &NodeId| {
        let name = cx.text(item, "a field")?;
        cx.descriptor_field(format, name, cx.tree.span(item))
    };
    items.filter_map(field).collect()
}

/// The fields of `set`; `buffer` is there for a receive descriptor, with the size of the buffer if it is known.
fn pattern(cx: &mut Cx<'_, '_>, node: NodeId, buffer: Option<Option<u32>>) -> Option<ir::Pattern> {
    let format = cx.descriptor(cx.tree.at(node, "format"))?;
    let mut set = Vec::new();
    for entry in cx.entries(cx.tree.at(node, "set"), "`set`") {
        let field = cx.descriptor_field(&format, &entry.key, entry.key_span);
        let setting = field.and_then(|field| {
            let value = setting(cx, &field, entry.value, buffer)?;
            Some(ir::Setting { field, value })
        });
        set.extend(setting);
    }
    Some(ir::Pattern { format, set })
}

fn setting(
    cx: &mut Cx<'_, '_>,
    field: &ir::DescriptorField,
    node: NodeId,
    buffer: Option<Option<u32>>,
) -> Option<ir::SettingValue> {
    let number = match (cx.text(node, "a value")?, buffer) {
        ("slot.address", _) => return Some(ir::SettingValue::Address),
        ("slot.length", None) => return Some(ir::SettingValue::Length),
        ("frame.length", None) => return Some(ir::SettingValue::FrameLength),
        ("buffer.size", Some(size)) => size?,
        (text, _) if matches!(text.split_once('.'), Some(("slot" | "frame" | "buffer", _))) => {
            let known: &[&str] = match buffer {
                Some(_) => &["slot.address", "buffer.size"],
                None => &["slot.address", "slot.length", "frame.length"],
            };
            let span = cx.tree.span(node);
            return cx.fail(unknown_name::finding(span, "value", text, known));
        }
        _ => {
            let value = Typer::new(cx, node, &Scope::facts()).number()?;
            match value.constant() {
                Some(number) => number,
                None => return cx.fail(type_mismatch::not_constant(cx.tree.span(node))),
            }
        }
    };
    if u64::from(number) > field.max() {
        let (span, target) = (cx.tree.span(node), format!("`{}`", field.name));
        return cx.fail(does_not_fit::finding(
            span,
            number.into(),
            &target,
            field.max(),
            "",
        ));
    }
    Some(ir::SettingValue::Number(number.into()))
}
