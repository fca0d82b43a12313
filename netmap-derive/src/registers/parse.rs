//! From the declaration of a register map to a map without mistakes.

use std::collections::HashMap;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, DeriveInput, Field, LitStr, Type};

use super::overlap;
use super::ty::{RegisterType, Width, integer_width, take_apart};
use super::{Map, Piece, Place, Register, Value};
use crate::attr::{Key, Number, Span, assigned, each_key, number, span, u32, unknown_key};
use crate::errors::Errors;
use crate::shape::named_fields;

/// Reads the item; every mistake in it is in the error.
pub(super) fn parse(input: &DeriveInput) -> syn::Result<Map> {
    let mut errors = Errors::default();
    for attr in input
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("reg"))
    {
        errors.at(attr.path(), "`reg` belongs on a register");
    }
    let mut values = Values::default();
    let mut found = Vec::new();
    for field in named_fields(input, "a register map", &mut errors)
        .into_iter()
        .flatten()
    {
        found.extend(register(field, &mut values, &mut errors));
    }
    overlap::check(&found, &mut errors);
    errors.finish(Some(Map {
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        registers: found.into_iter().map(|found| found.register).collect(),
        values: values.in_order,
    }))
}

/// A register with what the check for overlaps needs besides.
pub(super) struct Found {
    pub(super) register: Register,
    pub(super) width: Width,
    pub(super) shared: bool,
}

fn register(field: &Field, values: &mut Values, errors: &mut Errors) -> Option<Found> {
    let ident = field.ident.as_ref()?;
    let attrs: Vec<_> = field
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("reg"))
        .collect();
    let ty = errors.catch(take_apart(&field.ty));
    if attrs.is_empty() {
        errors.at(ident, "where is it? `#[reg(offset = ...)]` is missing");
    }
    let mut facts = Facts::new();
    let pieces: Vec<_> = attrs
        .iter()
        .map(|attr| raw_piece(attr, &mut facts, errors))
        .collect();
    let RegisterType { value, elements } = ty?;
    let width = values.width(&value, facts.width.optional(), ident, errors)?;
    let offsets = pieces.iter().flatten().map(|piece| &piece.offset);
    for offset in offsets {
        if !offset.u32().is_multiple_of(width.bytes()) {
            errors.at(
                offset,
                format!(
                    "a register of {} bits lies at a multiple of {}",
                    width.bits(),
                    width.bytes()
                ),
            );
        }
    }
    let place = match elements {
        None => one(pieces, facts.name, errors)?,
        Some(elements) => array(ident, pieces, facts.name, &elements, width, errors)?,
    };
    Some(Found {
        register: Register {
            field: ident.clone(),
            ty: field.ty.clone(),
            place,
        },
        width,
        shared: facts.shared.optional().is_some(),
    })
}

/// What is said once of a register, whichever of its attributes says it.
struct Facts {
    width: Key<(Number, Width)>,
    name: Key<LitStr>,
    shared: Key<()>,
}

impl Facts {
    fn new() -> Self {
        Facts {
            width: Key::new("width"),
            name: Key::new("name"),
            shared: Key::new("shared"),
        }
    }
}

/// One attribute, before it is known what it is an attribute of.
struct RawPiece {
    offset: Number,
    stride: Option<(Ident, Number)>,
    elements: Option<(Ident, Span)>,
    attr: Attribute,
}

fn raw_piece(attr: &Attribute, facts: &mut Facts, errors: &mut Errors) -> Option<RawPiece> {
    let mut offset = Key::new("offset");
    let mut stride = Key::new("stride");
    let mut elements = Key::new("elements");
    each_key(attr, errors, |key, input, _| {
        match key.to_string().as_str() {
            "offset" => offset.set(key, assigned(input, u32)?),
            "stride" => stride.set(key, (key.clone(), assigned(input, u32)?)),
            "elements" => elements.set(key, (key.clone(), assigned(input, span)?)),
            "width" => facts.width.set(key, assigned(input, width)?),
            "name" => facts.name.set(key, assigned(input, |input| input.parse())?),
            "shared" => facts.shared.set(key, ()),
            _ => Err(unknown_key(
                key,
                "`reg`",
                &["offset", "stride", "elements", "width", "name", "shared"],
            )),
        }
    });
    Some(RawPiece {
        offset: offset.required(attr.path(), "where the register lies, in bytes", errors)?,
        stride: stride.optional(),
        elements: elements.optional(),
        attr: attr.clone(),
    })
}

fn width(input: syn::parse::ParseStream<'_>) -> syn::Result<(Number, Width)> {
    let number = number(input, u64::MAX)?;
    match Width::of(number.value) {
        Some(width) => Ok((number, width)),
        None => Err(syn::Error::new_spanned(
            number,
            "a register has 8, 16, 32 or 64 bits",
        )),
    }
}

/// The only piece of a register that stands alone.
fn one(pieces: Vec<Option<RawPiece>>, name: Key<LitStr>, errors: &mut Errors) -> Option<Place> {
    if let Some(name) = name.optional() {
        errors.at(name, "only an array carries its name, for its error");
    }
    for more in pieces.iter().skip(1).flatten() {
        errors.at(
            more.attr.path(),
            "one register lies at one place; pieces make an `Array`",
        );
    }
    let only = pieces.into_iter().next()??;
    if let Some((key, _)) = only.stride {
        errors.at(
            key,
            "one register has no `stride`; elements make an `Array`",
        );
    }
    if let Some((key, _)) = only.elements {
        errors.at(
            key,
            "one register has no `elements`; elements make an `Array`",
        );
    }
    Some(Place::One {
        offset: only.offset,
    })
}

/// The pieces of an array: they follow each other from element 0 and have all its elements.
fn array(
    ident: &Ident,
    pieces: Vec<Option<RawPiece>>,
    name: Key<LitStr>,
    elements: &Number,
    width: Width,
    errors: &mut Errors,
) -> Option<Place> {
    let whole = pieces.len() == 1;
    let mut next = 0;
    let mut complete = Vec::new();
    for piece in pieces {
        let piece = piece?;
        let Some((_, stride)) = piece.stride else {
            errors.at(
                piece.attr.path(),
                "`stride` is missing: how many bytes from one element to the next",
            );
            return None;
        };
        if stride.u32() < width.bytes() {
            errors.at(
                &stride,
                format!(
                    "elements of {} bytes overlap at this distance",
                    width.bytes()
                ),
            );
        } else if !stride.u32().is_multiple_of(width.bytes()) {
            errors.at(
                &stride,
                format!(
                    "elements of {} bytes lie at a multiple of it",
                    width.bytes()
                ),
            );
        }
        let (first, count) = match &piece.elements {
            None if whole => (0, elements.u32()),
            None => {
                errors.at(
                    piece.attr.path(),
                    "`elements` is missing: which elements lie in this piece",
                );
                return None;
            }
            Some((_, span)) => {
                if span.first.u32() != next {
                    errors.at(
                        &span.first,
                        format!("this piece begins at element {next}, where the last one ended"),
                    );
                }
                if span.end > elements.u32() {
                    errors.at(
                        &span.bound,
                        format!("the array has {} elements", elements.value),
                    );
                }
                (span.first.u32(), span.count())
            }
        };
        let bytes = u64::from(count - 1) * stride.value + u64::from(width.bytes());
        if piece.offset.value + bytes > 1 << 32 {
            errors.at(&piece.offset, "the last element lies beyond 4 GiB");
        }
        next = first + count;
        complete.push(Piece {
            first,
            count,
            offset: piece.offset,
            stride,
        });
    }
    if next < elements.u32() && !complete.is_empty() {
        errors.at(
            elements,
            format!("the pieces have {next} elements together"),
        );
    }
    Some(Place::Array {
        name: match name.optional() {
            Some(name) => name.value(),
            None => ident.unraw().to_string().to_uppercase(),
        },
        pieces: complete,
    })
}

/// The value types and where each was seen first.
#[derive(Default)]
struct Values {
    in_order: Vec<Value>,
    seen: HashMap<String, (Width, Ident)>,
}

impl Values {
    fn width(
        &mut self,
        ty: &Type,
        given: Option<(Number, Width)>,
        field: &Ident,
        errors: &mut Errors,
    ) -> Option<Width> {
        if let Some(own) = integer_width(ty) {
            if let Some((literal, given)) = given
                && given != own
            {
                errors.at(
                    literal,
                    format!("`{}` has {} bits", ty.to_token_stream(), own.bits()),
                );
            }
            return Some(own);
        }
        let width = given.as_ref().map_or(Width::DEFAULT, |(_, width)| *width);
        let name = ty.to_token_stream().to_string();
        match self.seen.get(&name) {
            None => {
                self.seen.insert(name, (width, field.clone()));
                self.in_order.push(Value {
                    ty: ty.clone(),
                    width,
                });
            }
            Some((first, _)) if *first == width => {}
            Some((first, at)) => {
                let message = format!(
                    "`{name}` has {} bits in `{at}`, and no other width here",
                    first.bits()
                );
                match given {
                    Some((literal, _)) => errors.at(literal, message),
                    None => errors.at(ty, message),
                }
            }
        }
        Some(width)
    }
}
