//! Rings, frames, what is written into descriptors, and the multicast filter.

use super::maker::{Kind, Maker};
use super::scalars::{bits, like, number, range};
use crate::ir::TxCompletion;

pub(super) fn all(maker: &mut Maker<'_>) {
    doorbells(maker);
    for direction in ["tx", "rx"] {
        limits(maker, direction);
        patterns(maker, direction);
    }
    hash(maker);
}

/// Another register of the ring as doorbell. This needs no compiler: the driver looks up the doorbell at run time.
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
    // A driver reads the head only with the scheme that reports completions in it.
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

/// A change of a number.
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
    // A port takes the smaller of both limits.
    if maker.nic.rx().frame_max < maker.nic.tx().frame.max {
        number_at(maker, &[direction, "frame_max"], |max| max + 1);
    }
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

/// Fields of descriptors that the driver writes, and those that it reads.
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
