//! The attribute of one word.

use std::collections::HashSet;
use std::rc::Rc;

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Field, Token, Type};

use super::facts::Word;
use super::place::Place;
use crate::attr::{Key, assigned, each_key, list, some, unknown_key};
use crate::errors::Errors;
use crate::number::{Number, number};

/// A word and its keys.
pub(super) struct RawWord {
    pub(super) ident: Ident,
    ty: Rc<Type>,
    pub(super) written_back: Option<Ident>,
    pub(super) address: Option<Said<Place>>,
    pub(super) length: Option<Said<Vec<Place>>>,
    pub(super) set: Option<Said<Values>>,
    pub(super) frame: Option<Said<Vec<Place>>>,
    pub(super) report: Option<Said<Vec<Place>>>,
    pub(super) first: Option<Said<Vec<Place>>>,
    pub(super) last: Option<Said<Vec<Place>>>,
    pub(super) end_of_ring: Option<Said<Vec<Place>>>,
    pub(super) owner: Option<Said<Place>>,
    pub(super) done: Option<Said<Vec<Place>>>,
    pub(super) good: Option<Said<Values>>,
}

/// A value and its key.
pub(super) struct Said<T> {
    pub(super) key: Ident,
    pub(super) what: T,
}

/// Fields and their values.
pub(super) type Values = Vec<(Place, Number<u64>)>;

const KEYS: [&str; 12] = [
    "address",
    "length",
    "frame",
    "set",
    "report",
    "first",
    "last",
    "end_of_ring",
    "done",
    "owner",
    "good",
    "written_back",
];

/// Reads a word.
pub(super) fn word(field: &Field, errors: &mut Errors) -> Option<RawWord> {
    let ty = Rc::new(field.ty.clone());
    let mut written_back = Key::new("written_back");
    let mut address = Key::new("address");
    let mut length = Key::new("length");
    let mut set = Key::new("set");
    let mut report = Key::new("report");
    let mut frame = Key::new("frame");
    let mut first = Key::new("first");
    let mut last = Key::new("last");
    let mut end_of_ring = Key::new("end_of_ring");
    let mut owner = Key::new("owner");
    let mut done = Key::new("done");
    let mut good = Key::new("good");
    for attr in &field.attrs {
        if !attr.path().is_ident("descriptor") {
            continue;
        }
        each_key(attr, errors, |key, input, errors| {
            match key.to_string().as_str() {
                "written_back" => written_back.read(key, || Ok(Some(key.clone()))),
                "address" => address.read(key, || said(key, whole_or_field(&ty, input))),
                "length" => length.read(key, || said(key, places(&ty, key, input, errors))),
                "set" => set.read(key, || said(key, values(&ty, key, input, errors))),
                "report" => report.read(key, || said(key, maybe_places(&ty, input, errors))),
                "frame" => frame.read(key, || said(key, places(&ty, key, input, errors))),
                "first" => first.read(key, || said(key, places(&ty, key, input, errors))),
                "last" => last.read(key, || said(key, places(&ty, key, input, errors))),
                "end_of_ring" => {
                    end_of_ring.read(key, || said(key, places(&ty, key, input, errors)))
                }
                "owner" => owner.read(key, || {
                    let field = assigned(input, Ident::parse_any);
                    said(key, field.map(|field| place(&ty, field)))
                }),
                "done" => done.read(key, || said(key, places(&ty, key, input, errors))),
                "good" => good.read(key, || said(key, values(&ty, key, input, errors))),
                _ => Err(unknown_key(key, "`descriptor` on a word", &KEYS)),
            }
        });
    }
    let word = RawWord {
        ident: field.ident.clone()?,
        ty,
        written_back: written_back.optional(),
        address: address.optional(),
        length: length.optional(),
        set: set.optional(),
        frame: frame.optional(),
        report: report.optional(),
        first: first.optional(),
        last: last.optional(),
        end_of_ring: end_of_ring.optional(),
        owner: owner.optional(),
        done: done.optional(),
        good: good.optional(),
    };
    word.each_field_has_one_meaning(errors);
    Some(word)
}

impl RawWord {
    /// The field of the declaration.
    pub(super) fn declared(&self) -> (Ident, Type) {
        (self.ident.clone(), Type::clone(&self.ty))
    }

    /// The fields that the driver writes.
    pub(super) fn written(&self, with_length: bool) -> Word {
        Word {
            address: self.address.as_ref().map(|said| said.what.clone()),
            length: match &self.length {
                Some(said) if with_length => said.what.clone(),
                _ => Vec::new(),
            },
            frame: the_places(&self.frame),
            owner: self.owner.as_ref().map(|said| said.what.clone()),
            set: match &self.set {
                Some(said) => said.what.clone(),
                None => Vec::new(),
            },
        }
    }

    fn each_field_has_one_meaning(&self, errors: &mut Errors) {
        let mut all = Vec::new();
        all.extend(
            self.address
                .iter()
                .chain(&self.owner)
                .map(|said| &said.what),
        );
        for said in [
            &self.length,
            &self.frame,
            &self.report,
            &self.first,
            &self.last,
            &self.end_of_ring,
            &self.done,
        ] {
            all.extend(said.iter().flat_map(|said| &said.what));
        }
        for said in [&self.set, &self.good] {
            all.extend(
                said.iter()
                    .flat_map(|said| &said.what)
                    .map(|(place, _)| place),
            );
        }
        let whole = all.iter().any(|place| place.field.is_none());
        let mut fields = all.iter().filter_map(|place| place.field.as_ref());
        if whole {
            if let Some(field) = fields.next() {
                errors.at(field, "the address already takes the whole word");
            }
            return;
        }
        let mut seen = HashSet::new();
        for field in fields {
            if !seen.insert(field.unraw()) {
                errors.at(field, format!("duplicate field `{field}`"));
            }
        }
    }
}

/// The key, if it was given.
pub(super) fn key<T>(said: &Option<Said<T>>) -> Option<&Ident> {
    said.as_ref().map(|said| &said.key)
}

/// The named places, if any.
pub(super) fn the_places(said: &Option<Said<Vec<Place>>>) -> Vec<Place> {
    said.as_ref()
        .map(|said| said.what.clone())
        .unwrap_or_default()
}

fn said<T>(key: &Ident, what: syn::Result<T>) -> syn::Result<Option<Said<T>>> {
    let key = key.clone();
    what.map(|what| Some(Said { key, what }))
}

/// `= field`, or empty for the whole word
fn whole_or_field(word: &Rc<Type>, input: ParseStream<'_>) -> syn::Result<Place> {
    let field = match input.peek(Token![=]) {
        true => Some(assigned(input, Ident::parse_any)?),
        false => None,
    };
    Ok(Place {
        word: word.clone(),
        field,
    })
}

/// `= field` or `(field, ...)`, possibly empty.
fn maybe_places(
    word: &Rc<Type>,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<Vec<Place>> {
    let fields = match input.peek(Token![=]) {
        true => vec![assigned(input, Ident::parse_any)?],
        false => list(input, errors, Ident::parse_any)?,
    };
    Ok(fields.into_iter().map(|field| place(word, field)).collect())
}

/// `= field` or `(field, ...)`
fn places(
    word: &Rc<Type>,
    key: &Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<Vec<Place>> {
    let fields = match input.peek(Token![=]) {
        true => vec![assigned(input, Ident::parse_any)?],
        false => some(key, input, errors, Ident::parse_any)?,
    };
    Ok(fields.into_iter().map(|field| place(word, field)).collect())
}

/// `(field = value, ...)`
fn values(
    word: &Rc<Type>,
    key: &Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<Values> {
    let values = some(key, input, errors, |input| {
        Ok((input.call(Ident::parse_any)?, assigned(input, number)?))
    })?;
    Ok(values
        .into_iter()
        .map(|(field, value)| (place(word, field), value))
        .collect())
}

fn place(word: &Rc<Type>, field: Ident) -> Place {
    Place {
        word: word.clone(),
        field: Some(field),
    }
}
