//! `#[derive(Registers)]`: where the registers of a NIC lie.

mod expand;
mod overlap;
mod parse;
mod ty;

use proc_macro2::{Ident, TokenStream};
use syn::{Type, Visibility};

use crate::attr::Number;

/// A register map without mistakes.
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
    place: Place,
}

/// Where a register or an array of registers lies.
enum Place {
    One { offset: Number },
    Array { name: String, pieces: Vec<Piece> },
}

/// Elements at equal distances.
struct Piece {
    first: u32,
    count: u32,
    offset: Number,
    stride: Number,
}

/// A type with named fields that registers hold.
struct Value {
    ty: Type,
    width: ty::Width,
}

/// Expands the derive.
pub(crate) fn derive(input: TokenStream) -> syn::Result<TokenStream> {
    Ok(expand::expand(&parse::parse(&syn::parse2(input)?)?))
}
