//! A change to be tried.

use nicspecs::mutants::Mutant;

/// A mutant, and the spec that it is one of.
pub struct Candidate {
    pub spec: usize,
    pub mutant: Mutant,
}
