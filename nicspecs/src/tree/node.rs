//! The tree and its nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{File, Line, Lines, NodeId, Span};

/// A spec's text as nodes.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) root: NodeId,
    pub(super) lines: Lines,
    /// The specs from which it inherits, the nearest first.
    pub(super) bases: Vec<Base>,
    /// Words of inherited steps that were removed because they never run.
    pub(super) removed: BTreeSet<String>,
}

/// A spec from which a tree inherits.
#[derive(Clone, Debug)]
pub(super) struct Base {
    pub(super) name: Arc<str>,
    pub(super) lines: Lines,
    /// Its variants, each with the variants of the tree that are like it.
    pub(super) variants: BTreeMap<String, Vec<String>>,
}

/// A scalar, a list or a map.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    /// Where the key stands, if this is a value of a map.
    pub(super) key: Option<Span>,
    pub(super) kind: Kind,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Text.
    Scalar {
        /// The text, without quotes.
        text: String,
        /// Whether it was written without quotes.
        plain: bool,
        /// Byte of the file at which the text itself begins, if the file holds it letter by letter.
        verbatim: Option<usize>,
    },
    /// Items.
    List(Vec<NodeId>),
    /// Entries, in the order of the file.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) value: NodeId,
}

impl Tree {
    pub(crate) fn root(&self) -> NodeId {
        self.root
    }

    /// The file that states the spec itself, without what it inherits.
    pub(super) fn file(&self) -> File {
        self.nodes[self.root.0].span.file
    }

    /// The value of `like`.
    pub(crate) fn like(&self) -> Option<NodeId> {
        self.get(self.root, "like")
    }

    /// The line that a node begins on.
    pub(crate) fn line(&self, id: NodeId) -> Line {
        let Span { file, start, .. } = self.nodes[id.0].span;
        let base = match file {
            File::Own => None,
            File::Base(index) => self.bases.get(index),
        };
        Line {
            number: base.map_or(&self.lines, |base| &base.lines).line(start),
            of: base.map(|base| Arc::clone(&base.name)),
        }
    }

    /// The variants that an inherited name of a variant stands for. `None` if the spec that states it has no such variant.
    pub(crate) fn stand_ins(&self, name: &str, file: File) -> Option<&[String]> {
        let File::Base(index) = file else {
            return None;
        };
        let named = self.bases.get(index)?.variants.get(name)?;
        Some(named)
    }

    /// The name of the base spec, and its variants, each with those of the tree that are like it.
    pub(crate) fn variants_of_base(&self) -> Option<(&str, &BTreeMap<String, Vec<String>>)> {
        let base = self.bases.first()?;
        Some((&base.name, &base.variants))
    }

    /// Whether a word was in an inherited step that was removed because it never runs.
    pub(crate) fn was_in_removed_step(&self, word: &str) -> bool {
        self.removed.contains(word)
    }

    /// Removes these values with their keys, and these items of lists; `words` are those of the steps among them.
    pub(crate) fn prune(&mut self, dead: &BTreeSet<NodeId>, words: BTreeSet<String>) {
        self.removed = words;
        for node in &mut self.nodes {
            match &mut node.kind {
                Kind::Scalar { .. } => {}
                Kind::List(items) => items.retain(|item| !dead.contains(item)),
                Kind::Map(entries) => entries.retain(|entry| !dead.contains(&entry.value)),
            }
        }
    }

    pub(crate) fn kind(&self, id: NodeId) -> &Kind {
        &self.nodes[id.0].kind
    }

    /// Does something with the tree as it is without one entry of one map.
    pub(crate) fn without<T>(
        &mut self,
        map: NodeId,
        key: &str,
        work: impl FnOnce(&Self) -> T,
    ) -> T {
        let whole = self.nodes[map.0].kind.clone();
        if let Kind::Map(entries) = &mut self.nodes[map.0].kind {
            entries.retain(|entry| entry.key != key);
        }
        let done = work(self);
        self.nodes[map.0].kind = whole;
        done
    }

    /// The keys that lead to a byte of the file.
    pub(crate) fn keys_at(&self, byte: usize) -> Vec<&str> {
        let (mut keys, mut node) = (Vec::new(), self.root);
        loop {
            let below = match self.kind(node) {
                Kind::Scalar { .. } => None,
                Kind::List(items) => {
                    let before = |&&item: &&NodeId| self.nodes[item.0].span.start <= byte;
                    items.iter().rfind(before).copied()
                }
                Kind::Map(entries) => {
                    let entry = entries.iter().rfind(|entry| entry.key_span.start <= byte);
                    keys.extend(entry.map(|entry| entry.key.as_str()));
                    entry.map(|entry| entry.value)
                }
            };
            match below {
                Some(below) => node = below,
                None => return keys,
            }
        }
    }

    /// Every map of the file, in no particular order.
    pub(crate) fn maps(&self) -> impl Iterator<Item = &Entry> {
        self.nodes.iter().flat_map(|node| match &node.kind {
            Kind::Map(entries) => entries.as_slice(),
            Kind::Scalar { .. } | Kind::List(_) => &[],
        })
    }

    /// The place of every scalar of the file, keys included, in no particular order; none of a key without a value.
    pub(crate) fn scalars(&self) -> impl Iterator<Item = Span> {
        let keys = self.maps().map(|entry| entry.key_span);
        let values = self.nodes.iter().filter_map(|node| match &node.kind {
            Kind::Scalar { text, plain, .. } if *plain && text.is_empty() => None,
            Kind::Scalar { .. } => Some(node.span),
            Kind::List(_) | Kind::Map(_) => None,
        });
        keys.chain(values)
    }

    /// The span to show for a node: a scalar itself, the key of anything larger.
    pub(crate) fn span(&self, id: NodeId) -> Span {
        let node = &self.nodes[id.0];
        match (&node.kind, node.key) {
            (Kind::List(_) | Kind::Map(_), Some(key)) => key,
            _ => node.span,
        }
    }

    /// The span of a node's key, or of the node if it has none.
    pub(crate) fn key_span(&self, id: NodeId) -> Span {
        self.nodes[id.0].key.unwrap_or(self.nodes[id.0].span)
    }

    /// Whether a place is that of a value, of its key, or of anything below.
    pub(crate) fn has(&self, id: NodeId, place: Span) -> bool {
        let Node { span, key, kind } = &self.nodes[id.0];
        let is_in = |span: &Span| {
            place.file == span.file && span.start <= place.start && place.end <= span.end
        };
        is_in(span)
            || key.as_ref().is_some_and(is_in)
            || match kind {
                Kind::Scalar { .. } => false,
                Kind::List(items) => items.iter().any(|&item| self.has(item, place)),
                Kind::Map(entries) => entries
                    .iter()
                    .any(|entry| is_in(&entry.key_span) || self.has(entry.value, place)),
            }
    }

    /// The span of the verb of a step, which is its first key.
    pub(crate) fn verb(&self, step: NodeId) -> Span {
        let first = self.map(step).and_then(|entries| entries.first());
        first.map_or(self.span(step), |entry| entry.key_span)
    }

    /// The span of some bytes of a scalar, or of all of it where the file writes it in another way.
    pub(crate) fn part(&self, id: NodeId, start: usize, end: usize) -> Span {
        match self.kind(id) {
            Kind::Scalar {
                verbatim: Some(at), ..
            } => Span::new(self.nodes[id.0].span.file, at + start, at + end.max(start)),
            _ => self.span(id),
        }
    }

    /// The text of a scalar.
    pub(crate) fn text(&self, id: NodeId) -> Option<&str> {
        match self.kind(id) {
            Kind::Scalar { text, .. } => Some(text),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// The items of a list.
    pub(crate) fn list(&self, id: NodeId) -> Option<&[NodeId]> {
        match self.kind(id) {
            Kind::List(items) => Some(items),
            Kind::Scalar { .. } | Kind::Map(_) => None,
        }
    }

    /// The entries of a map.
    pub(crate) fn map(&self, id: NodeId) -> Option<&[Entry]> {
        match self.kind(id) {
            Kind::Map(entries) => Some(entries),
            Kind::Scalar { .. } | Kind::List(_) => None,
        }
    }

    /// The value of a key.
    pub(crate) fn get(&self, id: NodeId, key: &str) -> Option<NodeId> {
        self.map(id)?
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| entry.value)
    }

    /// The items of the list under a key; none if there is no such list.
    pub(crate) fn items(&self, id: NodeId, key: &str) -> &[NodeId] {
        let list = self.get(id, key).and_then(|list| self.list(list));
        list.unwrap_or_default()
    }

    /// The entries of the map under a key; none if there is no such map.
    pub(crate) fn entries(&self, id: NodeId, key: &str) -> &[Entry] {
        let map = self.get(id, key).and_then(|map| self.map(map));
        map.unwrap_or_default()
    }

    /// The value of a key, or the node itself: the closest thing to point at.
    pub(crate) fn at(&self, id: NodeId, key: &str) -> NodeId {
        self.get(id, key).unwrap_or(id)
    }

    /// The span to show for the value of a key, or for the node that lacks it.
    pub(crate) fn span_at(&self, id: NodeId, key: &str) -> Span {
        match self.get(id, key) {
            Some(value) => self.span(value),
            None => self.key_span(id),
        }
    }
}
