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
    /// Whether a counter is in registers.
    in_registers: bool,
}

/// One counter.
struct Entry {
    comment: String,
    name: String,
    title: String,
    at: At,
    clears: bool,
    only_on: String,
}

/// The place of a counter.
enum At {
    Registers { low: Vec<Piece>, high: Vec<Piece> },
    Block { offset: u32, bytes: u32 },
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
        let counters: Vec<_> = facts
            .nic
            .statistics()
            .iter()
            .map(|counter| entry(counter, facts.nic))
            .collect();
        Self {
            header: header(
                facts.nic,
                &format!("Counters of the {}.", facts.nic.title()),
            ),
            in_registers: counters
                .iter()
                .any(|counter| matches!(counter.at, At::Registers { .. })),
            counters,
        }
    }
}

fn entry(counter: &Counter, nic: &Nic) -> Entry {
    let of_register = |register: &Register| {
        let doc = register.doc.as_ref().unwrap_or(&register.title);
        (about(register, false), doc.clone())
    };
    let ((comment, title), at) = match &counter.source {
        Source::One(register) => {
            let (low, high) = (pieces(register), Vec::new());
            (of_register(register), At::Registers { low, high })
        }
        Source::Pair { low, high } => {
            let at = At::Registers {
                low: pieces(low),
                high: pieces(high),
            };
            (of_register(low), at)
        }
        &Source::Block { offset, bytes } => {
            let comment = format!("Byte {offset} of the block.");
            let title = counter.doc.clone().unwrap_or_default();
            ((comment, title), At::Block { offset, bytes })
        }
    };
    let title = counter.doc.as_ref().unwrap_or(&title);
    Entry {
        comment,
        name: literal(&counter.name),
        title: literal(title.trim_end_matches('.')),
        at,
        clears: counter.clears(),
        only_on: only_on(&counter.variants, nic.variants()),
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
