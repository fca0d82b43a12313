//! What a map of registers says, without errors.

use proc_macro2::Ident;
use syn::{Type, Visibility};

use super::ty::Width;
use crate::number::Number;

/// A valid register map.
pub(super) struct Map {
    pub(super) ident: Ident,
    pub(super) vis: Visibility,
    pub(super) registers: Vec<Register>,
    pub(super) values: Vec<Value>,
}

/// A register or an array of registers.
pub(super) struct Register {
    pub(super) field: Ident,
    pub(super) ty: Type,
    pub(super) width: Width,
    /// Whether other registers may overlap it.
    pub(super) shared: bool,
    pub(super) place: Place,
}

/// The offsets of a register or an array of registers.
pub(super) enum Place {
    One(Number<u32>),
    Array { name: String, pieces: Vec<Piece> },
}

/// Elements at equal distances.
pub(super) struct Piece {
    pub(super) first: u64,
    pub(super) count: u64,
    pub(super) offset: Number<u32>,
    pub(super) stride: Number<u32>,
}

/// A value type with named fields.
pub(super) struct Value {
    pub(super) ty: Type,
    pub(super) width: Width,
}
