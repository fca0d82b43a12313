//! Descriptor formats.

use super::differs::differing;
use crate::difference::change::{Change, Kind};
use crate::ir::{DescriptorField, Owner};
use crate::printer::bits;

pub(super) fn of_format(change: &Change, name: &str) -> Vec<String> {
    let differs = differing(change);
    let size = differs.iter().find(|each| each.aspect == "size").map(|each| {
        format!("Descriptors of `{name}` are {} long now instead of {}: every one but the first of a ring lies elsewhere.", each.is(), each.was())
    });
    let reserved = differs.iter().any(|each| each.aspect.starts_with("reserved ")).then(|| {
        format!("Other bits of `{name}` are reserved: the driver writes those as zero and looks at none of them.")
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
            let differs = differing(change);
            if differs.iter().any(|each| each.aspect == "bits") {
                let (was, is) = (place(old), place(new));
                let looks = match new.by {
                    Owner::Host => format!(
                        "The driver now writes `{name}` to {is}: a NIC that takes it from {was} finds something else there."
                    ),
                    Owner::Nic => format!(
                        "The driver now looks for `{name}` in {is}: a NIC that writes it to {was} is misread."
                    ),
                    Owner::Both => format!(
                        "`{name}` now changes hands in {is}: a NIC that looks at {was} never gets a descriptor, or never gives one back."
                    ),
                };
                sentences.push(looks);
            }
            if differs.iter().any(|each| each.aspect == "by") {
                sentences.push(format!(
                    "`{name}` is what {} now, and was what {}.",
                    who(new),
                    who(old)
                ));
            }
            sentences
        }
        (Kind::Added(_), _, Some(new)) => vec![format!(
            "`{name}` is what {} in {}, which had another meaning or none.",
            who(new),
            place(new)
        )],
        (Kind::Removed(_), Some(old), _) => vec![format!(
            "`{name}`, which {} in {}, has no name any more.",
            who(old),
            place(old)
        )],
        _ => Vec::new(),
    }
}
