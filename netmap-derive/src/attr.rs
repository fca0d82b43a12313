//! Attributes of the form `#[name(key, key = value, key(...))]`.
//!
//! After an error, parsing continues after the next comma, so that every key has its own error.

use proc_macro2::{Delimiter, Ident, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Meta, Token, parenthesized};

use crate::errors::Errors;

/// Reads the value after a key; `None` is an invalid value whose errors were reported.
type Read<'a, T> =
    Box<dyn FnMut(&Ident, ParseStream<'_>, &mut Errors) -> syn::Result<Option<T>> + 'a>;

/// A key that an attribute may have once.
pub(crate) struct Key<'a, T> {
    name: &'static str,
    read: Read<'a, T>,
    /// The key as given.
    at: Option<Ident>,
    value: Option<T>,
}

/// A key whatever its value is.
pub(crate) trait AnyKey {
    fn name(&self) -> &'static str;

    /// Reads the value of the key `at`.
    fn read(&mut self, at: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()>;
}

/// A valid value and its key, or the default of a key that was not given.
#[derive(Default)]
pub(crate) struct Given<T> {
    pub(crate) at: Option<Ident>,
    pub(crate) value: T,
}

impl<'a, T> Key<'a, T> {
    /// A key whose value is read by `read`.
    pub(crate) fn new(
        name: &'static str,
        read: impl FnMut(&Ident, ParseStream<'_>, &mut Errors) -> syn::Result<Option<T>> + 'a,
    ) -> Self {
        Key {
            name,
            read: Box::new(read),
            at: None,
            value: None,
        }
    }

    /// A key with `= value`.
    pub(crate) fn assigned(
        name: &'static str,
        value: impl Fn(ParseStream<'_>) -> syn::Result<T> + 'a,
    ) -> Self {
        Key::new(name, move |_, input, _| assigned(input, &value).map(Some))
    }

    /// A key with `= value`, where any value of the type is valid.
    pub(crate) fn parsed(name: &'static str) -> Self
    where
        T: Parse + 'a,
    {
        Key::assigned(name, T::parse)
    }

    /// The key, if it was given with a valid value.
    pub(crate) fn given(&self) -> Option<&Ident> {
        self.at.as_ref().filter(|_| self.value.is_some())
    }

    /// The value; `Some(None)` if the key was not given, and `None` if its value is invalid.
    pub(crate) fn known(self) -> Option<Option<T>> {
        match (self.at, self.value) {
            (Some(_), None) => None,
            (_, value) => Some(value),
        }
    }

    /// The value, if the key was given.
    pub(crate) fn optional(self) -> Option<T> {
        self.value
    }

    /// The value; a missing key is an error at `at`, and `what` describes the value.
    pub(crate) fn required(self, at: impl ToTokens, what: &str, errors: &mut Errors) -> Option<T> {
        if self.at.is_none() {
            errors.at(at, format!("`{}` is missing: {what}", self.name));
        }
        self.value
    }
}

impl<T: Default> Key<'_, T> {
    /// The value with its key; the default if it was not given.
    pub(crate) fn or_default(self) -> Given<T> {
        match self.value {
            Some(value) => Given { at: self.at, value },
            None => Given::default(),
        }
    }
}

impl Key<'_, ()> {
    /// A key without a value.
    pub(crate) fn flag(name: &'static str) -> Self {
        Key::new(name, |_, _, _| Ok(Some(())))
    }
}

impl<T> AnyKey for Key<'_, T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn read(&mut self, at: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        if self.at.is_some() {
            return Err(syn::Error::new_spanned(at, format!("duplicate key `{at}`")));
        }
        self.at = Some(at.clone());
        self.value = (self.read)(at, input, errors)?;
        Ok(())
    }
}

/// The attributes of that name.
pub(crate) fn named<'a>(attrs: &'a [Attribute], name: &str) -> impl Iterator<Item = &'a Attribute> {
    attrs.iter().filter(move |attr| attr.path().is_ident(name))
}

/// Reads the keys of `attr`, which `what` names in messages; without parentheses there are none.
pub(crate) fn read(
    attr: &Attribute,
    what: &str,
    keys: &mut [&mut dyn AnyKey],
    errors: &mut Errors,
) {
    if let Meta::Path(_) = attr.meta {
        return;
    }
    let read = attr.parse_args_with(|input: ParseStream<'_>| {
        read_keys(input, what, keys, errors);
        Ok(())
    });
    errors.catch(read);
}

/// Reads the keys in parentheses.
pub(crate) fn read_nested(
    input: ParseStream<'_>,
    what: &str,
    keys: &mut [&mut dyn AnyKey],
    errors: &mut Errors,
) -> syn::Result<()> {
    let content;
    parenthesized!(content in input);
    read_keys(&content, what, keys, errors);
    Ok(())
}

fn read_keys(
    input: ParseStream<'_>,
    what: &str,
    keys: &mut [&mut dyn AnyKey],
    errors: &mut Errors,
) {
    separated(input, errors, |input, errors| {
        let at = input.call(Ident::parse_any)?;
        if let Some(key) = keys.iter_mut().find(|key| at == key.name()) {
            return key.read(&at, input, errors);
        }
        let known: Vec<_> = keys.iter().map(|key| format!("`{}`", key.name())).collect();
        let message = format!("unknown key `{at}`; {what} has {}", known.join(", "));
        Err(syn::Error::new_spanned(at, message))
    });
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
