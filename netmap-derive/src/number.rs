//! Numbers and ranges, with the tokens as written.

use std::fmt::Display;
use std::str::FromStr;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{LitInt, Token};

/// A literal and its value.
#[derive(Clone)]
pub(crate) struct Number<T> {
    literal: LitInt,
    pub(crate) value: T,
}

impl<T> ToTokens for Number<T> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.literal.to_tokens(tokens);
    }
}

impl<T: FromStr<Err: Display>> Number<T> {
    pub(crate) fn of(literal: LitInt) -> syn::Result<Self> {
        match literal.base10_parse() {
            Ok(value) if literal.suffix().is_empty() => Ok(Number { literal, value }),
            _ => Err(syn::Error::new_spanned(
                literal,
                format!(
                    "expected a number of at most {} bits, without sign and suffix",
                    size_of::<T>() * 8
                ),
            )),
        }
    }
}

/// A number that fits its type.
pub(crate) fn number<T: FromStr<Err: Display>>(input: ParseStream<'_>) -> syn::Result<Number<T>> {
    Number::of(input.parse()?)
}

/// A number that satisfies `rule`; otherwise the error is `message`.
pub(crate) fn number_with<T: FromStr<Err: Display> + Copy>(
    input: ParseStream<'_>,
    rule: impl FnOnce(T) -> bool,
    message: &str,
) -> syn::Result<Number<T>> {
    let number = number(input)?;
    match rule(number.value) {
        true => Ok(number),
        false => Err(syn::Error::new_spanned(number, message)),
    }
}

/// `first..end` or `first..=last`, not empty.
pub(crate) struct Range {
    pub(crate) first: Number<u32>,
    pub(crate) last: u32,
    /// The number as written after the dots.
    pub(crate) bound: Number<u32>,
}

impl Range {
    pub(crate) fn count(&self) -> u64 {
        u64::from(self.last - self.first.value) + 1
    }
}

impl ToTokens for Range {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.first.to_tokens(tokens);
        self.bound.to_tokens(tokens);
    }
}

pub(crate) fn range(input: ParseStream<'_>) -> syn::Result<Range> {
    let first: Number<u32> = number(input)?;
    let inclusive = input.peek(Token![..=]);
    if inclusive {
        input.parse::<Token![..=]>()?;
    } else {
        input.parse::<Token![..]>()?;
    }
    let bound: Number<u32> = number(input)?;
    let last = match inclusive {
        true => Some(bound.value),
        false => bound.value.checked_sub(1),
    };
    match last {
        Some(last) if last >= first.value => Ok(Range { first, last, bound }),
        _ => Err(syn::Error::new_spanned(bound, "empty range")),
    }
}
