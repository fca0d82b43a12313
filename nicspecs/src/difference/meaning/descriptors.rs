//! Descriptor formats.

use super::differs::listed;
use crate::difference::change::{Change, Kind};
use crate::ir::{Descriptor, DescriptorField, Owner};
use crate::printer::bits;

pub(super) fn of_format(change: &Change, new: Option<&Descriptor>) -> Vec<String> {
    let Some(new) = new else {
        return Vec::new();
    };
    let name = &new.name;
    let differs = change.kind.differing();
    let size = differs.iter().find(|each| each.aspect == "size").map(|each| {
        format!("Descriptors of `{name}` are now {} bytes long instead of {}: every descriptor of a ring but the first moves.", each.is(), each.was())
    });
    let reserved = differs.iter().any(|each| each.aspect.starts_with("reserved ")).then(|| {
        let all = new.reserved.iter().map(|&(low, width)| bits(low, width));
        match all.collect::<Vec<_>>().as_slice() {
            [] => format!("No bits of `{name}` are reserved any more."),
            all => format!("Reserved in `{name}` are now the bits {}: the driver writes them as zero and does not read them.", listed(all)),
        }
    });
    size.into_iter().chain(reserved).collect()
}

/// `bit 32`, and where that is in its quadword.
fn place(field: &DescriptorField) -> String {
    let noun = if field.is_bit() { "bit" } else { "bits" };
    let within = bits(field.shift(), field.width);
    format!("{noun} {within} of quadword {}", field.word())
}

pub(super) fn of_field(
    change: &Change,
    old: Option<&DescriptorField>,
    new: Option<&DescriptorField>,
) -> Vec<String> {
    let name = change.subject.to_string();
    let who = |field: &DescriptorField| match field.by {
        Owner::Host => "the driver writes",
        Owner::Nic => "the NIC writes back",
        Owner::Both => "driver and NIC hand over",
    };
    match (&change.kind, old, new) {
        (Kind::Changed(_), Some(old), Some(new)) => {
            let mut sentences = Vec::new();
            let differs = change.kind.differing();
            if differs.iter().any(|each| each.aspect == "bits") {
                let (was, is) = (place(old), place(new));
                let looks = match new.by {
                    Owner::Host => format!(
                        "The driver now writes `{name}` to {is}: a NIC that reads it from {was} gets another value."
                    ),
                    Owner::Nic => format!(
                        "The driver now reads `{name}` from {is}: if a NIC writes it to {was}, the driver gets another value."
                    ),
                    Owner::Both => format!(
                        "The owner bit `{name}` is now {is}: a NIC that uses {was} never gets a descriptor, or never returns one."
                    ),
                };
                sentences.push(looks);
            }
            if differs.iter().any(|each| each.aspect == "by") {
                sentences.push(format!(
                    "`{name}` is now a field that {}, and was one that {}.",
                    who(new),
                    who(old)
                ));
            }
            sentences
        }
        (Kind::Added(_), _, Some(new)) => vec![format!(
            "`{name}` is a field that {} in {}; those bits had another meaning or none.",
            who(new),
            place(new)
        )],
        (Kind::Removed(_), Some(old), _) => vec![format!(
            "`{name}`, a field that {} in {}, is gone.",
            who(old),
            place(old)
        )],
        _ => Vec::new(),
    }
}
