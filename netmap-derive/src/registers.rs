//! `#[derive(Registers)]`: the register map of a NIC.

mod expand;
mod facts;
mod overlap;
mod parse;
mod place;
mod ty;
mod values;

use proc_macro2::TokenStream;

pub(crate) fn derive(input: TokenStream) -> syn::Result<TokenStream> {
    Ok(expand::expand(&parse::parse(&syn::parse2(input)?)?))
}
