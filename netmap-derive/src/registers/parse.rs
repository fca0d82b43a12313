//! From the declaration of a register map to a valid map.

use syn::parse::ParseStream;
use syn::{Attribute, DeriveInput, Field};

use super::facts::{Map, Register};
use super::overlap;
use super::place::{PieceKeys, Pieces};
use super::ty::{RegisterType, Width, take_apart};
use super::values::Values;
use crate::attr::{Key, each_key, unknown_key};
use crate::errors::Errors;
use crate::number::{Number, number};
use crate::shape::named_fields;

const KEYS: [&str; 6] = ["offset", "stride", "elements", "width", "name", "shared"];

/// Parses the item; the error contains all errors of the item.
pub(super) fn parse(input: &DeriveInput) -> syn::Result<Map> {
    let mut errors = Errors::default();
    for attr in attrs_of(&input.attrs) {
        errors.at(attr.path(), "`reg` is valid on a register only");
    }
    let mut values = Values::default();
    let mut registers = Vec::new();
    let fields = named_fields(input, "a register map", &mut errors);
    for field in fields.into_iter().flatten() {
        registers.extend(register(field, &mut values, &mut errors));
    }
    overlap::check(&registers, &mut errors);
    errors.finish(Some(Map {
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        registers,
        values: values.in_order,
    }))
}

fn attrs_of(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("reg"))
}

fn register(field: &Field, values: &mut Values, errors: &mut Errors) -> Option<Register> {
    let ident = field.ident.as_ref()?;
    let ty = errors.catch(take_apart(&field.ty));
    let mut width = Key::new("width");
    let mut name = Key::new("name");
    let mut shared = Key::new("shared");
    let mut pieces = Vec::new();
    for attr in attrs_of(&field.attrs) {
        let mut piece = PieceKeys::new();
        each_key(attr, errors, |key, input, _| {
            match key.to_string().as_str() {
                "offset" => piece.offset.assign(key, input, number),
                "stride" => piece.stride(key, input),
                "elements" => piece.elements(key, input),
                "width" => width.assign(key, input, width_of),
                "name" => name.assign(key, input, |input| input.parse()),
                "shared" => shared.read(key, || Ok(Some(()))),
                _ => Err(unknown_key(key, "`reg`", &KEYS)),
            }
        });
        pieces.push(piece.finish(attr, errors));
    }
    if pieces.is_empty() {
        errors.at(ident, "missing offset: `#[reg(offset = ...)]`");
    }
    let RegisterType { value, elements } = ty?;
    let width = values.width(ident, value, width.known()?, errors)?;
    let pieces = Pieces {
        pieces,
        name: name.optional(),
        width,
    };
    let place = match elements {
        None => pieces.one(errors)?,
        Some(elements) => pieces.array(ident, &elements, errors)?,
    };
    Some(Register {
        field: ident.clone(),
        ty: field.ty.clone(),
        width,
        shared: shared.optional().is_some(),
        place,
    })
}

fn width_of(input: ParseStream<'_>) -> syn::Result<(Number<u8>, Width)> {
    let bits: Number<u8> = number(input)?;
    match Width::of(bits.value) {
        Some(width) => Ok((bits, width)),
        None => Err(syn::Error::new_spanned(
            bits,
            "a register has 8, 16, 32 or 64 bits",
        )),
    }
}
