//! What a new spec inherits, as a table.

use nicspecs::ir::{Doorbell, Mask, Nic, RingRegisters, Source};
use nicspecs::lifecycle;

use xtask_workspace::specs::count;

/// A line for each part of the base spec.
pub fn table(nic: &Nic) -> String {
    let (tx, rx) = (nic.tx(), nic.rx());
    let schemes: Vec<&str> = tx
        .completions
        .iter()
        .map(|each| each.scheme().name())
        .collect();
    let interrupts = nic.interrupts();
    let modes: Vec<&str> = interrupts.modes.iter().map(|mode| mode.name()).collect();
    let mask = match &interrupts.mask {
        Mask::Whole(_) => "one mask",
        Mask::Pair { .. } => "masks to set and clear",
    };
    let in_block = nic
        .statistics()
        .iter()
        .filter(|each| matches!(each.source, Source::Block { .. }))
        .count();
    let statistics = match (nic.statistics().len(), in_block) {
        (0, _) => "none".to_owned(),
        (all, 0) => format!("{all} in registers"),
        (all, block) if all == block => format!("{all} in a block of memory"),
        (all, block) => format!("{} in registers, {block} in a block of memory", all - block),
    };
    let sequences = nic
        .sequences()
        .iter()
        .map(|each| each.signature.name.as_str());
    let (of_port, own): (Vec<&str>, Vec<&str>) =
        sequences.partition(|name| lifecycle::port(name).is_some());
    let sequences = match own.as_slice() {
        [] => format!("{} that a port calls", of_port.len()),
        own => format!(
            "{} that a port calls, and {}",
            of_port.len(),
            own.join(", ")
        ),
    };
    let filters = match &nic.filters().multicast {
        Some(multicast) => {
            let (name, count_of) = (&multicast.table.name, multicast.table.count() as usize);
            format!("multicast table {name} of {}", count(count_of, "register"))
        }
        None => "no multicast table".to_owned(),
    };
    let rows = [
        (
            "registers",
            format!(
                "{}, from {} to {}",
                nic.registers().len(),
                first(nic),
                last(nic)
            ),
        ),
        (
            "queues",
            format!("{} to send, {} to receive", tx.queues, rx.queues),
        ),
        (
            "tx rings",
            format!(
                "{} to {} descriptors of {} bytes, {}",
                tx.ring.min,
                tx.ring.max,
                tx.encode.format.size,
                end(&tx.registers)
            ),
        ),
        (
            "rx rings",
            format!(
                "{} to {} descriptors of {} bytes, {}",
                rx.ring.min,
                rx.ring.max,
                rx.arm.format.size,
                end(&rx.registers)
            ),
        ),
        (
            "doorbells",
            format!(
                "tx: {}; rx: {}",
                doorbell(&tx.doorbell),
                doorbell(&rx.doorbell)
            ),
        ),
        (
            "completion",
            format!(
                "tx: {}; rx: {}",
                schemes.join(", "),
                rx.completion.scheme.name()
            ),
        ),
        (
            "interrupts",
            format!(
                "{}; causes in {}, {mask}",
                modes.join(", "),
                interrupts.cause.name
            ),
        ),
        ("filters", filters),
        ("statistics", statistics),
        ("sequences", sequences),
    ];
    let width = rows
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or_default();
    let lines = rows
        .iter()
        .map(|(name, what)| format!("  {name:width$}  {what}\n"));
    lines.collect()
}

fn first(nic: &Nic) -> &str {
    nic.registers()
        .first()
        .map_or("", |register| &register.name)
}

fn last(nic: &Nic) -> &str {
    nic.registers().last().map_or("", |register| &register.name)
}

/// How the end of a ring is known.
fn end(registers: &RingRegisters) -> &'static str {
    match registers.bytes {
        Some(_) => "with a length register",
        None => "with a mark at the end",
    }
}

fn doorbell(doorbell: &Doorbell) -> String {
    match doorbell {
        Doorbell::Index(register) => format!("index in {}", register.name),
        Doorbell::Kick { register, .. } => format!("kick in {}", register.name),
        Doorbell::Unneeded => "none".to_owned(),
    }
}
