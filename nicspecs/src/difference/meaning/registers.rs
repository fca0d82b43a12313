//! Registers that were added, removed or moved.

use std::sync::Arc;

use super::differs::{Uses, listed, uses};
use crate::difference::change::{Change, Difference, Kind};
use crate::ir::{Access, Field, Register};
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
    let Some(register) = new.or(old) else {
        return Vec::new();
    };
    let uses = uses(change, register.access);
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
    let is_variant = |each: &&Difference| each.aspect.starts_with("only_on");
    let others = differs.into_iter().filter(|each| !is_place(&each.aspect));
    let (variants, others): (Vec<_>, Vec<_>) = others.partition(is_variant);
    sentences.extend(others.into_iter().map(|each| aspect(each, old, new, uses)));
    sentences.extend((!variants.is_empty()).then(|| self::variants(&variants, old, new)));
    sentences
}

/// The sentence about the variants that have a register.
fn variants(differs: &[&Difference], old: &Register, new: &Register) -> String {
    let name = &new.name;
    let names = |is: fn(&Difference) -> bool| {
        let names = differs.iter().filter(|each| is(each));
        let names = names.filter_map(|each| each.aspect.strip_prefix("only_on "));
        listed(&names.collect::<Vec<_>>())
    };
    let (added, removed) = (
        names(|each| each.new.is_some()),
        names(|each| each.new.is_none()),
    );
    match (old.variants.is_all(), new.variants.is_all()) {
        (_, true) => {
            format!("`{name}` now exists on every variant: a sequence may always access it.")
        }
        (true, false) => format!(
            "`{name}` now exists only on {added}: `lint` refuses steps that access it on other variants."
        ),
        (false, false) => match (added.as_str(), removed.as_str()) {
            (added, "") => format!("`{name}` now exists also on {added}."),
            ("", removed) => format!("`{name}` no longer exists on {removed}."),
            (added, removed) => {
                format!("`{name}` now exists on {added}, and no longer on {removed}.")
            }
        },
    }
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
        (_, verbs) => {
            let lost = match (uses.writes, uses.reads) {
                (true, true) => "no longer receives the writes, and reads return another register",
                (true, false) => "no longer receives the writes",
                (false, true) => "returns another register",
                (false, false) => "has another register there",
            };
            format!("The driver now {verbs} `{name}` at {is}: a NIC that has it at {was} {lost}.")
        }
    }
}

fn aspect(differs: &Difference, old: &Register, new: &Register, uses: &Uses) -> String {
    let name = &new.name;
    let (was, is) = (differs.was(), differs.is());
    match differs.aspect.as_str() {
        "count" => {
            let (few, many) = (old.count().min(new.count()), old.count().max(new.count()));
            let elements = match many.saturating_sub(few) {
                0 | 1 => format!("`{name}[{few}]` is"),
                _ => format!("`{name}[{few}]` to `{name}[{}]` are", many - 1),
            };
            let what = if new.count() > old.count() {
                "new"
            } else {
                "gone"
            };
            format!("`{name}` now has a count of {is} instead of {was}: {elements} {what}.")
        }
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
                "Only the simulated device changes: after a reset it holds {is} in `{name}` instead of {was}{}{kept}.",
                flipped(old, new)
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
        other => format!("{other} of `{name}` is {is} and was {was}."),
    }
}

/// The fields that have another value after a reset, in parentheses.
fn flipped(old: &Register, new: &Register) -> String {
    let value = |register: &Register, field: &Field| (register.reset & field.mask()) >> field.low;
    let fields = new.fields.iter();
    let fields = fields.filter(|field| field.width > 0 && field.low < 64 && field.high() < 64);
    let differing: Vec<String> = fields
        .filter(|field| value(old, field) != value(new, field))
        .map(|field| {
            format!(
                "`{}` {} instead of {}",
                field.name,
                value(new, field),
                value(old, field)
            )
        })
        .collect();
    match differing.is_empty() {
        true => String::new(),
        false => format!(" ({})", listed(&differing)),
    }
}

/// What is different about reads and writes.
fn access(name: &str, old: Access, new: Access) -> String {
    let mut effects = Vec::new();
    let read = |access: Access| (access.can_read(), access.read_clears());
    match (read(old), read(new)) {
        (old, new) if old == new => {}
        ((false, _), (_, true)) => effects.push("a read now returns its value and clears it"),
        ((false, _), (_, false)) => effects.push("a read now returns its value"),
        (_, (false, _)) => effects.push("a read no longer returns its value"),
        (_, (_, true)) => effects.push("a read now clears it"),
        (_, (_, false)) => effects.push("a read no longer clears it"),
    }
    let write = |access: Access| match access {
        Access::ReadWrite | Access::WriteOnly => "a write now replaces the whole value",
        Access::ReadOnly | Access::ReadClears => "a write is now ignored",
        Access::WriteOneClears | Access::ReadOrWriteOneClears => {
            "a write now clears the bits that are one in it, and keeps the others"
        }
        Access::WriteOneSets => {
            "a write now sets the bits that are one in it, and keeps the others"
        }
        Access::WriteClears => "a write of any value now clears it",
    };
    if write(old) != write(new) {
        effects.push(write(new));
    }
    format!(
        "`{name}` is now `{}` and was `{}`: {}.",
        new.name(),
        old.name(),
        effects.join("; ")
    )
}
