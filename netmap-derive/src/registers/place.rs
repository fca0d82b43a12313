//! The offset of a register, or the pieces of an array.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{LitStr, Path};

use super::facts::{Piece, Place};
use super::ty::Width;
use crate::attr::Key;
use crate::errors::Errors;
use crate::number::{Number, Range};

/// One attribute, of a register or an array.
pub(super) struct PieceKeys {
    pub(super) at: Path,
    pub(super) offset: Option<Number<u32>>,
    pub(super) stride: Key<'static, Number<u32>>,
    pub(super) elements: Key<'static, Range>,
}

/// All attributes of a field.
pub(super) struct Pieces {
    pub(super) pieces: Vec<PieceKeys>,
    pub(super) name: Option<LitStr>,
    pub(super) width: Width,
}

impl Pieces {
    /// The place of a single register.
    pub(super) fn one(self, errors: &mut Errors) -> Option<Place> {
        if let Some(name) = self.name {
            errors.at(name, "`name` is valid on an array only, for its error");
        }
        for more in self.pieces.iter().skip(1) {
            errors.at(
                &more.at,
                "a register has one offset; use an `Array` for several pieces",
            );
        }
        let only = self.pieces.into_iter().next()?;
        let of_arrays = [only.stride.given(), only.elements.given()];
        for key in of_arrays.into_iter().flatten() {
            errors.at(key, format!("`{key}` is valid on an `Array` only"));
        }
        let offset = only.offset?;
        aligned(&offset, self.width, errors);
        Some(Place::One(offset))
    }

    /// The place of an array: its pieces are consecutive from element 0 and cover all its elements.
    pub(super) fn array(
        self,
        field: &Ident,
        elements: &Number<u32>,
        errors: &mut Errors,
    ) -> Option<Place> {
        let alone = self.pieces.len() == 1;
        let mut next = Some(0);
        let pieces: Vec<_> = self
            .pieces
            .into_iter()
            .map(|keys| {
                let piece = piece(keys, alone, next, elements, self.width, errors);
                next = piece.as_ref().map(|piece| piece.first + piece.count);
                piece
            })
            .collect();
        let pieces: Vec<Piece> = pieces.into_iter().collect::<Option<_>>()?;
        if pieces.is_empty() {
            return None;
        }
        if next.is_some_and(|next| next < u64::from(elements.value)) {
            let message = format!(
                "the pieces have {} elements in total",
                pieces.iter().map(|piece| piece.count).sum::<u64>()
            );
            errors.at(elements, message);
        }
        Some(Place::Array {
            name: match self.name {
                Some(name) => name.value(),
                None => field.unraw().to_string().to_uppercase(),
            },
            pieces,
        })
    }
}

/// A piece that begins at element `next`, if the end of the previous one is known.
fn piece(
    facts: PieceKeys,
    alone: bool,
    next: Option<u64>,
    all: &Number<u32>,
    width: Width,
    errors: &mut Errors,
) -> Option<Piece> {
    let stride = facts
        .stride
        .required(&facts.at, "bytes from one element to the next", errors);
    let elements = facts.elements;
    let elements = match alone {
        true => elements.known()?,
        false => Some(elements.required(&facts.at, "the elements of this piece", errors)?),
    };
    let (first, count) = match &elements {
        Some(elements) => within(elements, next, all, errors),
        None => (0, u64::from(all.value)),
    };
    let offset = facts.offset?;
    aligned(&offset, width, errors);
    let stride = stride?;
    if stride.value < width.bytes() {
        let message = format!("elements of {} bytes do not fit this stride", width.bytes());
        errors.at(&stride, message);
        return None;
    }
    aligned(&stride, width, errors);
    let end =
        u64::from(offset.value) + (count - 1) * u64::from(stride.value) + u64::from(width.bytes());
    if end > 1 << 32 {
        errors.at(&offset, "the last element is beyond 4 GiB");
        return None;
    }
    Some(Piece {
        first,
        count,
        offset,
        stride,
    })
}

/// The elements of a piece: from the end of the previous piece up to at most the end of the array.
fn within(range: &Range, next: Option<u64>, all: &Number<u32>, errors: &mut Errors) -> (u64, u64) {
    let first = u64::from(range.first.value);
    if let Some(next) = next.filter(|next| *next != first) {
        errors.at(
            &range.first,
            format!("the piece must begin at element {next}"),
        );
    }
    if range.last >= all.value {
        let message = format!("the array has {} elements", all.value);
        errors.at(&range.bound, message);
    }
    (first, range.count())
}

fn aligned(offset: &Number<u32>, width: Width, errors: &mut Errors) {
    if !offset.value.is_multiple_of(width.bytes()) {
        let message = format!(
            "the offset of a register of {} bits must be a multiple of {}",
            width.bits(),
            width.bytes()
        );
        errors.at(offset, message);
    }
}
