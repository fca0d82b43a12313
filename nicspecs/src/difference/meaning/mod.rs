//! The consequences of a change for the hardware, in sentences.

mod descriptors;
mod differs;
mod fields;
mod names;
pub(super) mod registers;
mod rest;
mod rings;

use super::change::{Change, Subject};
use crate::ir::Nic;

/// A sentence for each changed behaviour of the driver or the NIC.
pub(super) fn of(change: &Change, old: &Nic, new: &Nic) -> Vec<String> {
    if change.is_words() {
        return Vec::new();
    }
    if change.is_rename() {
        return names::of(change, new);
    }
    let Subject {
        chapter,
        name,
        field,
    } = &change.subject;
    let name = name.as_deref().unwrap_or_default();
    match (*chapter, field) {
        ("registers", None) => registers::of(change, old.register(name), new.register(name)),
        ("registers", Some(field)) => {
            fields::of(change, (old.register(name), new.register(name)), field)
        }
        ("descriptors", None) => {
            let mut formats = new.descriptors.iter();
            let format = formats.find(|each| each.name == name);
            descriptors::of_format(change, format.map(AsRef::as_ref))
        }
        ("descriptors", Some(field)) => {
            let find = |nic: &Nic| {
                let format = nic.descriptors.iter().find(|each| each.name == name)?;
                format.field(field).cloned()
            };
            descriptors::of_field(change, find(old).as_deref(), find(new).as_deref())
        }
        ("tx", _) => rings::of(change, "transmit"),
        ("rx", _) => rings::of(change, "receive"),
        _ => rest::of(change, old, new),
    }
}
