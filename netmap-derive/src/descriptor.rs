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
use direction::Frames;
use place::Place;

/// A valid format.
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
    ident: Ident,
    frames: Frames,
    written: [Word; 2],
    /// The index of the word with all bits below.
    control: usize,
    told: Told,
    report: Vec<Place>,
    first: Vec<Place>,
    last: Vec<Place>,
    end_of_ring: Vec<Place>,
}

struct Receive {
    /// Bytes of every part except the last, if the length is that of the whole frame.
    part: Option<Number<u16>>,
    written: [Word; 2],
    /// The index of the word with all bits below.
    status_word: usize,
    told: Told,
    /// The owner bit as written by the driver.
    owner: Option<Place>,
    first: Vec<Place>,
    last: Vec<Place>,
    end_of_ring: Vec<Place>,
    good: Vec<(Place, Number<u64>)>,
    length: Place,
}

/// The bits that report completion.
enum Told {
    /// The NIC sets these bits.
    Done(Vec<Place>),
    /// The driver sets this bit and the NIC clears it.
    Owner(Place),
}

/// The fields of a word that the driver writes.
struct Word {
    address: Option<Place>,
    length: Vec<Place>,
    /// Length of the whole frame.
    frame: Vec<Place>,
    owner: Option<Place>,
    set: Vec<(Place, Number<u64>)>,
}

/// Expands the derive.
pub(crate) fn derive(input: TokenStream) -> syn::Result<TokenStream> {
    Ok(expand::expand(&parse::parse(&syn::parse2(input)?)?))
}
