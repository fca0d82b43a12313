//! The derives as functions from tokens to tokens.

mod any_item;
mod expansions;
mod mistakes;
mod overlaps;

use proc_macro2::TokenStream;

type Derive = fn(TokenStream) -> syn::Result<TokenStream>;

/// What a declaration becomes, as a reader sees it.
fn expansion(derive: Derive, input: TokenStream) -> String {
    let file = derive(input).and_then(syn::parse2);
    prettyplease::unparse(&file.expect("the declaration has no mistakes"))
}

/// What is reported, in order.
fn mistakes(derive: Derive, input: TokenStream) -> Vec<String> {
    let errors = derive(input).expect_err("the declaration has mistakes");
    errors.into_iter().map(|error| error.to_string()).collect()
}
