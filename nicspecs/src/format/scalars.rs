//! Numbers and quotes, as the language has them for each key.

use std::collections::BTreeSet;
use std::ops::Range;

use super::tokens::{Kind as Is, Token};
use crate::diagnostic::{File, Findings, NodeId, Span};
use crate::gaps;
use crate::number;
use crate::printer;
use crate::schema::{self, Bits, Notation, Scalar, Site, Type};
use crate::tree::{self, Kind, Tree};

/// The edits that write each key and each value as the language has it. `parent` is the tree of the base spec.
pub(super) fn edits(
    text: &str,
    tree: &Tree,
    parent: Option<&Tree>,
    tokens: &[Token],
) -> Vec<(Range<usize>, String)> {
    let mut depth = 0_usize;
    let mut in_brackets = BTreeSet::new();
    for token in tokens {
        match token.kind {
            Is::Open => depth += 1,
            Is::Close => depth = depth.saturating_sub(1),
            Is::Scalar if depth > 0 => {
                in_brackets.insert(token.bytes.start);
            }
            _ => {}
        }
    }
    let mut writing = Writing {
        text,
        tree,
        parent,
        in_brackets,
        edits: Vec::new(),
    };
    for entry in tree.maps() {
        writing.key(entry.key_span, &entry.key);
    }
    schema::walk(tree, &mut |site| writing.value(site));
    // A spec writes some entries under several keys.
    writing.edits.sort_by_key(|(bytes, _)| bytes.start);
    writing.edits
}

struct Writing<'t> {
    text: &'t str,
    tree: &'t Tree,
    parent: Option<&'t Tree>,
    /// Where the scalars begin that stand between brackets.
    in_brackets: BTreeSet<usize>,
    edits: Vec<(Range<usize>, String)>,
}

/// Whether a scalar has quotes.
#[derive(Clone, Copy, PartialEq)]
enum Quotes {
    Always,
    /// Where YAML needs them.
    AsNeeded,
}

impl Writing<'_> {
    fn key(&mut self, span: Span, key: &str) {
        let old = self.text[span.start..span.end].trim_end();
        // Not letter by letter what it stands for.
        if old != key && old.get(1..old.len() - 1) != Some(key) {
            return;
        }
        let quotes = match key.split(", ").all(is_word) {
            true => Quotes::AsNeeded,
            false => Quotes::Always,
        };
        self.write(span, key, quotes, true);
    }

    fn value(&mut self, site: &Site<'_, '_>) {
        let Kind::Scalar {
            text,
            plain,
            verbatim: Some(_),
        } = self.tree.kind(site.node)
        else {
            return;
        };
        let (Some(ty), false) = (site.ty.map(of_scalar), *plain && gaps::is_marker(text)) else {
            return;
        };
        let written = match ty {
            Type::Number(_) if *plain => self.number(site, ty, text),
            // With quotes it is an error.
            Type::Number(_) | Type::Flag => return,
            Type::Bits => Bits::parse(text).map(|bits| printer::bits(bits.low, bits.width)),
            _ => None,
        };
        let written = written.as_deref().unwrap_or(text);
        let known = schema::scalar(written);
        let is_text = match ty {
            Type::Name | Type::Expression => {
                matches!(known, Scalar::Text(_) | Scalar::Number(_))
            }
            Type::Section => known != Scalar::Null,
            Type::Bits | Type::Number(_) => true,
            _ => matches!(known, Scalar::Text(_)),
        };
        if !is_text || written == gaps::GAP {
            return;
        }
        let quotes = match ty {
            Type::Section | Type::PciId => Quotes::Always,
            Type::Text if site.key.is_some_and(|key| key.quoted) => Quotes::Always,
            Type::Expression if site.key.is_some() => Quotes::Always,
            Type::Name | Type::Expression | Type::Bits if !is_word(written) => Quotes::Always,
            _ => Quotes::AsNeeded,
        };
        self.write(self.tree.span(site.node), written, quotes, false);
    }

    /// Writes a key or a value, with or without quotes.
    fn write(&mut self, span: Span, text: &str, quotes: Quotes, is_key: bool) {
        let bytes = span.start..span.start + self.text[span.start..span.end].trim_end().len();
        let old = &self.text[bytes.clone()];
        let in_brackets = self.in_brackets.contains(&span.start);
        let needs_none = || quotes == Quotes::AsNeeded && reads_plain(text, in_brackets, is_key);
        let new = match text {
            text if needs_none() => text.to_owned(),
            text if !text.contains(['"', '\\']) => format!("\"{text}\""),
            text if !text.contains('\'') => format!("'{text}'"),
            _ => return,
        };
        if new != old {
            self.edits.push((bytes, new));
        }
    }

    /// A number in the notation of its key.
    fn number(&self, site: &Site<'_, '_>, ty: Type, text: &str) -> Option<String> {
        let value = number::parse(text).ok()?;
        let digits = match site.nearest_key()?.notation {
            None => return Some(value.to_string()),
            Some(Notation::Any) => return Some(text.to_ascii_lowercase()),
            Some(Notation::Hex) if value < 10 => return Some(value.to_string()),
            Some(Notation::Hex) => 1,
            Some(Notation::HexOfRegister) => self.width(site).div_ceil(4),
            Some(Notation::HexOfType) => match ty {
                Type::Number(max) => hex_digits(max),
                _ => 1,
            },
            Some(Notation::HexOfSpace) => match self.size(site) {
                Some(size) => hex_digits(size.saturating_sub(1)),
                None => text.strip_prefix("0x").map_or(1, str::len),
            },
        };
        Some(format!("{value:#0width$x}", width = digits + 2))
    }

    /// Bits of the register.
    fn width(&self, site: &Site<'_, '_>) -> usize {
        let width = self.of_register(site, "width");
        width.and_then(number::fitting).unwrap_or(32)
    }

    /// Bytes of the space of the register.
    fn size(&self, site: &Site<'_, '_>) -> Option<u64> {
        let (own, parent) = (self.tree, self.parent);
        let named = self.of_register(site, "space");
        // Inherited spaces come first.
        let trees = parent.into_iter().chain([own]);
        let mut spaces = trees.flat_map(|tree| tree.entries(tree.root(), "spaces"));
        let name = named.or_else(|| spaces.next().map(|space| space.key.as_str()))?;
        number::fitting(self.text_at(&["spaces", name, "size"])?)
    }

    fn of_register(&self, site: &Site<'_, '_>, key: &str) -> Option<&str> {
        let [chapter, names, ..] = site.path else {
            return None;
        };
        // All of them are alike.
        let name = names.split(", ").next()?;
        let path = |name| self.text_at(&[chapter.as_str(), name, key]);
        path(names.as_str()).or_else(|| path(name))
    }

    /// The scalar at a path, in the spec or else in its base spec.
    fn text_at(&self, path: &[&str]) -> Option<&str> {
        let trees = [Some(self.tree), self.parent].into_iter().flatten();
        let mut found = trees.filter_map(|tree| {
            let node = path
                .iter()
                .try_fold(tree.root(), |node, key| tree.get(node, key));
            tree.text(node?)
        });
        found.next()
    }
}

/// The type of a scalar of that type.
fn of_scalar(ty: Type) -> Type {
    let is_scalar = |ty: Type| !matches!(ty, Type::List(_) | Type::Names(..) | Type::Map(_));
    match ty {
        Type::Either(one, _) if is_scalar(*one) => *one,
        Type::Either(_, other) => *other,
        ty => ty,
    }
}

/// Digits of a number in hexadecimal.
fn hex_digits(number: u64) -> usize {
    (u64::BITS - number.leading_zeros()).div_ceil(4).max(1) as usize
}

/// Whether a text is a number or a name, such as `ring.base.low`.
fn is_word(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    text.split('.').all(is_part)
}

/// Whether YAML reads a text without quotes as it is, as a value or as a key.
fn reads_plain(text: &str, in_brackets: bool, is_key: bool) -> bool {
    let pair = match is_key {
        true => format!("{text}: x"),
        false => format!("x: {text}"),
    };
    let document = match in_brackets {
        true => format!("{{ {pair} }}"),
        false => pair,
    };
    let mut findings = Findings::default();
    let Some(tree) = tree::scan(&document, File::Own, &mut findings) else {
        return false;
    };
    let is_same = |node: NodeId| matches!(tree.kind(node), Kind::Scalar { text: read, plain: true, .. } if read == text);
    match tree.map(tree.root()) {
        Some([only]) if findings.is_empty() => match is_key {
            true => only.key == text,
            false => is_same(only.value),
        },
        _ => false,
    }
}
