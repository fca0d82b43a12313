//! `#[derive(Descriptor)]`: how a descriptor is encoded and decoded.

mod direction;
mod expand;
mod parse;
mod place;
mod receive;
mod transmit;
mod word;

use proc_macro2::{Ident, TokenStream};
use syn::Type;

use crate::number::Number;
use place::Place;

/// A format without mistakes.
struct Descriptor {
    ident: Ident,
    /// All words.
    words: Vec<(Ident, Type)>,
    format: Format,
}

enum Format {
    Transmit(Transmit),
    Receive(Receive),
}

struct Transmit {
    min: Number<u16>,
    max: Number<u16>,
    written: [Word; 2],
    report: Vec<Place>,
    done: Vec<Place>,
}

struct Receive {
    crc_bytes: Number<u16>,
    written: [Word; 2],
    status_word: usize,
    done: Vec<Place>,
    good: Vec<(Place, Number<u64>)>,
    length: Place,
}

/// What the driver writes into a word.
struct Word {
    address: Option<Place>,
    length: Vec<Place>,
    set: Vec<(Place, Number<u64>)>,
}

/// Expands the derive.
pub(crate) fn derive(input: TokenStream) -> syn::Result<TokenStream> {
    Ok(expand::expand(&parse::parse(&syn::parse2(input)?)?))
}
