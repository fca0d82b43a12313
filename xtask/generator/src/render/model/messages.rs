//! The table of MSI-X messages.

use nicspecs::ir::{MessageCauses, Messages};

use crate::render::device;
use crate::render::steps::literal;
use crate::render::tables::{Pairs, field_name, name};

/// The tables of a NIC with MSI-X.
pub fn messages(messages: &Messages) -> Pairs {
    let causes = messages.causes.as_ref();
    let when = messages.when.as_ref();
    Pairs(vec![
        ("count", messages.count.to_string()),
        (
            "when",
            when.map_or("None".to_owned(), |when| {
                format!("Some({})", field_name(when))
            }),
        ),
        ("rx", device::value(&messages.rx)),
        ("tx", device::value(&messages.tx)),
        ("other", device::value(&messages.other)),
        ("valid", messages.valid.to_string()),
        ("cause", name(&messages.cause)),
        (
            "causes",
            causes.map_or(
                "None".to_owned(),
                |MessageCauses { rx, tx, other, .. }| {
                    let [rx, tx, other] = [rx, tx, other].map(|field| literal(&field.name));
                    format!("Some(MessageCauses {{ rx: {rx}, tx: {tx}, other: {other} }})")
                },
            ),
        ),
        ("mask_set", name(&messages.mask_set)),
        ("mask_clear", name(&messages.mask_clear)),
        ("auto_clear", name(&messages.auto_clear)),
        (
            "auto_field",
            literal(messages.auto_field.as_ref().map_or("", |field| &field.name)),
        ),
        ("masks", messages.masks.to_string()),
        ("section", literal(&messages.section)),
    ])
}
