//! A text with a gap for each required key that it lacks: what a new spec begins with.

use std::cmp::Reverse;

use crate::diagnostic::{File, Findings, NodeId};
use crate::schema::{self, Key, Type};
use crate::tree::{self, Entry, Kind, Tree};

/// The marker of a fact that has to be looked up.
pub(crate) const GAP: &str = "TODO";

/// The beginning of a spec with `TODO` for every required key that its maps lack, in the order of the language.
///
/// A map is one that has an entry, or a key without a value. What is required of a map that is not there at all becomes
/// one gap if the key itself says what to look up, and a gap for each key of the map otherwise.
///
/// # Errors
/// The text is no YAML.
pub fn with_gaps(text: &str) -> Result<String, String> {
    let mut findings = Findings::default();
    let Some(tree) = tree::scan(text, File::Own, &mut findings) else {
        return Err(findings.said());
    };
    let mut filling = Filling {
        tree: &tree,
        text,
        inserted: Vec::new(),
    };
    // A spec with `like` inherits the rest.
    let inherits = tree.get(tree.root(), "like").is_some();
    let chapters = schema::spec().keys.iter();
    let chapters: Vec<&Key> = chapters.filter(|key| key.own || !inherits).collect();
    schema::walk(&tree, &mut |site| {
        let own = chapters.iter().any(|key| key.name == site.path[0]);
        if let Some(keys) = site.keys(&tree).filter(|_| own) {
            filling.map(site.node, site.entry, keys);
        }
    });
    filling.map(tree.root(), None, chapters);
    let mut inserted = filling.inserted;
    // Where several maps end, the innermost is filled first.
    inserted.sort_by_key(|gap| (gap.at, Reverse(gap.indent)));
    let mut filled = text.to_owned();
    for gap in inserted.iter().rev() {
        filled.insert_str(gap.at, &gap.text);
    }
    Ok(filled)
}

struct Filling<'t> {
    tree: &'t Tree,
    text: &'t str,
    inserted: Vec<Gap>,
}

/// A gap that is inserted.
struct Gap {
    /// The byte before which it is inserted.
    at: usize,
    /// The column of its map.
    indent: usize,
    text: String,
}

impl Filling<'_> {
    /// Fills a map that may have these keys.
    fn map(&mut self, node: NodeId, entry: Option<&Entry>, keys: Vec<&Key>) {
        match (self.tree.kind(node), entry) {
            (Kind::Map(entries), _) if entries.is_empty() => {}
            (Kind::Map(entries), _) => {
                let first = entries[0].key_span.start;
                let is_flow = self.text[..first].trim_end().ends_with(['{', ',']);
                for (index, key) in keys.iter().enumerate() {
                    if !key.required || self.tree.get(node, key.name).is_some() {
                        continue;
                    }
                    let mut earlier = keys[..index].iter().rev();
                    let before =
                        earlier.find_map(|key| entries.iter().find(|entry| entry.key == key.name));
                    self.insert(first, before, is_flow, key);
                }
            }
            // A key without a value.
            (Kind::Scalar { text, .. }, Some(entry)) if text.is_empty() => {
                let indent = self.column(entry.key_span.start) + 2;
                let at = self.line_end(entry.key_span.end);
                let gaps = keys.iter().filter(|key| key.required).map(|key| Gap {
                    at,
                    indent,
                    text: line(key, indent),
                });
                self.inserted.extend(gaps);
            }
            _ => {}
        }
    }

    /// Inserts a gap behind the entry `before` of a map, or at its first byte.
    fn insert(&mut self, first: usize, before: Option<&Entry>, is_flow: bool, key: &Key) {
        let indent = self.column(first);
        let (at, text) = match (before, is_flow) {
            (None, true) => (first, format!("{}, ", gap(key))),
            (None, false) => (first, format!("{}\n{}", gap(key), " ".repeat(indent))),
            (Some(entry), true) => (self.end(entry), format!(", {}", gap(key))),
            (Some(entry), false) => {
                let at = self.line_end(self.end(entry));
                // An empty line separates chapters.
                let apart = if indent == 0 { "\n" } else { "" };
                (at, format!("{apart}{}", line(key, indent)))
            }
        };
        self.inserted.push(Gap { at, indent, text });
    }

    /// Where the last scalar of an entry ends.
    fn end(&self, entry: &Entry) -> usize {
        let below = |node: &NodeId| self.last(*node);
        below(&entry.value).unwrap_or(entry.key_span.end)
    }

    fn last(&self, node: NodeId) -> Option<usize> {
        match self.tree.kind(node) {
            Kind::Scalar { text, .. } => (!text.is_empty()).then(|| self.tree.span(node).end),
            Kind::List(items) => items.iter().filter_map(|&item| self.last(item)).max(),
            Kind::Map(entries) => entries.iter().map(|entry| self.end(entry)).max(),
        }
    }

    fn line_end(&self, at: usize) -> usize {
        self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |end| at + end + 1)
    }

    fn column(&self, at: usize) -> usize {
        at - self.text[..at].rfind('\n').map_or(0, |line| line + 1)
    }
}

/// A line with a key, or several with those of a chapter.
fn line(key: &Key, indent: usize) -> String {
    let spaces = " ".repeat(indent);
    match parts(key) {
        Some(keys) if indent == 0 => {
            let below = keys.iter().map(|key| format!("  {}\n", gap(key)));
            format!("{}:\n{}", key.name, below.collect::<String>())
        }
        _ => format!("{spaces}{}\n", gap(key)),
    }
}

/// A key and the marker for its value.
fn gap(key: &Key) -> String {
    match parts(key) {
        None => format!("{}: {GAP}", key.name),
        Some(keys) => {
            let keys: Vec<String> = keys.into_iter().map(gap).collect();
            format!("{}: {{ {} }}", key.name, keys.join(", "))
        }
    }
}

/// The required keys of a map, if a gap for each says more than one for the map.
fn parts(key: &Key) -> Option<Vec<&'static Key>> {
    let Type::Map(shape) = key.ty else {
        return None;
    };
    let required: Vec<_> = shape().keys.iter().filter(|key| key.required).collect();
    (key.find.is_none() && !required.is_empty()).then_some(required)
}
