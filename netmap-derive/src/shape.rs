//! Checks of the item of a derive.

use syn::punctuated::Punctuated;
use syn::{Data, DeriveInput, Field, Fields, Token};

use crate::errors::Errors;

/// The fields of a struct with named fields; `what` names such a struct in messages.
pub(crate) fn named_fields<'a>(
    input: &'a DeriveInput,
    what: &str,
    errors: &mut Errors,
) -> Option<&'a Punctuated<Field, Token![,]>> {
    no_generics(input, what, errors);
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => return Some(&fields.named),
            Fields::Unnamed(fields) => errors.at(fields, format!("{what} needs named fields")),
            Fields::Unit => errors.at(&input.ident, format!("{what} needs fields")),
        },
        Data::Enum(data) => errors.at(data.enum_token, format!("{what} must be a struct")),
        Data::Union(data) => errors.at(data.union_token, format!("{what} must be a struct")),
    }
    None
}

/// Reports generic parameters: `what` describes hardware that exists once.
pub(crate) fn no_generics(input: &DeriveInput, what: &str, errors: &mut Errors) {
    if !input.generics.params.is_empty() {
        errors.at(
            &input.generics,
            format!("{what} cannot have generic parameters"),
        );
    }
    if let Some(clause) = &input.generics.where_clause {
        errors.at(clause, format!("{what} cannot have a where clause"));
    }
}
