//! The derives as functions from tokens to tokens.

mod any_item;
mod errors;
mod expansions;
mod overlaps;

use proc_macro2::TokenStream;

type Derive = fn(TokenStream) -> syn::Result<TokenStream>;

/// The formatted expansion of a declaration.
fn expansion(derive: Derive, input: TokenStream) -> String {
    let file = derive(input).and_then(syn::parse2);
    prettyplease::unparse(&file.expect("the declaration is valid"))
}

/// The reported errors, in order.
fn errors(derive: Derive, input: TokenStream) -> Vec<String> {
    let errors = derive(input).expect_err("the declaration is invalid");
    errors.into_iter().map(|error| error.to_string()).collect()
}
