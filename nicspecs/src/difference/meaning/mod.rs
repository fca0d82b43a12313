//! The consequences of a change for the hardware, in sentences.

mod descriptors;
mod differs;
mod fields;
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
    match &change.subject {
        Subject::Register(name) => registers::of(change, old.register(name), new.register(name)),
        Subject::Field { register, field } => fields::of(
            change,
            (old.register(register), new.register(register)),
            field,
        ),
        Subject::Descriptor(name) => descriptors::of_format(change, name),
        Subject::DescriptorField { format, field } => {
            let find = |nic: &Nic| {
                let format = nic.descriptors.iter().find(|each| each.name == *format)?;
                format.field(field).cloned()
            };
            descriptors::of_field(change, find(old).as_deref(), find(new).as_deref())
        }
        Subject::Tx => rings::of(change, "transmit"),
        Subject::Rx => rings::of(change, "receive"),
        _ => rest::of(change, old, new),
    }
}
