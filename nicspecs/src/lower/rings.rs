//! `tx` and `rx`

use std::sync::Arc;

use super::cx::{Cx, RingSize};
use super::expr::{Typer, field_of_any_element};
use super::scope::Scope;
use crate::diagnostic::NodeId;
use crate::errors::{does_not_fit, schemes_of_a_ring};
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
    let encode = cx.part(node, "encode", encode);
    let (raw, ring, frame) = (raw?, ring?, frame?);
    let (encode, marks) = encode?;
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
        first: marks.first,
        last: marks.last,
        end_of_ring: marks.end_of_ring,
        report: marks.report,
    })
}

/// Fields that are one on some descriptors.
struct Marks {
    first: Vec<Arc<ir::DescriptorField>>,
    last: Vec<Arc<ir::DescriptorField>>,
    end_of_ring: Vec<Arc<ir::DescriptorField>>,
    report: Vec<Arc<ir::DescriptorField>>,
}

/// The fields that the driver writes, and the marks of some descriptors.
fn encode(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<(ir::Pattern, Marks)> {
    let _: schema::Encode = cx.read(node, "`encode`")?;
    let pattern = pattern(cx, node, None)?;
    let marks = Marks {
        first: optional_fields(cx, &pattern.format, node, "first"),
        last: optional_fields(cx, &pattern.format, node, "last"),
        end_of_ring: optional_fields(cx, &pattern.format, node, "end_of_ring"),
        report: optional_fields(cx, &pattern.format, node, "report"),
    };
    Some((pattern, marks))
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
        ir::TxCompletion::Bit(completion) => Some(completion),
        other => {
            let span = cx.tree.span_at(node, "scheme");
            cx.add(schemes_of_a_ring::of_receive(span, other.scheme().name()));
            None
        }
    });
    let size_of_buffer = buffer.as_ref().map(|buffer| buffer.size);
    let arm = cx.part(node, "arm", |cx, node| {
        let _: schema::Arm = cx.read(node, "`arm`")?;
        let pattern = pattern(cx, node, Some(size_of_buffer))?;
        let end_of_ring = optional_fields(cx, &pattern.format, node, "end_of_ring");
        Some((pattern, end_of_ring))
    });
    let format = completion
        .as_ref()
        .map(|completion| Arc::clone(&completion.format));
    let length = format.as_ref().and_then(|format| {
        let at = cx.tree.get(node, "length")?;
        let name = cx.tree.text(at)?;
        cx.descriptor_field(format, name, cx.tree.span(at))
    });
    let mut fields = |key: &str| match &format {
        Some(format) => optional_fields(cx, format, node, key),
        None => Vec::new(),
    };
    let (first, last) = (fields("first"), fields("last"));
    let good = cx.part(node, "good", |cx, node| {
        let _: schema::Good = cx.read(node, "`good`")?;
        let format = format.as_ref()?;
        let set = descriptor_fields(cx, format, cx.tree.get(node, "set")?);
        let clear = descriptor_fields(cx, format, cx.tree.get(node, "clear")?);
        Some(ir::Good { set, clear })
    });
    let crc = cx.part(node, "crc", crc);
    let vlan = cx.part(node, "vlan", |cx, node| {
        let _: schema::Vlan = cx.read(node, "`vlan`")?;
        let stripped_when = fields_that_strip(cx, node)?;
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
        first,
        last,
        good: good?,
        crc: crc?,
        vlan: vlan?,
    })
}

fn crc(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Crc> {
    let _: schema::Crc = cx.read(node, "`crc`")?;
    Some(ir::Crc {
        stripped_when: fields_that_strip(cx, node)?,
        // Set after the sequences are lowered.
        stripped: ir::Stripped::Never,
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
    let mut get = |key: &str| cx.register(cx.tree.at(node, key));
    let (base_low, base_high) = (get("base_low"), get("base_high"));
    // A register that could not be read differs from one that is missing.
    let mut maybe = |key: &str| match cx.tree.get(node, key) {
        Some(at) => cx.register(at).map(Some),
        None => Some(None),
    };
    let (bytes, head, tail) = (maybe("bytes"), maybe("head"), maybe("tail"));
    Some(ir::RingRegisters {
        base_low: base_low?,
        base_high: base_high?,
        bytes: bytes?,
        head: head?,
        tail: tail?,
    })
}

fn doorbell(cx: &mut Cx<'_, '_>, node: NodeId) -> Option<ir::Doorbell> {
    match cx.read(node, "`doorbell`")? {
        schema::Doorbell::Index(_) => {
            let register = cx.register(cx.tree.at(node, "register"))?;
            Some(ir::Doorbell::Index(register))
        }
        schema::Doorbell::Kick(raw) => {
            let register = cx.register(cx.tree.at(node, "register"))?;
            let items = cx.tree.list(cx.tree.at(node, "set")).unwrap_or_default();
            let field = |&item: &NodeId| {
                let name = cx.text(item, "a field")?;
                cx.field(&register, name, cx.tree.span(item))
            };
            let set: Option<Vec<_>> = items.iter().map(field).collect();
            Some(ir::Doorbell::Kick {
                set: set?,
                register,
                again: raw.again.unwrap_or(false),
            })
        }
        schema::Doorbell::None(_) => Some(ir::Doorbell::Unneeded),
    }
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
            let low = cx.register(cx.tree.at(node, "low"));
            let high = cx.register(cx.tree.at(node, "high"));
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
    Some(ir::TxCompletion::Bit(ir::Completion {
        scheme,
        format,
        field,
    }))
}

fn optional_fields(
    cx: &mut Cx<'_, '_>,
    format: &ir::Descriptor,
    node: NodeId,
    key: &str,
) -> Vec<Arc<ir::DescriptorField>> {
    match cx.tree.get(node, key) {
        Some(list) => descriptor_fields(cx, format, list),
        None => Vec::new(),
    }
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

/// The fields of `set`; `buffer` is there for a receive descriptor, with the size of the buffer if it is known.
fn pattern(cx: &mut Cx<'_, '_>, node: NodeId, buffer: Option<Option<u32>>) -> Option<ir::Pattern> {
    let format = cx.descriptor(cx.tree.at(node, "format"))?;
    let mut set = Vec::new();
    for entry in cx.entries(cx.tree.at(node, "set"), "`set`") {
        let Some(field) = cx.descriptor_field(&format, &entry.key, entry.key_span) else {
            continue;
        };
        let Some(value) = setting(cx, &field, entry.value, buffer) else {
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
    buffer: Option<Option<u32>>,
) -> Option<ir::SettingValue> {
    let number = match (cx.text(node, "a value")?, buffer) {
        ("slot.address", _) => return Some(ir::SettingValue::Address),
        ("slot.length", None) => return Some(ir::SettingValue::Length),
        ("frame.length", None) => return Some(ir::SettingValue::FrameLength),
        ("buffer.size", Some(size)) => size?,
        _ => {
            let value = Typer::new(cx, node, &Scope::facts()).number()?;
            let Some(number) = value.constant() else {
                let span = cx.tree.span(node);
                cx.add(crate::errors::type_mismatch::not_constant(span));
                return None;
            };
            number
        }
    };
    if u64::from(number) > field.max() {
        cx.add(does_not_fit::finding(
            cx.tree.span(node),
            number.into(),
            &format!("`{}`", field.name),
            field.max(),
        ));
        return None;
    }
    Some(ir::SettingValue::Number(number.into()))
}
