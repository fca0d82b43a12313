//! From a parser's events to a tree.

use std::collections::{BTreeSet, HashMap};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::node::{Entry, Kind, Node, Tree};
use super::traps;
use crate::bounds;
use crate::diagnostic::{File, Findings, Lines, NodeId, Span};
use crate::errors::{
    duplicate_key, forbidden_character, out_of_range, plain_yaml, syntax, text_in_comment,
};

/// Reads the text of `file`. `None` after a syntax error, or where there is nothing to read.
pub(crate) fn scan(text: &str, file: File, findings: &mut Findings) -> Option<Tree> {
    if text.len() > bounds::FILE {
        let (has, most) = (
            "more bytes than a spec can have",
            format!("{} bytes", bounds::FILE),
        );
        let start = Span::new(file, 0, 0);
        findings.add(out_of_range::length(start, "the file", has, &most));
        return None;
    }
    if let Some(at) = text.find(forbidden_character::NOT_UTF8) {
        let span = Span::new(file, at, at + forbidden_character::NOT_UTF8.len_utf8());
        findings.add(forbidden_character::not_utf8(span));
        return None;
    }
    for (at, character) in text.char_indices() {
        let is_blank = matches!(character, '\n' | '\r' | '\t');
        if !is_blank && forbidden_character::is_forbidden(character) {
            let span = Span::new(file, at, at + character.len_utf8());
            findings.add(forbidden_character::finding(span, character));
        }
    }
    let mut builder = Builder {
        file,
        text,
        // Where each character starts, and the length at the end.
        bytes: text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .collect(),
        nodes: Vec::new(),
        open: Vec::new(),
        root: None,
    };
    let mut documents = 0;
    for step in Parser::new_from_str(text) {
        let (event, span) = match step {
            Ok(step) => step,
            Err(error) => {
                findings.discard();
                let at = *error.marker();
                let span = builder.span_of(at, at);
                let cure = traps::cure(text, span.start);
                findings.add(syntax::finding(error.info(), span, cure));
                return None;
            }
        };
        let span = builder.span_of(span.start, span.end);
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    findings.add(plain_yaml::finding("a second document", span));
                    break;
                }
            }
            Event::Alias(_) => {
                findings.add(plain_yaml::of_letter("an alias", '*', span));
                let kind = Kind::Scalar {
                    text: String::new(),
                    plain: true,
                    verbatim: None,
                };
                builder.add(span, kind, findings);
            }
            Event::Scalar(text, style, anchor, tag) => {
                refuse(anchor, tag.is_some(), span, findings);
                let span = builder.with_quotes(style, span);
                if let Some(comment) = text_as_comment(builder.text, style, span) {
                    findings.add(text_in_comment::finding(comment));
                }
                let kind = Kind::Scalar {
                    plain: style == ScalarStyle::Plain,
                    verbatim: builder.verbatim(&text, style, span),
                    text: text.into_owned(),
                };
                builder.add(span, kind, findings);
            }
            Event::SequenceStart(anchor, tag) => {
                refuse(anchor, tag.is_some(), span, findings);
                builder.open(span, Kind::List(Vec::new()));
            }
            Event::MappingStart(anchor, tag) => {
                refuse(anchor, tag.is_some(), span, findings);
                builder.open(span, Kind::Map(Vec::new()));
            }
            Event::SequenceEnd | Event::MappingEnd => builder.close(span, findings),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        if builder.open.len() > bounds::NESTING {
            findings.discard();
            findings.add(plain_yaml::finding("nesting this deep", span));
            return None;
        }
    }
    let Some(root) = builder.root else {
        findings.add(syntax::finding(
            "the file is empty",
            Span::new(file, 0, 0),
            None,
        ));
        return None;
    };
    Some(Tree {
        nodes: builder.nodes,
        root,
        lines: Lines::new(text),
        bases: Vec::new(),
        removed: BTreeSet::new(),
    })
}

fn refuse(anchor: usize, tag: bool, span: Span, findings: &mut Findings) {
    if anchor != 0 {
        findings.add(plain_yaml::of_letter("an anchor", '&', span));
    }
    if tag {
        findings.add(plain_yaml::of_letter("a tag", '!', span));
    }
}

/// What follows a value without quotes as a comment and does not look like one.
fn text_as_comment(text: &str, style: ScalarStyle, value: Span) -> Option<Span> {
    let line = text.get(value.end..)?.lines().next()?;
    let comment = line.trim_start();
    let is_text = style == ScalarStyle::Plain
        && comment.len() < line.len()
        && comment
            .strip_prefix('#')?
            .starts_with(char::is_alphanumeric);
    let start = value.end + line.len() - comment.len();
    is_text.then(|| Span::new(value.file, start, value.end + line.trim_end().len()))
}

struct Builder<'a> {
    file: File,
    text: &'a str,
    bytes: Vec<usize>,
    nodes: Vec<Node>,
    open: Vec<Open>,
    root: Option<NodeId>,
}

/// A list or map whose end has not come yet.
struct Open {
    span: Span,
    kind: Kind,
    /// The keys of a map so far.
    keys: HashMap<String, Span>,
    /// A key that waits for its value; `None` where a key was not a scalar.
    key: Option<(Option<String>, Span)>,
}

impl Builder<'_> {
    fn span_of(&self, start: Marker, end: Marker) -> Span {
        let byte = |marker: Marker| *self.bytes.get(marker.index()).unwrap_or(&self.text.len());
        let (start, end) = (byte(start), byte(end));
        Span::new(self.file, start, end.max(start))
    }

    /// The span of a scalar. The parser looks behind a closing quote for a colon and counts blanks and comments as well.
    fn with_quotes(&self, style: ScalarStyle, span: Span) -> Span {
        let inside = || self.text.get(span.start + 1..).unwrap_or_default();
        let mut rest = inside().bytes().enumerate();
        let end = match style {
            ScalarStyle::DoubleQuoted => loop {
                match rest.next() {
                    Some((_, b'\\')) => _ = rest.next(),
                    Some((at, b'"')) => break Some(at),
                    Some(_) => {}
                    None => break None,
                }
            },
            ScalarStyle::SingleQuoted => loop {
                match rest.find(|(_, byte)| *byte == b'\'') {
                    Some((at, _)) if inside()[at + 1..].starts_with('\'') => _ = rest.next(),
                    end => break end.map(|(at, _)| at),
                }
            },
            ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => None,
        };
        let end = end.map_or(span.end, |at| span.start + at + 2);
        Span::new(self.file, span.start, end)
    }

    fn verbatim(&self, text: &str, style: ScalarStyle, span: Span) -> Option<usize> {
        let at = match style {
            ScalarStyle::Plain => span.start,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => span.start + 1,
            ScalarStyle::Literal | ScalarStyle::Folded => return None,
        };
        let same = self.text.get(at..at + text.len()) == Some(text);
        same.then_some(at)
    }

    fn open(&mut self, span: Span, kind: Kind) {
        self.open.push(Open {
            span,
            kind,
            keys: HashMap::new(),
            key: None,
        });
    }

    fn close(&mut self, end: Span, findings: &mut Findings) {
        if let Some(open) = self.open.pop() {
            let start = open.span.start;
            let whole = Span::new(self.file, start, end.end.max(start));
            let span = first_line(self.text, whole);
            self.add(span, open.kind, findings);
        }
    }

    /// Adds a finished node to whatever is open.
    fn add(&mut self, span: Span, kind: Kind, findings: &mut Findings) {
        let id = NodeId(self.nodes.len());
        let node = |key, kind| Node { span, key, kind };
        let Some(open) = self.open.last_mut() else {
            self.nodes.push(node(None, kind));
            self.root = Some(id);
            return;
        };
        match &mut open.kind {
            Kind::Scalar { .. } => {}
            Kind::List(items) => {
                items.push(id);
                self.nodes.push(node(None, kind));
            }
            Kind::Map(entries) => match open.key.take() {
                None => {
                    let name = match kind {
                        Kind::Scalar { text, .. } if text == "<<" => {
                            findings.add(plain_yaml::finding("a merge key", span));
                            None
                        }
                        Kind::Scalar { text, .. } => Some(text),
                        Kind::List(_) | Kind::Map(_) => {
                            findings.add(plain_yaml::key(span));
                            None
                        }
                    };
                    open.key = Some((name, span));
                }
                Some((name, key_span)) => {
                    self.nodes.push(node(Some(key_span), kind));
                    let Some(key) = name else { return };
                    match open.keys.get(&key) {
                        Some(&first) => {
                            findings.add(duplicate_key::finding(&key, first, key_span));
                        }
                        None => {
                            open.keys.insert(key.clone(), key_span);
                            entries.push(Entry {
                                key,
                                key_span,
                                value: id,
                            });
                        }
                    }
                }
            },
        }
    }
}

/// The part of a span on its first line, without blanks at the end.
fn first_line(text: &str, span: Span) -> Span {
    let whole = text.get(span.start..span.end).unwrap_or_default();
    let line = whole.lines().next().unwrap_or_default().trim_end();
    Span::new(span.file, span.start, span.start + line.len())
}

#[cfg(test)]
mod tests {
    use super::scan;
    use crate::diagnostic::{File, Findings};
    use crate::tree::Tree;

    fn tree(text: &str) -> Tree {
        scan(text, File::Own, &mut Findings::default()).unwrap()
    }

    #[test]
    fn spans_are_bytes_of_the_text_itself() {
        for text in [
            "a: {b: \"cä\", d: 'e'}\n",
            "a:\r\n  b: \"cä\"\r\n  d: 'e'\r\n",
        ] {
            let tree = tree(text);
            let map = tree.get(tree.root(), "a").unwrap();
            let d = tree.get(map, "d").unwrap();
            let part = tree.part(d, 0, 1);
            assert_eq!(&text[part.start..part.end], "e", "{text:?}");
            let key = tree.key_span(tree.get(map, "b").unwrap());
            assert_eq!(&text[key.start..key.end], "b", "{text:?}");
        }
    }

    #[test]
    fn a_value_in_quotes_ends_with_its_quote() {
        for value in [r#""b""#, r#""a \" b""#, r#"'it''s'"#, r#""""#, "''"] {
            let text = format!("{value}  : [{value}  , 1] # c\nb: {value} # c\n");
            let tree = tree(&text);
            let key = &tree.map(tree.root()).unwrap()[0];
            let item = tree.list(key.value).unwrap()[0];
            let last = tree.get(tree.root(), "b").unwrap();
            for span in [key.key_span, tree.span(item), tree.span(last)] {
                assert_eq!(&text[span.start..span.end], value, "{text}");
            }
        }
    }

    #[test]
    fn a_collection_is_shown_by_its_key() {
        let text = "a:\n  b:\n    c: 1\n";
        let tree = tree(text);
        let b = tree.get(tree.get(tree.root(), "a").unwrap(), "b").unwrap();
        let span = tree.span(b);
        assert_eq!(&text[span.start..span.end], "b");
    }
}
