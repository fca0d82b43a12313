//! Fields of registers that were added, removed, moved or changed in size or values.

use std::sync::Arc;

use super::differs::{Uses, listed, uses};
use super::registers::whereabouts;
use crate::difference::change::{Change, Difference, Kind};
use crate::ir::{Field, Register};
use crate::printer;

pub(super) fn of(
    change: &Change,
    (old, new): (Option<&Arc<Register>>, Option<&Arc<Register>>),
    name: &str,
) -> Vec<String> {
    let (Some(old), Some(new)) = (old, new) else {
        return Vec::new();
    };
    match (&change.kind, old.field(name), new.field(name)) {
        (Kind::Added(_), _, Some(field)) => vec![added(new, field)],
        (Kind::Removed(_), Some(field), _) => vec![removed(old, field)],
        (Kind::Changed(_), Some(before), Some(after)) => {
            let (uses, differs) = (uses(change, new.access), change.kind.differing());
            let mut sentences = Vec::new();
            if differs.iter().any(|each| each.aspect == "bits") {
                sentences.push(moved((old, before), (new, after), &uses));
            }
            sentences.extend(differs.iter().filter_map(|each| value(each, after)));
            sentences
        }
        _ => Vec::new(),
    }
}

/// `bit 25 (mask 0x02000000)`.
fn bits(register: &Register, field: &Field) -> String {
    let bits = printer::bits(field.low, field.width);
    let noun = noun(field);
    let mask = (u128::MAX >> (128 - field.width.clamp(1, 64))) << field.low.min(63);
    let digits = 2 + register.width as usize / 4;
    format!("{noun} {bits} (mask {mask:#0digits$x})")
}

fn noun(field: &Field) -> &'static str {
    if field.is_bit() { "bit" } else { "bits" }
}

fn added(register: &Register, field: &Field) -> String {
    let (bits, place) = (bits(register, field), whereabouts(register));
    let name = &field.name;
    format!(
        "{} of {place} is now `{name}`; a step that writes the whole register without naming it writes it as zero.",
        capital(&bits)
    )
}

fn removed(register: &Register, field: &Field) -> String {
    let (bits, place) = (bits(register, field), whereabouts(register));
    format!(
        "{} of {place} is now reserved: a step that writes fields of the register writes it as zero.",
        capital(&bits)
    )
}

/// The sentence about a field whose bits changed.
fn moved(
    (old, before): (&Register, &Field),
    (new, after): (&Register, &Field),
    uses: &Uses,
) -> String {
    if before.low == after.low && before.width != after.width {
        let unused = if uses.unused {
            " The driver does not use it."
        } else {
            ""
        };
        return resized((old, before), (new, after)) + unused;
    }
    let name = format!("{}.{}", new.name, after.name);
    let (was, is) = (bits(old, before), bits(new, after));
    let place = whereabouts(new);
    let taken = taken(new, after);
    if uses.unused {
        return format!(
            "The driver does not use `{name}`: only its accessors and the simulated device now have it in {is}{taken} of {place} instead of {was}."
        );
    }
    let there = format!(
        "{} {}",
        noun(before),
        printer::bits(before.low, before.width)
    );
    let lost = match (uses.writes, uses.reads) {
        (true, true) => format!(
            "a NIC that has it in {there} no longer receives it, and returns it in other bits"
        ),
        (true, false) => format!("a NIC that has it in {there} no longer receives it"),
        (false, true) => format!("a NIC that has it in {there} returns it in other bits"),
        (false, false) => format!("a NIC that has it in {there} has another field there"),
    };
    let verbs = &uses.verbs;
    format!("The driver now {verbs} `{name}` in {is}{taken} of {place} instead of {was}: {lost}.")
}

/// The sentences about a field that begins at the same bit and has another size.
fn resized((old, before): (&Register, &Field), (new, after): (&Register, &Field)) -> String {
    let name = format!("{}.{}", new.name, after.name);
    let (was, is) = (bits(old, before), bits(new, after));
    let grows = before.width < after.width;
    let (small, large) = if grows {
        (before, after)
    } else {
        (after, before)
    };
    let rest = printer::bits(
        small.low.saturating_add(small.width),
        large.width.saturating_sub(small.width),
    );
    let bits = match large.width - small.width {
        1 => format!("bit {rest} is"),
        _ => format!("bits {rest} are"),
    };
    let rest = match grows {
        true => format!("On a NIC with the smaller field, {bits} something else."),
        false => format!("On a NIC with the larger field, {bits} part of it."),
    };
    format!(
        "`{name}` is now in {is}{} of {} instead of {was}, so its largest value is {} instead of {}. {rest}",
        taken(new, after),
        whereabouts(new),
        largest(after),
        largest(before)
    )
}

/// The largest value of a field, also in a spec whose widths are wrong.
fn largest(field: &Field) -> u64 {
    u64::MAX >> (64 - field.width.clamp(1, 64))
}

/// The other fields that have those bits.
fn taken(register: &Register, field: &Field) -> String {
    let end = |field: &Field| field.low.saturating_add(field.width);
    let overlaps = |other: &&Arc<Field>| {
        other.name != field.name && other.low < end(field) && field.low < end(other)
    };
    let others = register.fields.iter().filter(overlaps);
    let others: Vec<String> = others.map(|other| format!("`{}`", other.name)).collect();
    match others.is_empty() {
        true => String::new(),
        false => format!(", which {} also has,", listed(&others)),
    }
}

fn value(differs: &Difference, field: &Field) -> Option<String> {
    let value = differs.aspect.strip_prefix("values ")?;
    let name = &field.name;
    let (was, is) = (differs.was(), differs.is());
    Some(match (&differs.old, &differs.new) {
        (None, Some(new)) => format!("`{name}` now has a name for {new}: `{value}`."),
        (Some(old), None) => format!("`{name}` no longer has a name for {old}: it was `{value}`."),
        _ => format!(
            "A step that uses `{value}` now writes or compares {is} in `{name}` instead of {was}."
        ),
    })
}

fn capital(text: &str) -> String {
    let (first, rest) = text.split_at(1);
    first.to_ascii_uppercase() + rest
}
