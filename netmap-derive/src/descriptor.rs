//! `#[derive(Descriptor)]`: how a descriptor is encoded and decoded.

mod direction;
mod expand;
mod facts;
mod parse;
mod place;
mod receive;
mod transmit;
mod word;
mod words;

use proc_macro2::TokenStream;

pub(crate) fn derive(input: TokenStream) -> syn::Result<TokenStream> {
    Ok(expand::expand(&parse::parse(&syn::parse2(input)?)?))
}
