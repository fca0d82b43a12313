//! The spec language: each of its words is stated once, in the files of this folder.
//!
//! A word is a key of a map, with its type, its default, its place in a datasheet and one sentence of documentation.
//! From these follow: the reader, messages about unknown and redundant keys, the help for gaps, the tables of the
//! language reference, and the JSON Schema for editors: see [`Shape`].
//!
//! Each struct is one map of a spec. Maps and lists below it are `Later`: they are read as separate items, so that an
//! error in one register does not hide those in the next.

#[macro_use]
mod macros;
mod identity;
mod model;
mod places;
mod quantities;
mod read;
mod registers;
mod rings;
mod scalar;
mod sequences;
mod services;
mod spec;
mod types;
mod walk;
mod yaml;

pub(crate) use identity::*;
pub(crate) use model::*;
pub use places::{AnyMap, MapPlace, places};
pub(crate) use quantities::check as in_bounds;
pub(crate) use read::{Item, Map, element, read};
pub(crate) use registers::*;
pub(crate) use rings::*;
pub(crate) use scalar::{Bits, Name};
pub(crate) use sequences::*;
pub(crate) use services::*;
pub(crate) use spec::Spec;
pub use types::{Case, Choice, Key, Notation, Shape, Style, Type};
pub(crate) use walk::{Site, keys, prose, walk};
pub(crate) use yaml::{Scalar, scalar};

use crate::bounds;

/// The whole language: the map that a spec is.
pub fn spec() -> &'static Shape {
    Spec::shape()
}

/// The bounds that hold in every part of a spec: what is counted, and the largest number of it.
pub fn bounds() -> [(&'static str, u64); 10] {
    [
        ("bytes of a file", bounds::FILE as u64),
        ("lists and maps in each other", bounds::NESTING as u64),
        ("specs from which a spec inherits", bounds::BASES as u64),
        (
            "entries of a list or map, unless its key states another number",
            bounds::ENTRIES as u64,
        ),
        ("characters of a value", bounds::SCALAR as u64),
        ("characters of a name", bounds::NAME as u64),
        (
            "elements of an array, and rounds of a loop",
            bounds::ELEMENTS.into(),
        ),
        (
            "elements of all registers together",
            bounds::ALL_ELEMENTS.into(),
        ),
        (
            "a number that is a key, such as the number of an EEPROM word",
            bounds::KEY,
        ),
        ("microseconds of a duration", bounds::DURATION),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::ir::builtin::Given;
    use crate::lifecycle;

    /// The words of the code in the language reference: its blocks, and what stands between backquotes.
    fn reference() -> BTreeSet<String> {
        let page = include_str!("../../docs/src/spec-language.md");
        let outside = |c: char| !c.is_alphanumeric() && !"_.".contains(c);
        let mut code = Vec::new();
        for (index, part) in page.split("```").enumerate() {
            match index % 2 {
                0 => code.extend(part.split('`').skip(1).step_by(2)),
                _ => code.push(part),
            }
        }
        let words = code.into_iter().flat_map(|code| code.split(outside));
        words
            .map(|word| word.trim_matches('.').to_owned())
            .collect()
    }

    /// Keys and words are there because the schema writes their tables.
    #[test]
    fn the_language_reference_names_every_sequence_and_every_value() {
        let known = reference();
        let sequences = lifecycle::PORT.iter().map(|port| &port.name);
        let given: Vec<&str> = Given::all().map(Given::name).collect();
        let wanted = sequences.chain(&given);
        let missing: BTreeSet<_> = wanted.filter(|word| !known.contains(**word)).collect();
        assert_eq!(missing, BTreeSet::new());
    }
}
