//! Registers must not overlap, unless both are marked `shared`.

use super::facts::{Place, Register};
use crate::errors::Errors;
use crate::number::Number;

/// Reports the first overlap of two registers, or of two pieces of an array.
pub(super) fn check(registers: &[Register], errors: &mut Errors) {
    let extents: Vec<_> = registers.iter().flat_map(extents).collect();
    for (index, later) in extents.iter().enumerate() {
        for earlier in &extents[..index] {
            let same = later.register.field == earlier.register.field;
            if !same && later.register.shared && earlier.register.shared {
                continue;
            }
            let Some((here, there)) = later.first_overlap(earlier) else {
                continue;
            };
            let advice = match same {
                true => "",
                false => "; mark both `shared` if no variant has both",
            };
            let (here, there) = (later.name(here), earlier.name(there));
            errors.at(later.at, format!("{here} overlaps {there}{advice}"));
        }
    }
}

/// A register, or the elements of one piece.
struct Extent<'a> {
    register: &'a Register,
    at: &'a Number<u32>,
    first: u64,
    count: u64,
    offset: u64,
    stride: u64,
    bytes: u64,
}

fn extents<'a>(register: &'a Register) -> Vec<Extent<'a>> {
    let bytes = u64::from(register.width.bytes());
    let extent = |at: &'a Number<u32>, first, count, stride| Extent {
        register,
        at,
        first,
        count,
        offset: at.value.into(),
        stride,
        bytes,
    };
    match &register.place {
        Place::One(at) => vec![extent(at, 0, 1, bytes)],
        Place::Array { pieces, .. } => pieces
            .iter()
            .map(|piece| {
                let stride = piece.stride.value.into();
                extent(&piece.offset, piece.first, piece.count, stride)
            })
            .collect(),
    }
}

impl Extent<'_> {
    fn name(&self, element: u64) -> String {
        match self.register.place {
            Place::One(_) => format!("`{}`", self.register.field),
            Place::Array { .. } => format!("`{}[{}]`", self.register.field, self.first + element),
        }
    }

    fn end(&self) -> u64 {
        self.offset + (self.count - 1) * self.stride + self.bytes
    }

    /// An element of this extent and one of `other` that overlap.
    fn first_overlap(&self, other: &Extent<'_>) -> Option<(u64, u64)> {
        if self.offset >= other.end() || other.offset >= self.end() {
            return None;
        }
        if self.count > other.count {
            return other.first_overlap(self).map(|(there, here)| (here, there));
        }
        (0..self.count).find_map(|element| {
            let start = self.offset + element * self.stride;
            Some((element, other.element_in(start, start + self.bytes)?))
        })
    }

    /// The first element that overlaps `start..end`.
    fn element_in(&self, start: u64, end: u64) -> Option<u64> {
        let behind = |past: u64| past / self.stride + 1;
        let element = start
            .checked_sub(self.offset + self.bytes)
            .map_or(0, behind);
        let inside = element < self.count && self.offset + element * self.stride < end;
        inside.then_some(element)
    }
}
