//! Identity, services, order rules, sequences and the model.

use super::differs::listed;
use super::registers::whereabouts;
use crate::difference::change::{Change, Difference, Kind, Subject};
use crate::ir::{Limit, Nic};

pub(super) fn of(change: &Change, old: &Nic, new: &Nic) -> Vec<String> {
    let name = change.subject.to_string();
    let sentence = match (change.subject.chapter, &change.kind) {
        ("variants", Kind::Added(facts)) => {
            let limits = facts.iter().filter(|fact| fact.stated);
            let limits = limits.filter_map(|fact| {
                let key = fact.aspect.strip_prefix("limits.")?;
                Some(format!("`{key}` {}", fact.value))
            });
            let limits: Vec<String> = limits.collect();
            let own = match limits.is_empty() {
                true => String::new(),
                false => format!(" It has limits of its own: {}.", listed(&limits)),
            };
            format!("The driver now supports the part {name} and claims its PCI ids.{own}")
        }
        ("variants", Kind::Removed(_)) => format!(
            "The driver no longer supports the part {name} and no longer claims its PCI ids."
        ),
        ("statistics", Kind::Added(_)) => format!("A port now counts `{name}`."),
        ("statistics", Kind::Removed(_)) => format!("A port no longer counts `{name}`."),
        ("order", Kind::Added(facts)) => {
            let first = facts.iter();
            let first = first.filter_map(|fact| fact.aspect.strip_prefix("first "));
            format!(
                "A step that sets or writes `{name}` must now come after a write of {}, in `lint` and on the simulated device.",
                first.collect::<Vec<_>>().join(", ")
            )
        }
        ("order", Kind::Removed(_)) => format!(
            "No write has to come before `{name}` any more, neither in `lint` nor on the simulated device."
        ),
        ("rss", Kind::Added(_)) => "Received frames can now be spread over queues.".to_owned(),
        ("rss", Kind::Removed(_)) => "Received frames are no longer spread over queues.".to_owned(),
        ("sequences", Kind::Added(_)) => format!("The sequence `{name}` is new."),
        ("sequences", Kind::Removed(_)) => format!(
            "The sequence `{name}` is gone: other sequences must do its work, or the driver no longer does it."
        ),
        ("sequences", Kind::Steps(_)) => return steps(&name, new).into_iter().collect(),
        (_, Kind::Changed(_)) => {
            let differs = change.kind.differing();
            let sentence = |each: &Difference| sentence(&change.subject, each, old, new);
            return differs.into_iter().filter_map(sentence).collect();
        }
        _ => return Vec::new(),
    };
    vec![sentence]
}

/// When a sequence whose steps changed runs.
fn steps(name: &str, nic: &Nic) -> Option<String> {
    nic.sequence(name)?;
    crate::lifecycle::port(name)?;
    let when = match name {
        "reset" => "first when a port starts, and at every reset of the device",
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
    Some(format!("`{name}` runs {when}."))
}

fn sentence(subject: &Subject, differs: &Difference, old: &Nic, new: &Nic) -> Option<String> {
    let name = &subject.to_string();
    let (was, is) = (differs.was(), differs.is());
    let (aspect, element) = differs.key();
    let (gone, now) = (differs.new.is_none(), differs.now());
    Some(match (subject.chapter, aspect) {
        ("variants", "pci") => {
            format!("The driver {now} claims devices with the id {element} as {name}.")
        }
        ("variants", "first") => {
            format!("A simulated {name} has the PCI id {is} instead of {was}.")
        }
        ("variants", "position") => format!(
            "{name} is variant {is} instead of {was}; the first one is the default, and a shared id selects the first variant that matches."
        ),
        ("variants", "qemu") if gone => format!("{name} is no longer tested on QEMU."),
        ("variants", "qemu") => format!("{name} is tested on QEMU's `{is}`."),
        ("variants", "when") => format!(
            "A device with a shared id is identified as {name} when {}.",
            differs
                .new
                .as_deref()
                .unwrap_or("no earlier variant matches")
        ),
        ("variants", limit) if limit.starts_with("limits.") => {
            let mut all = Limit::ALL.into_iter();
            let narrowed = all.find(|each| limit.ends_with(each.name()))?;
            let of = |nic: &Nic| {
                let mut variants = nic.variants().iter();
                let variant = variants.find(|variant| variant.name == *name)?;
                Some(nic.limit(variant, narrowed).to_string())
            };
            let was = of(old).unwrap_or_else(|| "-".to_owned());
            let is = of(new).unwrap_or_else(|| "-".to_owned());
            format!(
                "`{}` is {is} instead of {was} on {name}.",
                narrowed.path().join(".")
            )
        }
        ("spaces", "bar") => {
            format!("Registers of `{name}` are reached through BAR {is} instead of {was}.")
        }
        ("spaces", "size") => format!(
            "The window `{name}` has {is} bytes instead of {was}; a smaller BAR is refused."
        ),
        ("constants", _) => format!("Steps that use `{name}` get {is} instead of {was}."),
        ("options", "default") => {
            format!("Unless a user chooses, `{name}` is {is} instead of {was}.")
        }
        ("options", "max") => format!("A user may choose `{name}` up to {is} instead of {was}."),
        ("interrupts", "modes") => format!("The NIC {now} has the interrupt mode {element}."),
        ("interrupts", "cause.register") => format!(
            "The interrupt cause is read from {} instead of `{was}`.",
            at(new, is)
        ),
        ("interrupts", "cause.acknowledge") => {
            format!("A cause is acknowledged by a {is} instead of a {was}.")
        }
        ("interrupts", "mask" | "mask_set" | "mask_clear") if !gone => format!(
            "Causes are masked through {} instead of `{was}`.",
            at(new, is)
        ),
        ("interrupts", causes) if let Some(kind) = causes.strip_prefix("causes.") => {
            format!("`{element}` {now} reports an event of {kind}.")
        }
        ("interrupts", "throttle.unit_ns") => {
            format!("One unit of the interrupt interval is {is} ns instead of {was}.")
        }
        ("interrupts", "messages.count") => {
            format!("The NIC has {is} MSI-X vectors instead of {was}.")
        }
        ("interrupts", "messages.rx" | "messages.tx" | "messages.other") if !gone => {
            let vector = match aspect {
                "messages.rx" => "receive queues",
                "messages.tx" => "transmit queues",
                _ => "the other causes",
            };
            format!(
                "Only the simulated device changes: it reads the vector of {vector} from `{is}` instead of `{was}`."
            )
        }
        ("link", "present") => format!(
            "The driver takes the device as removed unless `{is}`, and no longer unless `{was}`."
        ),
        ("link", "up") => {
            format!("The driver reports the link as up when `{is}`, and no longer when `{was}`.")
        }
        ("link", "speeds") => format!("Speed {element} is {is}, and was {was}."),
        ("link", "full_duplex") => {
            format!("The driver reports full duplex when `{is}`, and no longer when `{was}`.")
        }
        ("filters", "after") => {
            format!("The filter is written after `{is}` instead of `{was}`.")
        }
        ("filters", "multicast.table") => {
            format!("The multicast table is {} instead of `{was}`.", at(new, is))
        }
        ("filters", "multicast.hash.address_bits" | "multicast.hash.crc32") if gone => return None,
        ("filters", "multicast.hash.address_bits") => format!(
            "A multicast address now selects its bit of the table with its bits {is}: each group is filtered by another bit."
        ),
        ("filters", "multicast.hash.crc32") => format!(
            "A multicast address now selects its bit of the table with bits {is} of its CRC: each group is filtered by another bit."
        ),
        ("filters", "multicast.reversed_on") => {
            format!("The octets of the multicast table are {now} reversed on {element}.")
        }
        ("rss", "queues") => {
            format!("The table of receive-side scaling selects up to {is} queues instead of {was}.")
        }
        ("rss", "table.entries") => {
            format!("The hash of a frame selects one of {is} entries instead of {was}.")
        }
        ("statistics", "register" | "low" | "high") if !gone => format!(
            "`{name}` is read from {} instead of {}.",
            at(new, is),
            at(old, was)
        ),
        ("statistics", "also.register" | "also.when") if !gone => format!(
            "`{name}` also has the count of another register: {aspect} is {is} instead of {was}."
        ),
        ("statistics", "block" | "bytes") => format!(
            "`{name}` has another place in the block of counters: {aspect} {is} instead of {was}."
        ),
        ("statistics", "counts") => {
            format!("`{name}` is compared with the count {is} of a device instead of {was}.")
        }
        ("order", "first") if gone => {
            format!("`{element}` no longer has to come before `{name}`.")
        }
        ("order", "first") => format!(
            "`{element}` now has to come before `{name}`, in `lint` and on the simulated device."
        ),
        ("sequences", "may_sleep") if is == "true" => "It may now sleep.".to_owned(),
        ("sequences", "may_sleep") => "It must no longer sleep.".to_owned(),
        ("model", _) => {
            let aspect = &differs.aspect;
            let change = match (differs.old.as_deref(), differs.new.as_deref()) {
                (None, Some("")) => format!("`{aspect}` is new"),
                (Some(""), None) => format!("`{aspect}` is gone"),
                (None, _) => format!("`{aspect}` is new: {is}"),
                (_, None) => format!("`{aspect}` is gone: it was {was}"),
                _ => format!("`{aspect}` is {is} and was {was}"),
            };
            format!("Only the simulated device changes: {change}.")
        }
        _ => format!("{} is {is} and was {was}.", differs.aspect),
    })
}

/// A register by its name, with its place.
fn at(nic: &Nic, name: &str) -> String {
    nic.register(name)
        .map_or_else(|| format!("`{name}`"), |register| whereabouts(register))
}
