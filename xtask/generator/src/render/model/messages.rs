//! The table of MSI-X messages.

use nicspecs::ir::{MessageCauses, Messages};

use crate::render::device;
use crate::render::steps::literal;
use crate::render::tables::{Record, field_name, name, option};

/// The tables of a NIC with MSI-X.
pub fn messages(messages: &Messages) -> Record {
    let causes = |MessageCauses { rx, tx, other, .. }: &MessageCauses| {
        let [rx, tx, other] = [rx, tx, other].map(|field| literal(&field.name));
        format!("MessageCauses {{ rx: {rx}, tx: {tx}, other: {other} }}")
    };
    let auto_field = messages.auto_field.as_ref();
    Record::new("MessageModel")
        .with("when", option(messages.when.as_ref().map(field_name)))
        .with("rx", device::value(&messages.rx))
        .with("tx", device::value(&messages.tx))
        .with("other", device::value(&messages.other))
        .with("valid", messages.valid)
        .with("cause", name(&messages.cause))
        .with("causes", option(messages.causes.as_ref().map(causes)))
        .with("mask_set", name(&messages.mask_set))
        .with("mask_clear", name(&messages.mask_clear))
        .with("auto_clear", name(&messages.auto_clear))
        .with(
            "auto_field",
            literal(auto_field.map_or("", |field| &field.name)),
        )
        .with("masks", messages.masks)
        .with("section", literal(&messages.section))
}
