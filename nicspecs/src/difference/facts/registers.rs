//! Registers and their fields.

use std::sync::Arc;

use super::item::Item;
use crate::difference::change::Subject;
use crate::ir::{EnumValue, Field, Piece, Register};
use crate::printer::{Printer, number, offset};

/// A register and its fields.
pub(super) fn items(register: &Arc<Register>, spell: Printer<'_>) -> Vec<Item> {
    let Register {
        name,
        space,
        reset,
        is_array,
        pieces,
        fields,
        variants,
        ..
    } = &**register;
    let mut item = Item::new(Subject::Register(name.clone()));
    item.fact("space", &space.name);
    match pieces.as_slice() {
        [piece] => {
            let Piece {
                first: _,
                count,
                offset: at,
                stride,
            } = piece;
            item.fact("offset", offset(*at));
            if *is_array {
                item.fact("stride", format!("{stride:#x}"));
                item.fact("count", count);
            }
        }
        pieces => {
            for (index, piece) in pieces.iter().enumerate() {
                item.fact(format!("piece {}", index + 1), self::piece(piece));
            }
        }
    }
    item.fact("reset", number(*reset));
    if !variants.is_all() {
        item.fact("only_on", spell.variants(variants));
    }
    let fields = fields.iter().map(|field| self::field(name, field));
    std::iter::once(item).chain(fields).collect()
}

fn piece(piece: &Piece) -> String {
    let Piece {
        first,
        count,
        offset: at,
        stride,
    } = piece;
    let end = first.saturating_add(*count);
    format!(
        "elements {first} to {} at {}, stride {stride:#x}",
        end.saturating_sub(1),
        offset(*at)
    )
}

fn field(register: &str, field: &Field) -> Item {
    let Field { name, values, .. } = field;
    let mut item = Item::new(Subject::Field {
        register: register.to_owned(),
        field: name.clone(),
    });
    for value in values {
        let EnumValue {
            name,
            const_name: _,
            value,
        } = &**value;
        item.fact(format!("value {name}"), number(*value));
    }
    item
}
