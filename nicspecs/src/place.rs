//! Addresses of the elements of a register.

use crate::bounds::ELEMENTS;
use crate::ir::{Piece, Register};

/// One element of a register: the bytes it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) index: u32,
    pub(crate) piece: usize,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// Every element. Numbers that are out of range saturate; other rules report them.
pub(crate) fn elements(register: &Register) -> impl Iterator<Item = Element> {
    let bytes = register.bytes();
    register
        .pieces
        .iter()
        .enumerate()
        .flat_map(move |(piece, at)| {
            (0..at.count.min(ELEMENTS)).map(move |n| {
                let start = at
                    .offset
                    .saturating_add(u64::from(n).saturating_mul(at.stride));
                let index = at.first.saturating_add(n);
                Element {
                    index,
                    piece,
                    start,
                    end: start.saturating_add(bytes),
                }
            })
        })
}

/// The end of a piece's last element.
pub(crate) fn end(register: &Register, piece: &Piece) -> u64 {
    let last = u64::from(piece.count.saturating_sub(1)).saturating_mul(piece.stride);
    piece
        .offset
        .saturating_add(last)
        .saturating_add(register.bytes())
}

/// An element as people write it: `TDT[3]`, or `CTRL`.
pub(crate) fn called(register: &Register, index: u32) -> String {
    match register.is_array {
        true => format!("{}[{index}]", register.name),
        false => register.name.clone(),
    }
}
