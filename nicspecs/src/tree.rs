//! A spec's text as a tree of nodes with their positions.
//!
//! The tree decides what a spec *is*: it holds the text of every scalar, in order, with its span and its key's span.
//! YAML features that specs do not need are refused here: duplicate keys, anchors, aliases, merge keys, tags, and a
//! second document. A syntax error ends the reading, because nothing after it can be trusted.

mod build;
mod edit;
mod merge;
mod node;
mod traps;

pub(crate) use build::scan;
pub(crate) use merge::{alone, is_equal, merge, same, words};
pub(crate) use node::{Entry, Kind, Tree};
