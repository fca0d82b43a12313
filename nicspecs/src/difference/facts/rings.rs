//! The ring protocols.

use std::sync::Arc;

use super::item::Item;
use crate::difference::change::Subject;
use crate::ir::{
    Completion, Crc, Descriptor, DescriptorField, Doorbell, FieldPlace, Good, Pattern,
    RingRegisters, Rx, Setting, SettingValue, Stripped, Tx, TxCompletion, Vlan,
};
use crate::printer::{Printer, number};

pub(super) fn tx(tx: &Tx) -> Item {
    let Tx {
        registers,
        doorbell,
        completions,
        encode,
        first,
        last,
        end_of_ring,
        report,
        ..
    } = tx;
    let mut item = Item::new(Subject::Tx);
    common(&mut item, registers, doorbell);
    for completion in completions {
        match completion {
            TxCompletion::Bit(completion) => by_bit(&mut item, completion),
            TxCompletion::HeadRegister => item.fact("completion head_register", ""),
            TxCompletion::HeadWriteback { low, high, enable } => item.fact(
                "completion head_writeback",
                format!("{}, {}, {}.{}", low.name, high.name, low.name, enable.name),
            ),
        }
    }
    item.fact_if(
        "default completion",
        completions.first().map(|first| first.scheme().name()),
    );
    pattern(&mut item, "encode", encode);
    let marks = [
        ("encode.first", first),
        ("encode.last", last),
        ("encode.end_of_ring", end_of_ring),
        ("encode.report", report),
    ];
    for (aspect, fields) in marks {
        item.each(aspect, of(&encode.format, fields));
    }
    item
}

pub(super) fn rx(rx: &Rx, spell: Printer<'_>) -> Item {
    let Rx {
        registers,
        doorbell,
        completion,
        arm,
        end_of_ring,
        length,
        first,
        last,
        good,
        crc,
        vlan,
        ..
    } = rx;
    let Good { set, clear } = good;
    let Crc {
        stripped_when,
        stripped,
    } = crc;
    let Vlan {
        stripped_when: untagged_when,
    } = vlan;
    let mut item = Item::new(Subject::Rx);
    common(&mut item, registers, doorbell);
    by_bit(&mut item, completion);
    pattern(&mut item, "arm", arm);
    item.each("arm.end_of_ring", of(&arm.format, end_of_ring));
    item.fact("length", name(&completion.format, length));
    for (aspect, fields) in [
        ("first", first),
        ("last", last),
        ("good.set", set),
        ("good.clear", clear),
    ] {
        item.each(aspect, of(&completion.format, fields));
    }
    let places = |places: &[FieldPlace]| {
        places
            .iter()
            .map(|place| spell.field(place))
            .collect::<Vec<_>>()
    };
    item.each("crc.stripped_when", places(stripped_when));
    match stripped {
        Stripped::Never => item.fact("CRC", "kept"),
        Stripped::Always => item.fact("CRC", "stripped"),
        Stripped::Choice(choice) => item.fact("CRC", format_args!("stripped by {}", choice.name)),
    }
    item.each("vlan.stripped_when", places(untagged_when));
    item
}

/// What both directions have.
fn common(item: &mut Item, registers: &RingRegisters, doorbell: &Doorbell) {
    let RingRegisters {
        base_low,
        base_high,
        bytes,
        head,
        tail,
    } = registers;
    item.fact("registers.base_low", &base_low.name);
    item.fact("registers.base_high", &base_high.name);
    for (aspect, register) in [
        ("registers.bytes", bytes),
        ("registers.head", head),
        ("registers.tail", tail),
    ] {
        item.fact_if(aspect, register.as_ref().map(|register| &register.name));
    }
    match doorbell {
        Doorbell::Index(register) => {
            item.fact("doorbell.register", &register.name);
        }
        Doorbell::Kick { register, set, .. } => {
            item.fact("doorbell.register", &register.name);
            let fields = set
                .iter()
                .map(|field| format!("{}.{}", register.name, field.name));
            item.each("doorbell.set", fields);
        }
        Doorbell::Unneeded => {}
    }
}

fn by_bit(item: &mut Item, completion: &Completion) {
    let Completion {
        scheme,
        format,
        field,
    } = completion;
    item.fact(format!("completion {}", scheme.name()), name(format, field));
}

fn pattern(item: &mut Item, key: &str, pattern: &Pattern) {
    let Pattern { format, set } = pattern;
    item.fact(format!("{key}.format"), &format.name);
    for Setting { field, value } in set {
        let value = match value {
            SettingValue::Number(value) => number(*value),
            SettingValue::Address => "slot.address".to_owned(),
            SettingValue::Length if key == "arm" => "buffer.size".to_owned(),
            SettingValue::Length => "slot.length".to_owned(),
            SettingValue::FrameLength => "frame.length".to_owned(),
        };
        item.fact(format!("{key}.set {}", name(format, field)), value);
    }
}

fn of(format: &Descriptor, fields: &[Arc<DescriptorField>]) -> Vec<String> {
    fields.iter().map(|field| name(format, field)).collect()
}

fn name(format: &Descriptor, field: &DescriptorField) -> String {
    format!("{}.{}", format.name, field.name)
}
