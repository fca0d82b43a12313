//! The attribute of one word.

use std::collections::HashSet;

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Field, Token, Type};

use crate::attr::{Key, Number, assigned, each_key, list, number, unknown_key};
use crate::errors::Errors;

/// A word and what is said of its fields, each with the key that says it.
pub(super) struct RawWord {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    pub(super) written_back: Option<Ident>,
    pub(super) address: Option<(Ident, Option<Ident>)>,
    pub(super) length: Option<(Ident, Vec<Ident>)>,
    pub(super) set: Option<(Ident, Vec<FieldValue>)>,
    pub(super) report: Option<(Ident, Vec<Ident>)>,
    pub(super) done: Option<(Ident, Vec<Ident>)>,
    pub(super) good: Option<(Ident, Vec<FieldValue>)>,
}

/// `field = value`
pub(super) struct FieldValue {
    pub(super) field: Ident,
    pub(super) value: Number,
}

const KEYS: [&str; 7] = [
    "address",
    "length",
    "set",
    "report",
    "done",
    "good",
    "written_back",
];

pub(super) fn word(field: &Field, errors: &mut Errors) -> Option<RawWord> {
    let mut written_back = Key::new("written_back");
    let mut address = Key::new("address");
    let mut length = Key::new("length");
    let mut set = Key::new("set");
    let mut report = Key::new("report");
    let mut done = Key::new("done");
    let mut good = Key::new("good");
    for attr in &field.attrs {
        if !attr.path().is_ident("descriptor") {
            continue;
        }
        each_key(attr, errors, |key, input, _| {
            match key.to_string().as_str() {
                "written_back" => written_back.set(key, key.clone()),
                "address" => address.set(key, (key.clone(), field_or_word(input)?)),
                "length" => length.set(key, (key.clone(), some_fields(key, input)?)),
                "set" => set.set(key, (key.clone(), list(input, field_value)?)),
                "report" => report.set(key, (key.clone(), fields(input)?)),
                "done" => done.set(key, (key.clone(), some_fields(key, input)?)),
                "good" => good.set(key, (key.clone(), list(input, field_value)?)),
                _ => Err(unknown_key(key, "a word", &KEYS)),
            }
        });
    }
    let word = RawWord {
        ident: field.ident.clone()?,
        ty: field.ty.clone(),
        written_back: written_back.optional(),
        address: address.optional(),
        length: length.optional(),
        set: set.optional(),
        report: report.optional(),
        done: done.optional(),
        good: good.optional(),
    };
    word.each_field_has_one_meaning(errors);
    Some(word)
}

impl RawWord {
    fn each_field_has_one_meaning(&self, errors: &mut Errors) {
        let lists = [&self.length, &self.report, &self.done];
        let values = [&self.set, &self.good];
        let fields = self
            .address
            .iter()
            .flat_map(|(_, field)| field)
            .chain(lists.into_iter().flatten().flat_map(|(_, list)| list))
            .chain(
                values
                    .into_iter()
                    .flatten()
                    .flat_map(|(_, list)| list.iter().map(|value| &value.field)),
            );
        let mut seen = HashSet::new();
        for field in fields {
            if !seen.insert(field.unraw()) {
                errors.at(field, format!("`{field}` has a meaning already"));
            }
        }
    }
}

/// `= field`, or nothing for the whole word
fn field_or_word(input: ParseStream<'_>) -> syn::Result<Option<Ident>> {
    match input.peek(Token![=]) {
        true => Ok(Some(assigned(input, Ident::parse_any)?)),
        false => Ok(None),
    }
}

/// `= field` or `(field, ...)`
fn fields(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    match input.peek(Token![=]) {
        true => Ok(vec![assigned(input, Ident::parse_any)?]),
        false => list(input, Ident::parse_any),
    }
}

fn some_fields(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    let fields = fields(input)?;
    match fields.is_empty() {
        true => Err(syn::Error::new_spanned(
            key,
            format!("`{key}` names at least one field"),
        )),
        false => Ok(fields),
    }
}

/// `field = value`
fn field_value(input: ParseStream<'_>) -> syn::Result<FieldValue> {
    Ok(FieldValue {
        field: input.call(Ident::parse_any)?,
        value: assigned(input, |input| number(input, u64::MAX))?,
    })
}
