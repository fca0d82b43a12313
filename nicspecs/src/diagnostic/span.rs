//! Places in a file.

use std::fmt;
use std::sync::Arc;

/// The number of a node in the tree of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(crate) usize);

/// A line of a spec, or of a spec from which it inherits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// Counted from 1.
    pub number: usize,
    /// The spec from which the line is inherited.
    pub of: Option<Arc<str>>,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.of {
            None => write!(f, "line {}", self.number),
            Some(base) => write!(f, "line {} of `{base}`", self.number),
        }
    }
}

/// The file of a place. The spec's own file comes before that of its base spec, which comes before that of its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum File {
    /// The spec's own.
    Own,
    /// The file of a base spec: 0 for that of the spec itself, 1 for that of its base spec.
    Base(usize),
}

impl File {
    /// The file of the base spec of this one.
    pub(crate) fn base(self) -> Self {
        match self {
            Self::Own => Self::Base(0),
            Self::Base(index) => Self::Base(index + 1),
        }
    }

    /// How many base specs lead to it.
    pub(crate) fn generation(self) -> usize {
        match self {
            Self::Own => 0,
            Self::Base(index) => index + 1,
        }
    }

    /// Whether it is that of a base spec.
    pub(crate) fn is_inherited(self) -> bool {
        self != Self::Own
    }
}

/// Bytes of a file, from `start` to before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Span {
    pub(crate) file: File,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    pub(crate) fn new(file: File, start: usize, end: usize) -> Self {
        Self { file, start, end }
    }

    /// The first byte of the spec: the place of errors about the whole file.
    pub(crate) fn top() -> Self {
        Self::new(File::Own, 0, 0)
    }

    /// Where it begins and how long it is, as miette counts.
    pub(super) fn bytes(self) -> (usize, usize) {
        (self.start, self.end.saturating_sub(self.start))
    }
}

/// Finds the line of a byte.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    pub(crate) fn new(text: &str) -> Self {
        let after_break = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        Self {
            starts: std::iter::once(0)
                .chain(after_break.map(|(at, _)| at + 1))
                .collect(),
        }
    }

    /// Line of a byte, counted from 1.
    pub(crate) fn line(&self, byte: usize) -> usize {
        self.starts.partition_point(|&start| start <= byte)
    }

    /// Line and column of a byte, both counted from 1, the column in characters.
    pub(crate) fn position(&self, text: &str, byte: usize) -> (usize, usize) {
        let line = self.line(byte);
        let start = self.starts[line - 1];
        let before = text.get(start..byte.min(text.len())).unwrap_or_default();
        (line, before.chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn a_byte_after_a_line_break_is_on_the_next_line() {
        let text = "a\nbä c\n";
        let lines = Lines::new(text);
        assert_eq!(lines.position(text, 0), (1, 1));
        assert_eq!(lines.position(text, 2), (2, 1));
        assert_eq!(lines.position(text, text.find('c').unwrap()), (2, 4));
        assert_eq!(lines.position(text, text.len()), (3, 1));
        assert_eq!(lines.position(text, 999), (3, 1));
    }
}
