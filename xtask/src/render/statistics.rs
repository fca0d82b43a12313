//! `statistics.rs`: the counters.

use askama::Template;
use nicspecs::ir::{Counter, Nic, Register, Source};

use super::facts::Facts;
use super::header;
use super::regs::{about, digits};
use super::steps::literal;
use super::tables::only_on;
use super::text::hex;

/// The file.
#[derive(Template)]
#[template(path = "statistics.rs.jinja", escape = "none")]
pub struct Statistics {
    header: String,
    counters: Vec<Entry>,
}

/// One counter.
struct Entry {
    comment: String,
    name: String,
    title: String,
    low: Vec<Piece>,
    high: Vec<Piece>,
    clears: bool,
    only_on: String,
}

/// Elements at equal distances.
struct Piece {
    first: u32,
    count: u32,
    offset: String,
    stride: u64,
}

impl Statistics {
    /// The view of a NIC.
    pub fn new(facts: &Facts) -> Self {
        Self {
            header: header(
                facts.nic,
                &format!("Counters of the {}.", facts.nic.title()),
            ),
            counters: facts
                .nic
                .statistics()
                .iter()
                .map(|counter| entry(counter, facts.nic))
                .collect(),
        }
    }
}

fn entry(counter: &Counter, nic: &Nic) -> Entry {
    let (low, high) = match &counter.source {
        Source::One(register) => (register, None),
        Source::Pair { low, high } => (low, Some(high)),
    };
    let title = counter
        .doc
        .as_ref()
        .or(low.doc.as_ref())
        .unwrap_or(&low.title);
    Entry {
        comment: about(low, false),
        name: literal(&counter.name),
        title: literal(title.trim_end_matches('.')),
        low: pieces(low),
        high: high.map(|high| pieces(high)).unwrap_or_default(),
        clears: counter.clears(),
        only_on: only_on(&counter.variants(), nic.variants()),
    }
}

fn pieces(register: &Register) -> Vec<Piece> {
    let pieces = register.pieces.iter().map(|piece| Piece {
        first: piece.first,
        count: piece.count,
        offset: hex(piece.offset, digits(register)),
        stride: piece.stride,
    });
    pieces.collect()
}
