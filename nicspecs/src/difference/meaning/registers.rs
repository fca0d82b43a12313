//! Registers that were added, removed or moved.

use std::sync::Arc;

use super::differs::{Uses, uses};
use crate::difference::change::{Change, Difference, Kind};
use crate::ir::{Access, Register};
use crate::printer::offset;

/// A register with its place: `CTRL` at 0x00000, or `TDT[n]` at `0x06018 + 0x40 * n`.
pub(in crate::difference) fn whereabouts(register: &Register) -> String {
    match register.is_array {
        true => format!("`{}[n]` at {}", register.name, place(register)),
        false => format!("`{}` at {}", register.name, place(register)),
    }
}

/// 0x00000, or 0x06018 + 0x40 * n, in backticks.
pub(super) fn place(register: &Register) -> String {
    let pieces = register
        .pieces
        .iter()
        .map(|piece| match (register.is_array, piece.first) {
            (false, _) => offset(piece.offset),
            (true, 0) => format!("`{} + {:#x} * n`", offset(piece.offset), piece.stride),
            (true, first) => format!(
                "`{} + {:#x} * (n - {first})`",
                offset(piece.offset),
                piece.stride
            ),
        });
    pieces.collect::<Vec<_>>().join(" and ")
}

pub(super) fn of(
    change: &Change,
    old: Option<&Arc<Register>>,
    new: Option<&Arc<Register>>,
) -> Vec<String> {
    let uses = uses(change);
    match (&change.kind, old, new) {
        (Kind::Added(_), _, Some(new)) => vec![added(new, &uses)],
        (Kind::Removed(_), Some(old), _) => vec![format!(
            "The driver and the simulated device no longer have {}.",
            whereabouts(old)
        )],
        (Kind::Changed(_), Some(old), Some(new)) => changed(change, old, new, &uses),
        _ => Vec::new(),
    }
}

fn added(new: &Register, uses: &Uses) -> String {
    let place = whereabouts(new);
    match uses.unused {
        true => format!("{place} now has a name, but the driver does not access it."),
        false => format!("The driver now accesses {place}, and the simulated device has it."),
    }
}

fn changed(change: &Change, old: &Register, new: &Register, uses: &Uses) -> Vec<String> {
    let differs = change.kind.differing();
    let is_place = |aspect: &str| {
        ["space", "offset", "stride"].contains(&aspect) || aspect.starts_with("pieces ")
    };
    let mut sentences = Vec::new();
    if differs.iter().any(|each| is_place(&each.aspect)) {
        sentences.push(moved(old, new, uses));
    }
    let others = differs.iter().filter(|each| !is_place(&each.aspect));
    sentences.extend(others.map(|each| aspect(each, old, new, uses)));
    sentences
}

fn moved(old: &Register, new: &Register, uses: &Uses) -> String {
    let name = &new.name;
    let (was, is) = (place(old), place(new));
    let (was, is) = match old.space.name == new.space.name {
        true => (was, is),
        false => (
            format!("{was} of {}", old.space.name),
            format!("{is} of {}", new.space.name),
        ),
    };
    match (uses.unused, uses.verbs.as_str()) {
        (true, _) => format!(
            "Only the simulated device changes: it has `{name}` at {is} and no longer at {was}. The driver does not use it."
        ),
        (_, "") => format!(
            "The driver now reads `{name}` at {is}: a NIC that has it at {was} returns another register."
        ),
        (_, verbs) => {
            let lost = match (uses.writes, uses.reads) {
                (true, true) => "no longer receives the writes, and reads return another register",
                (true, false) => "no longer receives the writes",
                _ => "returns another register",
            };
            format!("The driver now {verbs} `{name}` at {is}: a NIC that has it at {was} {lost}.")
        }
    }
}

fn aspect(differs: &Difference, old: &Register, new: &Register, uses: &Uses) -> String {
    let name = &new.name;
    let (was, is) = (differs.was(), differs.is());
    match differs.aspect.as_str() {
        "count" if new.count() > old.count() => {
            format!(
                "`{name}` now has {is} elements: the driver may access `{name}[{}]` and above.",
                old.count()
            )
        }
        "count" => format!(
            "`{name}` now has {is} elements: an access to `{name}[{}]` fails.",
            new.count()
        ),
        "width" => format!(
            "Every access to `{name}` now has {is} bits instead of {was}: it affects other bytes, or the NIC refuses it."
        ),
        "access" => access(name, old.access, new.access),
        "reset" => {
            let kept = match uses.verbs.contains("modifies") {
                true => {
                    "; a step that modifies it keeps these values in the fields that it does not name"
                }
                false => "",
            };
            format!(
                "The simulated device holds {is} in `{name}` after a reset instead of {was}{kept}."
            )
        }
        "must_write" if is == "true" => {
            format!(
                "The power-on value of `{name}` is wrong: `lint` now requires that a sequence writes it."
            )
        }
        "must_write" => {
            format!("The power-on value of `{name}` is right: no sequence has to write it.")
        }
        only_on if only_on.starts_with("only_on ") && new.variants.is_all() => {
            format!("`{name}` now exists on every variant: a sequence may always access it.")
        }
        only_on if let Some(variant) = only_on.strip_prefix("only_on ") => format!(
            "`{name}` {} names {variant} as a variant that has it: `lint` lets a sequence access it only on those.",
            differs.now()
        ),
        other => format!("{other} of `{name}` is {is} and was {was}."),
    }
}

fn access(name: &str, old: Access, new: Access) -> String {
    let does = match new {
        Access::ReadWrite => "it reads back the written value",
        Access::ReadOnly => "writes to it are ignored",
        Access::WriteOnly => "it cannot be read",
        Access::ReadClears => "reading it clears it, and writes are ignored",
        Access::WriteOneClears => {
            "writing a one clears a bit, so writing back the read value clears every set bit"
        }
        Access::ReadOrWriteOneClears => {
            "reading it clears it, and writing a one clears a bit as well"
        }
        Access::WriteOneSets => "writing a one sets a bit, and a zero does nothing",
    };
    format!(
        "`{name}` is now `{}` and was `{}`: {does}.",
        new.name(),
        old.name()
    )
}
