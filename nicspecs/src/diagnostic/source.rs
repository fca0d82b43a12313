//! Files that reports quote from, and notes at places in them.

use std::fmt;
use std::sync::Arc;

use miette::{
    Diagnostic, LabeledSpan, MietteError, MietteSpanContents, Severity, SourceCode, SourceSpan,
    SpanContents,
};

use super::span::{Lines, Span};

/// A label of an error in another file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Note {
    pub(crate) message: String,
    pub(crate) span: Span,
    pub(crate) source: Arc<Source>,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Note {}

impl Diagnostic for Note {
    fn severity(&self) -> Option<Severity> {
        Some(Severity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source.as_ref())
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_primary_with_span(None, self.span.bytes());
        Some(Box::new(std::iter::once(label)))
    }
}

/// A place in a file. Lines and columns are counted from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilePlace<'a> {
    /// The path of the file, as reports show it.
    pub file: &'a str,
    /// The line where it begins.
    pub line: usize,
    /// The column where it begins.
    pub column: usize,
    /// The line where it ends.
    pub end_line: usize,
    /// The column behind its last character.
    pub end_column: usize,
}

/// A file that reports quote from.
///
/// miette's own sources count the lines of an excerpt from the start of the file, so that two labels far from each
/// other pull in everything between them.
#[derive(Debug, PartialEq)]
pub(crate) struct Source {
    name: String,
    text: String,
    lines: Lines,
}

impl Source {
    /// A file with the name that reports show.
    pub(crate) fn new(name: String, text: String) -> Self {
        let lines = Lines::new(&text);
        Self { name, text, lines }
    }

    /// The name that reports show.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The place of a span, as editors count.
    pub(super) fn place(&self, span: Span) -> FilePlace<'_> {
        let (line, column) = self.lines.position(&self.text, span.start);
        let (end_line, end_column) = self.lines.position(&self.text, span.end);
        FilePlace {
            file: &self.name,
            line,
            column,
            end_line,
            end_column,
        }
    }
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let excerpt = self.text.read_span(span, before, after)?;
        let lines = excerpt.data().iter().filter(|&&byte| byte == b'\n').count();
        let contents = MietteSpanContents::new_named(
            self.name.clone(),
            excerpt.data(),
            *excerpt.span(),
            excerpt.line(),
            excerpt.column(),
            lines,
        );
        Ok(Box::new(contents.with_language("yaml")))
    }
}
