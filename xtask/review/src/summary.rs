//! A NIC that was added or removed, in a few lines.

use nicspecs::difference::{Change, Kind, Side, Sort, between};
use nicspecs::ir::{Nic, RingLimits};
use nicspecs::schema;

use crate::wording;
use xtask_workspace::specs::count;

/// A new NIC: what it is, or what differs from its base spec.
pub fn added(side: &Side, base: Option<(&str, &Side)>) -> Vec<String> {
    let Some(nic) = side.nic() else {
        return Vec::new();
    };
    let mut lines = vec![format!("new NIC: {}", nic.title()), parts(nic)];
    match base {
        Some((name, base)) => lines.extend(differences(name, &between(base, side))),
        None => lines.extend(facts(nic)),
    }
    lines
}

/// A removed NIC.
pub fn removed(side: &Side, like: Option<&str>) -> Vec<String> {
    let Some(nic) = side.nic() else {
        return Vec::new();
    };
    let mut lines = vec![
        format!("NIC removed: {}", nic.title()),
        parts(nic),
        "Its driver and its simulated device are gone, and no driver claims these PCI ids any more unless another spec has them.".to_owned(),
    ];
    if let Some(base) = like {
        lines.push(format!(
            "It inherited facts from `{base}`. Removing it does not change `{base}`."
        ));
    }
    lines
}

/// The parts with their PCI ids.
fn parts(nic: &Nic) -> String {
    let variants = nic.variants().iter().map(|variant| {
        let ids: Vec<String> = variant.pci.iter().map(ToString::to_string).collect();
        let qemu = variant.qemu.as_ref();
        let qemu = qemu.map_or(String::new(), |model| {
            format!(", QEMU's `{}`", model.device)
        });
        format!("{} ({}{qemu})", variant.name, ids.join(", "))
    });
    format!("parts: {}", variants.collect::<Vec<_>>().join(", "))
}

/// What a NIC without a base spec has.
fn facts(nic: &Nic) -> Vec<String> {
    let ring = |queues: u32, ring: RingLimits, frame: u32| {
        format!(
            "{}, rings of {} to {} descriptors, frames of up to {frame} bytes",
            count(queues as usize, "queue"),
            ring.min,
            ring.max
        )
    };
    let (tx, rx) = (nic.tx(), nic.rx());
    let schemes = tx.completions.iter().map(|each| each.scheme().name());
    let modes = nic.interrupts().modes.iter().map(|mode| mode.name());
    let counters = nic.statistics().iter().map(|counter| counter.name.as_str());
    vec![
        format!(
            "transmit: {}, completion by {}",
            ring(tx.queues, tx.ring, tx.frame.max),
            joined(schemes)
        ),
        format!("receive: {}", ring(rx.queues, rx.ring, rx.frame_max)),
        format!("interrupts: {}", joined(modes)),
        format!(
            "{}, {}, {}",
            count(nic.registers().len(), "register"),
            count(nic.descriptors().len(), "descriptor format"),
            count(nic.sequences().len(), "sequence")
        ),
        format!(
            "{}: {}",
            count(nic.statistics().len(), "counter"),
            joined(counters)
        ),
    ]
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

/// What differs from the base spec, in one line for each chapter.
fn differences(base: &str, changes: &[Change]) -> Vec<String> {
    let is_inherited = |change: &&Change| {
        let key = schema::spec().key(change.subject.chapter);
        key.is_some_and(|key| !key.own) && !change.is_words()
    };
    let changes: Vec<&Change> = changes.iter().filter(is_inherited).collect();
    if changes.is_empty() {
        return vec![format!(
            "like `{base}` in everything else: registers, descriptors, rings, sequences"
        )];
    }
    let mut lines = vec![format!("like `{base}`, except for:")];
    let chapters = changes.chunk_by(|one, other| one.subject.chapter == other.subject.chapter);
    for chapter in chapters {
        let name = chapter[0].subject.chapter;
        let of = |is: fn(&Kind) -> bool| -> Vec<String> {
            let those: Vec<&&Change> = chapter.iter().filter(|change| is(&change.kind)).collect();
            let names = those.iter().map(|change| match those.len() <= DETAILED {
                true => format!("{}{}", change.subject, detail(change)),
                false => change.subject.to_string(),
            });
            let mut names: Vec<String> = names.collect();
            names.dedup();
            names
        };
        let whole = chapter.iter().find(|change| change.subject.name.is_none());
        let mut said: Vec<String> = whole.map(|change| apart(change)).into_iter().collect();
        if whole.is_none() {
            for (words, names) in [
                ("has also", of(|kind| matches!(kind, Kind::Added(_)))),
                ("lacks", of(|kind| matches!(kind, Kind::Removed(_)))),
                (
                    "has another name for",
                    of(|kind| matches!(kind, Kind::Renamed { .. } | Kind::RenamedValue { .. })),
                ),
                (
                    "differs in",
                    of(|kind| matches!(kind, Kind::Changed(_) | Kind::Steps(_))),
                ),
            ] {
                if !names.is_empty() {
                    said.push(format!("{words} {}", names.join(", ")));
                }
            }
        }
        lines.push(format!("  {name}: {}", said.join("; ")));
    }
    lines
}

/// Most things of a kind that are listed with what differs.
const DETAILED: usize = 8;

/// What differs, in parentheses.
fn detail(change: &Change) -> String {
    match &change.kind {
        Kind::Changed(_) => format!(" ({})", apart(change)),
        Kind::Steps(_) => format!(" ({})", wording::headline(change, "")),
        _ => String::new(),
    }
}

/// The facts that differ from those of the base spec.
fn apart(change: &Change) -> String {
    let differing = match &change.kind {
        Kind::Changed(differing) => differing.as_slice(),
        Kind::Added(_) => return "only here".to_owned(),
        Kind::Removed(_) => return "not here".to_owned(),
        _ => &[],
    };
    let differing = differing.iter().filter(|each| each.sort == Sort::Hardware);
    let said = differing.map(|each| {
        let stated = |value: &str| match value {
            "" => each.aspect.clone(),
            value => format!("{} {value}", each.aspect),
        };
        match (&each.old, &each.new) {
            (Some(old), Some(new)) => format!("{} {new} instead of {old}", each.aspect),
            (None, Some(new)) => format!("with {}", stated(new)),
            (Some(old), None) => format!("without {}", stated(old)),
            (None, None) => String::new(),
        }
    });
    said.collect::<Vec<_>>().join(", ")
}
