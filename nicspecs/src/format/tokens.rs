//! What the text of a spec consists of, except blanks.

use std::ops::Range;

use crate::diagnostic::{File, Span};
use crate::tree::Tree;

/// A part of a text that is no blank.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) bytes: Range<usize>,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A key or a value, with its quotes.
    Scalar,
    /// `{` or `[`.
    Open,
    /// `}` or `]`.
    Close,
    Comma,
    Colon,
    /// `-` before an item.
    Dash,
    Comment,
    /// The end of a line.
    Break,
}

/// The tokens of a text, or the first place with something that no spec needs, such as a directive or `?` before a key.
pub(super) fn tokens(text: &str, tree: &Tree) -> Result<Vec<Token>, Span> {
    let mut scalars: Vec<Range<usize>> = tree
        .scalars()
        .map(|span| span.start..span.start + text[span.start..span.end].trim_end().len())
        .filter(|bytes| !bytes.is_empty())
        .collect();
    scalars.sort_by_key(|bytes| bytes.start);
    let mut tokens = Vec::new();
    let mut at = 0;
    for bytes in scalars {
        let start = between(text, at..bytes.start, &mut tokens)?;
        at = bytes.end;
        tokens.push(Token {
            kind: Kind::Scalar,
            bytes: start..bytes.end,
        });
    }
    between(text, at..text.len(), &mut tokens)?;
    Ok(tokens)
}

/// The tokens between two scalars. Returns where the second one begins: with `|` or `>`, if it has that.
fn between(text: &str, gap: Range<usize>, tokens: &mut Vec<Token>) -> Result<usize, Span> {
    let mut at = gap.start;
    while at < gap.end {
        let rest = &text[at..gap.end];
        let first = rest.chars().next().unwrap_or_default();
        let mut length = first.len_utf8();
        let kind = match first {
            ' ' | '\t' | '\r' => {
                at += length;
                continue;
            }
            '\n' => Kind::Break,
            '{' | '[' => Kind::Open,
            '}' | ']' => Kind::Close,
            ',' => Kind::Comma,
            ':' => Kind::Colon,
            '-' if !rest.starts_with("---") => Kind::Dash,
            '#' => {
                let line = rest.lines().next().unwrap_or_default();
                length = line.trim_end().len();
                Kind::Comment
            }
            '|' | '>' if gap.end < text.len() => return Ok(at),
            _ => return Err(Span::new(File::Own, at, at + length)),
        };
        tokens.push(Token {
            kind,
            bytes: at..at + length,
        });
        at += length;
    }
    Ok(gap.end)
}

/// The column of a byte, counted from 0 in bytes.
pub(super) fn column(text: &str, byte: usize) -> usize {
    byte - line_start(text, byte)
}

/// The first byte of the line of a byte.
pub(super) fn line_start(text: &str, byte: usize) -> usize {
    text[..byte].rfind('\n').map_or(0, |at| at + 1)
}
