//! Lines of a spec.

use std::fmt;

/// A line of a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// Counted from 1.
    pub number: usize,
    /// Whether it is a line of the spec that this one is like.
    pub inherited: bool,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.inherited {
            false => write!(f, "line {}", self.number),
            true => write!(f, "line {} of the spec it is like", self.number),
        }
    }
}
