//! From the declaration of a register map to a valid map.

use syn::parse::ParseStream;
use syn::{DeriveInput, Field};

use super::facts::{Map, Register};
use super::overlap;
use super::place::{PieceKeys, Pieces};
use super::ty::{RegisterType, Width, take_apart};
use super::values::Values;
use crate::attr::{self, AnyKey, Key};
use crate::errors::Errors;
use crate::number::{Number, number, range};
use crate::shape::named_fields;

/// Parses the item; the error contains all errors of the item.
pub(super) fn parse(input: &DeriveInput) -> syn::Result<Map> {
    let mut errors = Errors::default();
    for attr in attr::named(&input.attrs, "reg") {
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

fn register(field: &Field, values: &mut Values, errors: &mut Errors) -> Option<Register> {
    let ident = field.ident.as_ref()?;
    let ty = errors.catch(take_apart(&field.ty));
    let mut width = Key::assigned("width", width_of);
    let mut name = Key::parsed("name");
    let mut shared = Key::flag("shared");
    let mut pieces = Vec::new();
    for attr in attr::named(&field.attrs, "reg") {
        let mut offset = Key::assigned("offset", number);
        let mut stride = Key::assigned("stride", number);
        let mut elements = Key::assigned("elements", range);
        let keys: &mut [&mut dyn AnyKey] = &mut [
            &mut offset,
            &mut stride,
            &mut elements,
            &mut width,
            &mut name,
            &mut shared,
        ];
        attr::read(attr, "`reg`", keys, errors);
        let at = attr.path();
        pieces.push(PieceKeys {
            at: at.clone(),
            offset: offset.required(at, "bytes from the start of the space", errors),
            stride,
            elements,
        });
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
