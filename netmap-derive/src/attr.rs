//! Attributes of the form `#[name(key, key = value, key(...))]`, read to the end whatever is wrong in them.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, LitInt, Token, parenthesized};

use crate::errors::Errors;

/// A key of an attribute: its value once it was seen.
pub(crate) struct Key<T> {
    name: &'static str,
    value: Option<T>,
}

impl<T> Key<T> {
    /// A key that was not seen yet.
    pub(crate) fn new(name: &'static str) -> Self {
        Key { name, value: None }
    }

    /// Takes the value that was found at `at`, unless there is one already.
    pub(crate) fn set(&mut self, at: &Ident, value: T) -> syn::Result<()> {
        if self.value.is_some() {
            return Err(syn::Error::new_spanned(
                at,
                format!("`{}` is given twice", self.name),
            ));
        }
        self.value = Some(value);
        Ok(())
    }

    /// The value, if the key was there.
    pub(crate) fn optional(self) -> Option<T> {
        self.value
    }

    /// The value; that it is missing is a mistake at `at`, and `why` says what it is for.
    pub(crate) fn required(self, at: impl ToTokens, why: &str, errors: &mut Errors) -> Option<T> {
        if self.value.is_none() {
            errors.at(at, format!("`{}` is missing: {why}", self.name));
        }
        self.value
    }
}

/// The error for a key that `what` does not have.
pub(crate) fn unknown_key(key: &Ident, what: &str, keys: &[&str]) -> syn::Error {
    let keys: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
    syn::Error::new_spanned(
        key,
        format!("unknown key `{key}`; {what} has {}", keys.join(", ")),
    )
}

/// Calls `entry` for each key of `attr`.
pub(crate) fn each_key(
    attr: &Attribute,
    errors: &mut Errors,
    entry: impl FnMut(&Ident, ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) {
    let read = attr.parse_args_with(|input: ParseStream<'_>| {
        keys(input, errors, entry);
        Ok(())
    });
    errors.catch(read);
}

/// Calls `entry` for each key in parentheses.
pub(crate) fn nested_keys(
    input: ParseStream<'_>,
    errors: &mut Errors,
    entry: impl FnMut(&Ident, ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) -> syn::Result<()> {
    let content;
    parenthesized!(content in input);
    keys(&content, errors, entry);
    Ok(())
}

/// Goes on behind the next comma after a mistake, so that each key has its own.
fn keys(
    input: ParseStream<'_>,
    errors: &mut Errors,
    mut entry: impl FnMut(&Ident, ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) {
    while !input.is_empty() {
        let read = input
            .call(Ident::parse_any)
            .and_then(|key| entry(&key, input, errors))
            .and_then(|()| match input.is_empty() || input.peek(Token![,]) {
                true => Ok(()),
                false => Err(input.error("expected `,`")),
            });
        errors.catch(read);
        while !input.is_empty() && !input.peek(Token![,]) {
            let _skipped: syn::Result<TokenTree> = input.parse();
        }
        let _comma: Option<Token![,]> = input.parse().ok();
    }
}

/// `= value`
pub(crate) fn assigned<T>(
    input: ParseStream<'_>,
    value: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    input.parse::<Token![=]>()?;
    value(input)
}

/// `(item, item, ...)`
pub(crate) fn list<T>(
    input: ParseStream<'_>,
    item: fn(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<Vec<T>> {
    let content;
    parenthesized!(content in input);
    let tokens: TokenStream = content.parse()?;
    let items = |input: ParseStream<'_>| input.parse_terminated(item, Token![,]);
    Ok(items.parse2(tokens)?.into_iter().collect())
}

/// A literal and its value.
#[derive(Clone)]
pub(crate) struct Number {
    /// As it was written.
    pub(crate) literal: LitInt,
    /// What it means.
    pub(crate) value: u64,
}

impl Number {
    /// The value of a literal that was read with a limit of 32 bits.
    pub(crate) fn u32(&self) -> u32 {
        self.value as u32
    }
}

impl ToTokens for Number {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.literal.to_tokens(tokens);
    }
}

/// A number from 0 to `max`.
pub(crate) fn number(input: ParseStream<'_>, max: u64) -> syn::Result<Number> {
    checked(input.parse()?, max)
}

/// A literal as a number from 0 to `max`.
pub(crate) fn checked(literal: LitInt, max: u64) -> syn::Result<Number> {
    match literal.base10_parse() {
        Ok(value) if value <= max && literal.suffix().is_empty() => Ok(Number { literal, value }),
        _ => Err(syn::Error::new_spanned(
            &literal,
            format!("expected a plain number from 0 to {max:#x}"),
        )),
    }
}

/// A number of 32 bits.
pub(crate) fn u32(input: ParseStream<'_>) -> syn::Result<Number> {
    number(input, u32::MAX.into())
}

/// `first..end` or `first..=last`
pub(crate) struct Span {
    /// The first number.
    pub(crate) first: Number,
    /// The number after the `..`.
    pub(crate) bound: Number,
    /// One past the last number.
    pub(crate) end: u32,
}

impl ToTokens for Span {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.first.to_tokens(tokens);
        Token![..](self.bound.literal.span()).to_tokens(tokens);
        self.bound.to_tokens(tokens);
    }
}

impl Span {
    /// How many numbers.
    pub(crate) fn count(&self) -> u32 {
        self.end - self.first.u32()
    }
}

/// A range that is not empty.
pub(crate) fn span(input: ParseStream<'_>) -> syn::Result<Span> {
    let first = u32(input)?;
    let inclusive = input.peek(Token![..=]);
    if inclusive {
        input.parse::<Token![..=]>()?;
    } else {
        input.parse::<Token![..]>()?;
    }
    let bound = number(input, u64::from(u32::MAX) - u64::from(inclusive))?;
    let span = Span {
        end: bound.u32() + u32::from(inclusive),
        first,
        bound,
    };
    if span.end <= span.first.u32() {
        return Err(syn::Error::new_spanned(&span, "this range is empty"));
    }
    Ok(span)
}
