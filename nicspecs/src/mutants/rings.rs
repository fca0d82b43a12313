//! Rings, frames, descriptors and the multicast filter.

use super::scalars::{bits, like, number, range};
use super::{Kind, Maker};
use crate::ir::TxCompletion;
use crate::tree::NodeId;

pub(super) fn all(maker: &mut Maker<'_>) {
    doorbells(maker);
    for direction in ["tx", "rx"] {
        limits(maker, direction);
        patterns(maker, direction);
    }
    hash(maker);
    descriptors(maker);
}

/// Announcing to another register of the ring. It takes no compiler: where a doorbell is, is asked for at run time.
fn doorbells(maker: &mut Maker<'_>) {
    for direction in ["tx", "rx"] {
        let at = format!("{direction}.doorbell.register");
        let register = maker.node(&[direction, "doorbell", "register"]);
        let head = maker.node(&[direction, "registers", "head"]);
        let head = head
            .and_then(|head| maker.tree.text(head))
            .map(str::to_owned);
        if let (Some(register), Some(head)) = (register, head) {
            maker.replace(Kind::State, &at, register, head, &[]);
        }
        if let Some(again) = maker.node(&[direction, "doorbell", "again"]) {
            let at = format!("{direction}.doorbell.again");
            maker.replace(Kind::State, &at, again, "false".to_owned(), &[]);
        }
    }
    // A driver reads a position nowhere but where it learns from it what was sent.
    let reads_head = |each: &TxCompletion| matches!(each, TxCompletion::HeadRegister);
    if !maker.nic.tx().completions.iter().any(reads_head) {
        return;
    }
    let [tail, head] = ["tail", "head"].map(|register| maker.node(&["tx", "registers", register]));
    let tail = tail
        .and_then(|tail| maker.tree.text(tail))
        .map(str::to_owned);
    if let (Some(head), Some(tail)) = (head, tail) {
        maker.replace(Kind::State, "tx.registers.head", head, tail, &[]);
    }
}

/// What becomes of a number.
type Change = fn(u64) -> u64;

fn limits(maker: &mut Maker<'_>, direction: &str) {
    let paths: [(&[&str], Change); 10] = [
        (&["queues"], |queues| queues + 1),
        (&["ring", "min"], |min| min / 2),
        (&["ring", "max"], |max| max * 2),
        (&["ring", "multiple"], |multiple| (multiple / 2).max(1)),
        (&["ring", "align"], |align| align / 2),
        (&["ring", "address_bits"], |bits| 96 - bits),
        (&["frame", "min"], |min| min - 1),
        (&["frame", "max"], |max| max + 1),
        (&["frame", "descriptors"], |most| most + 1),
        (&["buffer", "size"], |size| size * 2),
    ];
    for (path, change) in paths {
        let full: Vec<_> = [direction]
            .into_iter()
            .chain(path.iter().copied())
            .collect();
        number_at(maker, &full, change);
    }
    number_at(maker, &[direction, "frame_max"], |max| max + 1);
    let at = [direction, "restart"];
    if let Some(node) = maker.node(&at) {
        let other = match maker.tree.text(node) {
            Some("queue") => "device",
            _ => "queue",
        };
        maker.replace(Kind::Ring, &at.join("."), node, other.to_owned(), &[]);
    }
}

fn number_at(maker: &mut Maker<'_>, path: &[&str], change: Change) {
    if let Some(node) = maker.node(path)
        && let Some(text) = maker.tree.text(node)
        && let Some(value) = number(text)
    {
        let other = like(text, change(value));
        maker.replace(Kind::Ring, &path.join("."), node, other, &[]);
    }
}

/// What is written into descriptors, and what is looked for in them.
fn patterns(maker: &mut Maker<'_>, direction: &str) {
    let pattern = if direction == "tx" { "encode" } else { "arm" };
    if let Some(set) = maker.node(&[direction, pattern, "set"]) {
        let entries = maker.tree.map(set).unwrap_or_default();
        for (index, entry) in entries.iter().enumerate() {
            let at = format!("{direction}.{pattern}.set.{}", entry.key);
            maker.change_numbers(Kind::Ring, &at, entry.value, &[]);
            if entries.len() > 1
                && let Some(range) = maker.without_entry(entries, index)
            {
                maker.add(
                    Kind::Ring,
                    &at,
                    "not set".to_owned(),
                    &[],
                    vec![(range, String::new())],
                );
            }
        }
    }
    let lists: [&[&str]; 8] = [
        &[direction, pattern, "first"],
        &[direction, pattern, "last"],
        &[direction, pattern, "report"],
        &[direction, pattern, "end_of_ring"],
        &[direction, "first"],
        &[direction, "last"],
        &[direction, "good", "clear"],
        &[direction, "good", "set"],
    ];
    for path in lists {
        let list = maker.node(path).and_then(|list| maker.tree.list(list));
        let items = list.unwrap_or_default();
        for (index, &item) in items.iter().enumerate() {
            let name = maker.tree.text(item).unwrap_or_default().to_owned();
            if let Some(range) = maker.without_word(items, index) {
                let change = format!("without {name}");
                maker.add(
                    Kind::Ring,
                    &path.join("."),
                    change,
                    &[],
                    vec![(range, String::new())],
                );
            }
        }
    }
}

fn hash(maker: &mut Maker<'_>) {
    for kind in ["address_bits", "crc32"] {
        let path = ["filters", "multicast", "hash", kind];
        if let Some(node) = maker.node(&path)
            && let Some((high, low)) = maker.tree.text(node).and_then(bits)
            && let (Some(high), Some(low)) = (high.checked_sub(1), low.checked_sub(1))
        {
            let other = range(high, low, maker.is_quoted(node));
            maker.replace(Kind::Ring, &path.join("."), node, other, &[]);
        }
    }
}

/// Every field moves by a bit, and fields of one width that stand side by side change places: a rule finds what leaves
/// a gap, and only a device finds the others.
fn descriptors(maker: &mut Maker<'_>) {
    let Some(all) = maker.node(&["descriptors"]) else {
        return;
    };
    for format in maker.tree.map(all).unwrap_or_default() {
        let used = maker.nic.descriptors().iter();
        if !used
            .clone()
            .any(|each| each.name == format.key && each.used)
        {
            continue;
        }
        let Some(fields) = maker.tree.get(format.value, "fields") else {
            continue;
        };
        let fields: Vec<_> = maker.tree.map(fields).unwrap_or_default().iter().collect();
        let mut placed: Vec<(u64, u64, &str, NodeId)> = Vec::new();
        for field in fields {
            if let Some(node) = maker.tree.get(field.value, "bits")
                && let Some((high, low)) = maker.tree.text(node).and_then(bits)
            {
                placed.push((low, high, &field.key, node));
            }
        }
        placed.sort_unstable_by_key(|(low, ..)| *low);
        for &(low, high, name, node) in &placed {
            let at = format!("descriptors.{}.fields.{name}.bits", format.key);
            let other = range(high + 1, low + 1, maker.is_quoted(node));
            maker.replace(Kind::Ring, &at, node, other, &[]);
        }
        for pair in placed.windows(2) {
            let [(low, high, name, node), (next_low, next_high, next, other)] = pair else {
                continue;
            };
            if high - low != next_high - next_low || high + 1 != *next_low {
                continue;
            }
            let (Some(a), Some(b)) = (maker.range(*node), maker.range(*other)) else {
                continue;
            };
            let (first, second) = (
                maker.text[a.clone()].to_owned(),
                maker.text[b.clone()].to_owned(),
            );
            let at = format!("descriptors.{}.fields.{name}.bits", format.key);
            let edits = vec![(a, second), (b, first)];
            maker.add(
                Kind::Ring,
                &at,
                format!("exchanged with {next}"),
                &[],
                edits,
            );
        }
    }
}
