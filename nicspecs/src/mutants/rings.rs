//! Rings, frames, what is written into descriptors, and the multicast filter.

use super::maker::{Fact, Kind, Maker};
use super::scalars::{bits, like, number, range};
use crate::ir::Scheme;

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
    let tree = maker.tree;
    let register = |maker: &Maker<'_>, direction, name| {
        let register = maker.node(&[direction, "registers", name])?;
        tree.text(register).map(str::to_owned)
    };
    for direction in ["tx", "rx"] {
        let head = register(maker, direction, "head");
        maker.change(Kind::State, &[direction, "doorbell", "register"], |_| head);
        maker.change(Kind::State, &[direction, "doorbell", "again"], |_| {
            Some("false".to_owned())
        });
    }
    // A driver reads the head only with the scheme that reports completions in it.
    if maker.nic.tx().has(Scheme::HeadRegister) {
        let tail = register(maker, "tx", "tail");
        maker.change(Kind::State, &["tx", "registers", "head"], |_| tail);
    }
}

/// A change of a number.
type Change = fn(u64) -> u64;

fn limits(maker: &mut Maker<'_>, direction: &str) {
    let mut paths: Vec<(&[&str], Change)> = vec![
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
    // A port takes the smaller of both limits.
    if maker.nic.rx().frame_max < maker.nic.tx().frame.max {
        paths.push((&["frame_max"], |max| max + 1));
    }
    for (path, change) in paths {
        let path = [&[direction], path].concat();
        let other = |text: &str| Some(like(text, change(number(text)?)));
        maker.change(Kind::Ring, &path, other);
    }
    maker.toggle(Kind::Ring, &[direction, "restart"], ["queue", "device"]);
}

/// Fields of descriptors that the driver writes, and those that it reads.
fn patterns(maker: &mut Maker<'_>, direction: &str) {
    let pattern = if direction == "tx" { "encode" } else { "arm" };
    let entries = maker.entries(maker.node(&[direction, pattern, "set"]));
    for (index, entry) in entries.iter().enumerate() {
        let at = format!("{direction}.{pattern}.set.{}", entry.key);
        let fact = Fact::new(Kind::Ring, at, []);
        maker.change_numbers(&fact, entry.value);
        if entries.len() > 1
            && let Some(range) = maker.without_entry(entries, index)
        {
            maker.remove(&fact, "not set".to_owned(), range);
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
        if let Some(list) = maker.node(path) {
            maker.shorten(list, |_| Fact::new(Kind::Ring, path.join("."), []));
        }
    }
}

fn hash(maker: &mut Maker<'_>) {
    for kind in ["address_bits", "crc32"] {
        let path = ["filters", "multicast", "hash", kind];
        let quoted = maker.node(&path).is_some_and(|node| maker.is_quoted(node));
        maker.change(Kind::Ring, &path, |text| {
            let (high, low) = bits(text)?;
            Some(range(high.checked_sub(1)?, low.checked_sub(1)?, quoted))
        });
    }
}
