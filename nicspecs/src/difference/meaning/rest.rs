//! Identity, services, order rules, sequences and the model.

use super::differs::{Differs, differing};
use super::registers::whereabouts;
use crate::difference::change::{Change, Kind, Subject};
use crate::ir::{Nic, Variant};

pub(super) fn of(change: &Change, old: &Nic, new: &Nic) -> Vec<String> {
    let name = change.subject.to_string();
    match (&change.subject, &change.kind) {
        (_, Kind::Renamed { from }) => vec![format!(
            "`{from}` is now called `{name}`; nothing else about it changed."
        )],
        (Subject::Variant(_), Kind::Added(_)) => vec![format!(
            "The driver now supports the part {name} and claims its PCI ids."
        )],
        (Subject::Variant(_), Kind::Removed(_)) => vec![format!(
            "The driver no longer supports the part {name} and no longer claims its PCI ids."
        )],
        (Subject::Counter(_), Kind::Added(_)) => vec![format!("A port now counts `{name}`.")],
        (Subject::Counter(_), Kind::Removed(_)) => {
            vec![format!("A port no longer counts `{name}`.")]
        }
        (Subject::Order(_), Kind::Added(facts)) => {
            let first = facts
                .iter()
                .filter_map(|fact| fact.aspect.strip_prefix("first "));
            let first: Vec<_> = first.collect();
            vec![format!(
                "A step that sets or writes `{name}` must now come after a write of {}, in `lint` and on the simulated device.",
                first.join(", ")
            )]
        }
        (Subject::Order(_), Kind::Removed(_)) => vec![format!(
            "No write has to come before `{name}` any more, neither in `lint` nor on the simulated device."
        )],
        (Subject::Rss, Kind::Added(_)) => {
            vec!["Received frames can now be spread over queues.".to_owned()]
        }
        (Subject::Rss, Kind::Removed(_)) => {
            vec!["Received frames are no longer spread over queues.".to_owned()]
        }
        (Subject::Sequence(_), Kind::Added(_)) => vec![format!("The sequence `{name}` is new.")],
        (Subject::Sequence(_), Kind::Removed(_)) => vec![format!(
            "The sequence `{name}` is gone: other sequences must do its work, or the driver no longer does it."
        )],
        (Subject::Sequence(name), Kind::Steps(_)) => steps(name, new),
        (_, Kind::Changed(_)) => {
            let differs = differing(change);
            differs
                .iter()
                .filter_map(|each| sentence(&change.subject, each, old, new))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// When a sequence whose steps changed runs.
fn steps(name: &str, nic: &Nic) -> Vec<String> {
    let called = crate::lifecycle::port(name).is_some();
    let when = match name {
        "reset" => "first, and at every reset of the device",
        "init" => "once after a reset",
        "mac.read" => "after a reset",
        "mac.write" => "after `init`",
        "filter.write" => "when the device comes up and whenever the filter changes",
        "tx.enable" => "for every transmit queue that comes up",
        "rx.enable" => "for every receive queue that comes up",
        "start" => "after all queues are enabled",
        "link.start" => "once after `start`, and at a reset of the link",
        "interrupts.on" => "when interrupts are enabled",
        "messages.on" => "instead of `interrupts.on` when there is MSI-X",
        "messages.queue" => "for every vector of queues",
        "messages.other" => "for the vector of the other causes",
        "interrupts.off" => "when interrupts are disabled",
        "tx.disable" => "for every transmit queue that goes down",
        "rx.disable" => "for every receive queue that goes down",
        "stop" => "before queues are disabled",
        _ => "when the counters are read",
    };
    match called && nic.sequence(name).is_some() {
        true => vec![format!("The port runs it {when}.")],
        false => Vec::new(),
    }
}

fn sentence(subject: &Subject, differs: &Differs<'_>, old: &Nic, new: &Nic) -> Option<String> {
    let (was, is) = (differs.was(), differs.is());
    let (aspect, element) = differs
        .aspect
        .split_once(' ')
        .unwrap_or((differs.aspect, ""));
    let gone = differs.new.is_none();
    Some(match (subject, aspect) {
        (Subject::Variant(name), "PCI") if gone => format!(
            "The driver no longer claims devices with the id {} as {name}.",
            id(element)
        ),
        (Subject::Variant(name), "PCI") => format!(
            "The driver now claims devices with the id {} as {name}.",
            id(element)
        ),
        (Subject::Variant(name), "first") => {
            format!("A simulated {name} has the PCI id {is} instead of {was}.")
        }
        (Subject::Variant(name), "position") => format!(
            "{name} is variant {is} instead of {was}; the first one is the default, and a shared id selects the first variant that matches."
        ),
        (Subject::Variant(name), "qemu") if gone => {
            format!("{name} is no longer tested on QEMU.")
        }
        (Subject::Variant(name), "qemu") => format!("{name} is tested on QEMU's `{is}`."),
        (Subject::Variant(name), "when") => format!(
            "A device with a shared id is identified as {name} when {}.",
            differs.new.unwrap_or("no earlier variant matches")
        ),
        (Subject::Variant(name), "limits.tx_frame_max") => {
            let max = |nic: &Nic| limit(nic, name, Nic::tx_frame_max);
            format!(
                "The longest frame that {name} sends has {} bytes instead of {}.",
                max(new),
                max(old)
            )
        }
        (Subject::Variant(name), "limits.rx_frame_max") => {
            let max = |nic: &Nic| limit(nic, name, Nic::rx_frame_max);
            format!(
                "The longest frame that {name} receives has {} bytes instead of {}.",
                max(new),
                max(old)
            )
        }
        (Subject::Space(name), "bar") => {
            format!("Registers of `{name}` are reached through BAR {is} instead of {was}.")
        }
        (Subject::Space(name), "size") => format!(
            "The window `{name}` has {is} bytes instead of {was}; a smaller BAR is refused."
        ),
        (Subject::Constant(name), _) => {
            format!("Steps that use `{name}` get {is} instead of {was}.")
        }
        (Subject::Choice(name), "default") => {
            format!("Unless a user chooses, `{name}` is {is} instead of {was}.")
        }
        (Subject::Choice(name), "max") => {
            format!("A user may choose `{name}` up to {is} instead of {was}.")
        }
        (Subject::Interrupts, "modes") => {
            format!("The interrupt modes of the NIC are {is} instead of {was}.")
        }
        (Subject::Interrupts, "cause.register") => format!(
            "The interrupt cause is read from {} instead of `{was}`.",
            at(new, is)
        ),
        (Subject::Interrupts, "cause.acknowledge") => {
            format!("A cause is acknowledged by a {is} instead of a {was}.")
        }
        (Subject::Interrupts, "mask" | "mask_set" | "mask_clear") if !gone => format!(
            "Causes are masked through {} instead of `{was}`.",
            at(new, is)
        ),
        (Subject::Interrupts, causes) if causes.starts_with("causes.") => {
            let kind = causes.trim_start_matches("causes.");
            match gone {
                true => format!("`{element}` no longer reports an event of {kind}."),
                false => format!("`{element}` now reports an event of {kind}."),
            }
        }
        (Subject::Interrupts, "throttle.unit_ns") => {
            format!("One unit of the interrupt interval is {is} ns instead of {was}.")
        }
        (Subject::Interrupts, "messages.count") => {
            format!("The NIC has {is} MSI-X vectors instead of {was}.")
        }
        (Subject::Interrupts, "messages.rx" | "messages.tx" | "messages.other") if !gone => {
            format!(
                "Only the simulated device changes: it reads the vector of {} from `{is}` instead of `{was}`.",
                match aspect {
                    "messages.rx" => "receive queues",
                    "messages.tx" => "transmit queues",
                    _ => "the other causes",
                }
            )
        }
        (Subject::Link, "up") => {
            format!("The driver reports the link as up when `{is}`, and no longer when `{was}`.")
        }
        (Subject::Link, "speed") => format!("Speed {element} is {is}, and was {was}."),
        (Subject::Link, "full_duplex") => {
            format!("The driver reports full duplex when `{is}`, and no longer when `{was}`.")
        }
        (Subject::Filters, "after") => {
            format!("The filter is written after `{is}` instead of `{was}`.")
        }
        (Subject::Filters, "multicast.table") => {
            format!("The multicast table is {} instead of `{was}`.", at(new, is))
        }
        (Subject::Filters, "multicast.hash.address_bits" | "multicast.hash.crc32") if gone => {
            return None;
        }
        (Subject::Filters, "multicast.hash.address_bits") => format!(
            "A multicast address now selects its bit of the table with its bits {is}: each group is filtered by another bit."
        ),
        (Subject::Filters, "multicast.hash.crc32") => format!(
            "A multicast address now selects its bit of the table with bits {is} of its CRC: each group is filtered by another bit."
        ),
        (Subject::Filters, "multicast.reversed_on") => {
            format!("The octets of the multicast table are reversed on {is} instead of {was}.")
        }
        (Subject::Rss, "queues") => {
            format!("The table of receive-side scaling selects up to {is} queues instead of {was}.")
        }
        (Subject::Rss, "table.entries") => {
            format!("The hash of a frame selects one of {is} entries instead of {was}.")
        }
        (Subject::Counter(name), "register" | "low" | "high") if !gone => format!(
            "`{name}` is read from {} instead of {}.",
            at(new, is),
            at(old, was)
        ),
        (Subject::Counter(name), "block" | "bytes") => format!(
            "`{name}` has another place in the block of counters: {aspect} {is} instead of {was}."
        ),
        (Subject::Counter(name), "counts") => {
            format!("`{name}` is compared with the count {is} of a device instead of {was}.")
        }
        (Subject::Order(then), "first") if gone => {
            format!("`{element}` no longer has to come before `{then}`.")
        }
        (Subject::Order(then), "first") => format!(
            "`{element}` now has to come before `{then}`, in `lint` and on the simulated device."
        ),
        (Subject::Sequence(_), "may_sleep") if is == "true" => "It may now sleep.".to_owned(),
        (Subject::Sequence(_), "may_sleep") => "It must no longer sleep.".to_owned(),
        (Subject::Model, _) => return model(differs),
        (_, _) => format!("{} is {is} and was {was}.", differs.aspect),
    })
}

/// A limit of the variant of that name.
fn limit(nic: &Nic, name: &str, limit: impl Fn(&Nic, &Variant) -> u32) -> u32 {
    let variant = nic.variants.iter().find(|variant| variant.name == name);
    variant.map_or(0, |variant| limit(nic, variant))
}

/// The simulated device changes, and the driver does not.
fn model(differs: &Differs<'_>) -> Option<String> {
    let (was, is) = (differs.was(), differs.is());
    let change = match (differs.old, differs.new) {
        (None, Some("")) => format!("`{}` is new", differs.aspect),
        (Some(""), None) => format!("`{}` is gone", differs.aspect),
        (None, _) => format!("`{}` is new: {is}", differs.aspect),
        (_, None) => format!("`{}` is gone: it was {was}", differs.aspect),
        _ => format!("`{}` is {is} and was {was}", differs.aspect),
    };
    Some(format!("Only the simulated device changes: {change}."))
}

/// `PCI id 8086:10fb` without its first two words.
fn id(element: &str) -> &str {
    element.trim_start_matches("id ")
}

/// A register by its name, with its place.
fn at(nic: &Nic, name: &str) -> String {
    nic.register(name)
        .map_or_else(|| format!("`{name}`"), |register| whereabouts(register))
}
