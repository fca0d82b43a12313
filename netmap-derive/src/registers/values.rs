//! The value types of registers: each type has one width.

use std::collections::HashMap;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::Type;

use super::facts::Value;
use super::ty::{Width, integer_width};
use crate::errors::Errors;
use crate::number::Number;

/// The types in the order of their first use.
#[derive(Default)]
pub(super) struct Values {
    pub(super) in_order: Vec<Value>,
    seen: HashMap<String, (Width, Ident)>,
}

impl Values {
    /// The width of the register `field` with the value type `ty`: from its attribute, or from the type.
    pub(super) fn width(
        &mut self,
        field: &Ident,
        ty: &Type,
        given: Option<(Number<u8>, Width)>,
        errors: &mut Errors,
    ) -> Option<Width> {
        if let Some(own) = errors.catch(integer_width(ty))? {
            if let Some((literal, width)) = given
                && width != own
            {
                errors.at(literal, format!("`{}` has {} bits", name(ty), own.bits()));
            }
            return Some(own);
        }
        let width = given.as_ref().map_or(Width::DEFAULT, |(_, width)| *width);
        match self.seen.get(&name(ty)) {
            None => {
                self.seen.insert(name(ty), (width, field.clone()));
                self.in_order.push(Value {
                    ty: ty.clone(),
                    width,
                });
            }
            Some((known, _)) if *known == width => {}
            Some((known, at)) => {
                let message = format!(
                    "`{}` has {} bits here and {} in `{at}`, but a type has one width",
                    name(ty),
                    width.bits(),
                    known.bits(),
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

fn name(ty: &Type) -> String {
    ty.to_token_stream().to_string()
}
