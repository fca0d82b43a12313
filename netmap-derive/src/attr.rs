//! Attributes of the form `#[name(key, key = value, key(...))]`.
//!
//! After an error, parsing continues after the next comma, so that every key has its own error.

use proc_macro2::{Delimiter, Ident, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Meta, Token, parenthesized};

use crate::errors::Errors;

/// A key that an attribute may have.
pub(crate) struct Key<T> {
    name: &'static str,
    seen: bool,
    value: Option<T>,
}

impl<T> Key<T> {
    /// A key that was not yet given.
    pub(crate) fn new(name: &'static str) -> Self {
        Key {
            name,
            seen: false,
            value: None,
        }
    }

    /// Reads the value of the key `at`, unless the key was already given.
    ///
    /// `None` is an invalid value whose errors were reported; it is not missing.
    pub(crate) fn read(
        &mut self,
        at: &Ident,
        value: impl FnOnce() -> syn::Result<Option<T>>,
    ) -> syn::Result<()> {
        if self.seen {
            return Err(syn::Error::new_spanned(at, format!("duplicate key `{at}`")));
        }
        self.seen = true;
        self.value = value()?;
        Ok(())
    }

    /// Reads `= value`.
    pub(crate) fn assign(
        &mut self,
        at: &Ident,
        input: ParseStream<'_>,
        value: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
    ) -> syn::Result<()> {
        self.read(at, || assigned(input, value).map(Some))
    }

    /// The value; `Some(None)` if the key was not given, and `None` if its value is invalid.
    pub(crate) fn known(self) -> Option<Option<T>> {
        match (self.seen, self.value) {
            (true, None) => None,
            (_, value) => Some(value),
        }
    }

    /// The value, if the key was given.
    pub(crate) fn optional(self) -> Option<T> {
        self.value
    }

    /// The value; a missing key is an error at `at`, and `what` describes the value.
    pub(crate) fn required(self, at: impl ToTokens, what: &str, errors: &mut Errors) -> Option<T> {
        if !self.seen {
            errors.at(at, format!("`{}` is missing: {what}", self.name));
        }
        self.value
    }
}

/// The error for an unknown key of `what`.
pub(crate) fn unknown_key(key: &Ident, what: &str, keys: &[&str]) -> syn::Error {
    let keys: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
    syn::Error::new_spanned(
        key,
        format!("unknown key `{key}`; {what} has {}", keys.join(", ")),
    )
}

/// Calls `read` after each key of `attr`; without parentheses there are no keys.
pub(crate) fn each_key(
    attr: &Attribute,
    errors: &mut Errors,
    read: impl FnMut(&Ident, ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) {
    if let Meta::Path(_) = attr.meta {
        return;
    }
    let read = attr.parse_args_with(|input: ParseStream<'_>| {
        keys(input, errors, read);
        Ok(())
    });
    errors.catch(read);
}

/// Calls `read` after each key in parentheses.
pub(crate) fn nested_keys(
    input: ParseStream<'_>,
    errors: &mut Errors,
    read: impl FnMut(&Ident, ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) -> syn::Result<()> {
    let content;
    parenthesized!(content in input);
    keys(&content, errors, read);
    Ok(())
}

/// `(item, item, ...)`
pub(crate) fn list<T>(
    input: ParseStream<'_>,
    errors: &mut Errors,
    item: fn(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<Vec<T>> {
    let content;
    parenthesized!(content in input);
    let mut items = Vec::new();
    separated(&content, errors, |input, _| {
        items.push(item(input)?);
        Ok(())
    });
    Ok(items)
}

/// `(item, item, ...)`, at least one.
pub(crate) fn some<T>(
    key: &Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
    item: fn(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<Vec<T>> {
    let group = input.cursor().group(Delimiter::Parenthesis);
    if group.is_some_and(|(inside, _, _)| inside.eof()) {
        errors.at(key, format!("`{key}` is empty"));
    }
    list(input, errors, item)
}

/// `= value`
pub(crate) fn assigned<T>(
    input: ParseStream<'_>,
    value: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    input.parse::<Token![=]>()?;
    value(input)
}

fn keys(
    input: ParseStream<'_>,
    errors: &mut Errors,
    mut read: impl FnMut(&Ident, ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) {
    separated(input, errors, |input, errors| {
        let key = input.call(Ident::parse_any)?;
        read(&key, input, errors)
    });
}

fn separated(
    input: ParseStream<'_>,
    errors: &mut Errors,
    mut item: impl FnMut(ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) {
    while !input.is_empty() {
        let read = item(input, errors);
        if errors.catch(read).is_none() {
            skip_to_comma(input);
        } else if !input.is_empty() && !input.peek(Token![,]) {
            errors.add(input.error("expected `,`"));
            // After a missing comma, the next key follows.
            if !input.peek(Ident::peek_any) {
                skip_to_comma(input);
            }
        }
        let _comma: Option<Token![,]> = input.parse().ok();
    }
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        let _skipped: Option<TokenTree> = input.parse().ok();
    }
}
