//! `#[derive(Descriptor)]`: how a descriptor is encoded and decoded.

mod expand;
mod parse;
mod word;

use proc_macro2::{Ident, TokenStream};
use syn::Type;

use crate::attr::Number;

/// A format without mistakes.
struct Descriptor {
    ident: Ident,
    /// The types of all words.
    words: Vec<Type>,
    format: Format,
}

enum Format {
    Transmit(Transmit),
    Receive(Receive),
}

struct Transmit {
    min: Number,
    max: Number,
    written: [Word; 2],
    report: Vec<Place>,
    done: Vec<Place>,
}

struct Receive {
    crc_bytes: Number,
    written: [Word; 2],
    status_word: usize,
    done: Vec<Place>,
    good: Vec<(Place, Number)>,
    length: Place,
}

/// What the driver writes into a word.
struct Word {
    address: Option<Place>,
    length: Vec<Place>,
    set: Vec<(Place, Number)>,
}

/// Bits of a word.
struct Place {
    word: Type,
    /// A field; without one, the whole word.
    field: Option<Ident>,
}

/// Expands the derive.
pub(crate) fn derive(input: TokenStream) -> syn::Result<TokenStream> {
    Ok(expand::expand(&parse::parse(&syn::parse2(input)?)?))
}
