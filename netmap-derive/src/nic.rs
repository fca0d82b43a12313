//! `#[derive(Nic)]`: the fixed facts of a NIC.

mod expand;
mod facts;
mod parse;
mod ring;

use proc_macro2::TokenStream;

pub(crate) fn derive(input: TokenStream) -> syn::Result<TokenStream> {
    Ok(expand::expand(&parse::parse(&syn::parse2(input)?)?))
}
