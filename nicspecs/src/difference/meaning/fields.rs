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
            let (uses, differs) = (uses(change), change.kind.differing());
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
    let name = format!("{}.{}", new.name, after.name);
    let (was, is) = (bits(old, before), bits(new, after));
    let place = whereabouts(new);
    let taken = taken(new, after);
    let same_place = before.low == after.low;
    if uses.unused {
        return format!(
            "The driver does not use `{name}`: only its accessors and the simulated device now have it in {is}{taken} of {place} instead of {was}."
        );
    }
    let verbs = match uses.verbs.as_str() {
        "" => "looks for",
        verbs => verbs,
    };
    let there = format!(
        "{} {}",
        noun(before),
        printer::bits(before.low, before.width)
    );
    let lost = match (same_place, uses.writes, uses.reads) {
        (true, _, _) => {
            format!("a NIC that has it in {there} reads or writes other values")
        }
        (_, true, true) => format!(
            "a NIC that has it in {there} no longer receives it, and returns it in other bits"
        ),
        (_, true, false) => format!("a NIC that has it in {there} no longer receives it"),
        _ => format!("a NIC that has it in {there} returns it in other bits"),
    };
    format!("The driver now {verbs} `{name}` in {is}{taken} of {place} instead of {was}: {lost}.")
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
