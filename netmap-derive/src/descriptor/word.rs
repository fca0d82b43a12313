//! The attribute of one word.

use std::collections::HashSet;
use std::rc::Rc;

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Field, Token, Type};

use super::place::Place;
use crate::attr::{self, AnyKey, Given, Key, assigned, list, some};
use crate::errors::Errors;
use crate::number::{Number, number};

/// A word and its keys.
pub(super) struct RawWord {
    pub(super) ident: Ident,
    pub(super) ty: Rc<Type>,
    pub(super) written_back: Option<Ident>,
    pub(super) address: Given<Option<Place>>,
    pub(super) length: Given<Vec<Place>>,
    /// Length of the whole frame.
    pub(super) frame: Given<Vec<Place>>,
    pub(super) set: Given<Values>,
    pub(super) report: Given<Vec<Place>>,
    pub(super) first: Given<Vec<Place>>,
    pub(super) last: Given<Vec<Place>>,
    pub(super) end_of_ring: Given<Vec<Place>>,
    pub(super) done: Given<Vec<Place>>,
    pub(super) owner: Given<Option<Place>>,
    pub(super) good: Given<Values>,
    /// What the NIC sets if a frame could not be sent.
    pub(super) failed: Given<Vec<Place>>,
}

/// Fields and their values.
pub(super) type Values = Vec<(Place, Number<u64>)>;

pub(super) fn word(field: &Field, errors: &mut Errors) -> Option<RawWord> {
    let ty = &Rc::new(field.ty.clone());
    let places = |name| {
        Key::new(name, move |key, input, errors| {
            places(ty, key, input, errors).map(Some)
        })
    };
    let values = |name| {
        Key::new(name, move |key, input, errors| {
            values(ty, key, input, errors).map(Some)
        })
    };
    let mut address = Key::new("address", |_, input, _| {
        whole_or_field(ty, input).map(|place| Some(Some(place)))
    });
    let mut length = places("length");
    let mut frame = places("frame");
    let mut set = values("set");
    let mut report = Key::new("report", |_, input, errors| {
        maybe_places(ty, input, errors).map(Some)
    });
    let mut first = places("first");
    let mut last = places("last");
    let mut end_of_ring = places("end_of_ring");
    let mut done = places("done");
    let mut owner = Key::assigned("owner", |input| {
        Ok(Some(place(ty, input.call(Ident::parse_any)?)))
    });
    let mut good = values("good");
    let mut failed = places("failed");
    let mut written_back = Key::flag("written_back");
    let keys: &mut [&mut dyn AnyKey] = &mut [
        &mut address,
        &mut length,
        &mut frame,
        &mut set,
        &mut report,
        &mut first,
        &mut last,
        &mut end_of_ring,
        &mut done,
        &mut owner,
        &mut good,
        &mut failed,
        &mut written_back,
    ];
    for attr in attr::named(&field.attrs, "descriptor") {
        attr::read(attr, "`descriptor` on a word", keys, errors);
    }
    let word = RawWord {
        ident: field.ident.clone()?,
        ty: ty.clone(),
        written_back: written_back.or_default().at,
        address: address.or_default(),
        length: length.or_default(),
        frame: frame.or_default(),
        set: set.or_default(),
        report: report.or_default(),
        first: first.or_default(),
        last: last.or_default(),
        end_of_ring: end_of_ring.or_default(),
        done: done.or_default(),
        owner: owner.or_default(),
        good: good.or_default(),
        failed: failed.or_default(),
    };
    word.each_field_has_one_meaning(errors);
    Some(word)
}

impl RawWord {
    fn each_field_has_one_meaning(&self, errors: &mut Errors) {
        let single = self.address.value.iter().chain(&self.owner.value);
        let lists = [
            &self.length,
            &self.frame,
            &self.report,
            &self.first,
            &self.last,
            &self.end_of_ring,
            &self.done,
            &self.failed,
        ];
        let lists = lists.into_iter().flat_map(|given| &given.value);
        let values = self.set.value.iter().chain(&self.good.value);
        let values = values.map(|(place, _)| place);
        let all: Vec<_> = single.chain(lists).chain(values).collect();
        let mut fields = all.iter().filter_map(|place| place.field.as_ref());
        if all.iter().any(|place| place.field.is_none()) {
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
