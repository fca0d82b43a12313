//! `#[derive(Registers)]`: the register map of a NIC.

mod expand;
mod overlap;
mod parse;
mod place;
mod ty;
mod values;

use proc_macro2::{Ident, TokenStream};
use syn::{Type, Visibility};

use crate::number::Number;
use ty::Width;

/// A valid register map.
struct Map {
    ident: Ident,
    vis: Visibility,
    registers: Vec<Register>,
    values: Vec<Value>,
}

/// A register or an array of registers.
struct Register {
    field: Ident,
    ty: Type,
    width: Width,
    /// Whether other registers may overlap it.
    shared: bool,
    place: Place,
}

/// The offsets of a register or an array of registers.
enum Place {
    One(Number<u32>),
    Array { name: String, pieces: Vec<Piece> },
}

/// Elements at equal distances.
struct Piece {
    first: u64,
    count: u64,
    offset: Number<u32>,
    stride: Number<u32>,
}

/// A value type with named fields.
struct Value {
    ty: Type,
    width: Width,
}

/// Expands the derive.
pub(crate) fn derive(input: TokenStream) -> syn::Result<TokenStream> {
    Ok(expand::expand(&parse::parse(&syn::parse2(input)?)?))
}
