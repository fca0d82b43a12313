//! What a declaration of a descriptor says, without errors.

use proc_macro2::Ident;

use super::direction::Direction;
use super::place::Place;
use super::words::Words;

/// A valid format.
pub(super) struct Descriptor {
    pub(super) ident: Ident,
    pub(super) direction: Direction,
    pub(super) words: Words,
    /// The index of the word with the completion and all marks.
    pub(super) index: usize,
    pub(super) completion: Completion,
}

/// The bits that report completion.
pub(super) enum Completion {
    /// The NIC sets these bits.
    Done(Vec<Place>),
    /// The driver sets this bit and the NIC clears it.
    Owner(Place),
}

impl Completion {
    pub(super) fn places(&self) -> &[Place] {
        match self {
            Completion::Done(places) => places,
            Completion::Owner(place) => std::slice::from_ref(place),
        }
    }
}
