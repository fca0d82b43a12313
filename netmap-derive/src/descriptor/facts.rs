//! What a declaration of a descriptor says, without errors.

use proc_macro2::Ident;
use syn::Type;

use super::direction::Frames;
use super::place::Place;
use crate::number::Number;

/// A valid format.
pub(super) struct Descriptor {
    pub(super) ident: Ident,
    /// All words.
    pub(super) words: Vec<(Ident, Type)>,
    pub(super) format: Format,
}

pub(super) enum Format {
    Transmit(Transmit),
    Receive(Receive),
}

pub(super) struct Transmit {
    pub(super) ident: Ident,
    pub(super) frames: Frames,
    pub(super) written: [Word; 2],
    /// The index of the word with all bits below.
    pub(super) control: usize,
    pub(super) told: Told,
    pub(super) report: Vec<Place>,
    pub(super) first: Vec<Place>,
    pub(super) last: Vec<Place>,
    pub(super) end_of_ring: Vec<Place>,
}

pub(super) struct Receive {
    /// Bytes of every part except the last, if the length is that of the whole frame.
    pub(super) part: Option<Number<u16>>,
    pub(super) written: [Word; 2],
    /// The index of the word with all bits below.
    pub(super) status_word: usize,
    pub(super) told: Told,
    /// The owner bit as written by the driver.
    pub(super) owner: Option<Place>,
    pub(super) first: Vec<Place>,
    pub(super) last: Vec<Place>,
    pub(super) end_of_ring: Vec<Place>,
    pub(super) good: Vec<(Place, Number<u64>)>,
    pub(super) length: Place,
}

/// The bits that report completion.
pub(super) enum Told {
    /// The NIC sets these bits.
    Done(Vec<Place>),
    /// The driver sets this bit and the NIC clears it.
    Owner(Place),
}

/// The fields of a word that the driver writes.
pub(super) struct Word {
    pub(super) address: Option<Place>,
    pub(super) length: Vec<Place>,
    /// Length of the whole frame.
    pub(super) frame: Vec<Place>,
    pub(super) owner: Option<Place>,
    pub(super) set: Vec<(Place, Number<u64>)>,
}
