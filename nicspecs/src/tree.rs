//! A spec's text as a tree of nodes that know where they stand.
//!
//! The tree decides what a spec *is*: it holds the text of every scalar, in order, with its span and its key's span.
//! What specs never need is refused here: the same key twice, anchors, aliases, merge keys, tags, and a second
//! document. A syntax error ends the reading, since nothing after it can be trusted.

mod build;
mod merge;
mod node;

pub(crate) use build::scan;
pub(crate) use merge::{alone, merge, same};
pub(crate) use node::{Entry, Kind, Tree};
