//! One mutant, and the builder of mutants.

use std::ops::Range;

use super::touched::Touched;
use crate::diagnostic::{Lines, NodeId};
use crate::ir::Nic;
use crate::load::SpecFile;
use crate::tree::{Entry, Tree};
use crate::words::words;

/// A spec with one fact changed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Mutant {
    /// The path of the fact: `registers.CTRL.fields.RST.bits`.
    pub at: String,
    /// Its line, counted from 1.
    pub line: usize,
    /// The kind of fact.
    pub kind: Kind,
    /// The old and the new value: `26 -> 27`.
    pub change: String,
    /// Registers and fields that the fact is about: `CTRL`, `CTRL.RST`.
    pub subjects: Vec<String>,
    edits: Vec<(Range<usize>, String)>,
}

words! {
    /// Kinds of facts.
    pub enum Kind {
        /// Where a register lies and how wide it is.
        Register = "register",
        /// Where the bits of a field are.
        Field = "field",
        /// A value that a sequence writes, reads or returns.
        Value = "value",
        /// That a step is taken.
        Step = "step",
        /// That a step comes before another.
        Order = "order",
        /// How the link and interrupts are read.
        State = "state",
        /// Properties of rings, frames and descriptors. Their drivers must be compiled.
        Ring = "ring",
    }
}

impl Mutant {
    /// The spec with that fact changed.
    pub fn file(&self, original: &SpecFile) -> SpecFile {
        let mut changed = original.clone();
        changed.text = self.text(&original.text);
        changed
    }

    pub(super) fn text(&self, original: &str) -> String {
        let mut text = original.to_owned();
        let mut edits = self.edits.clone();
        edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        for (range, with) in edits {
            text.replace_range(range, &with);
        }
        text
    }

    /// Its unique name within the spec.
    pub fn name(&self) -> String {
        format!("{}: {}", self.at, self.change)
    }
}

/// The fact that a mutant changes.
#[derive(Clone)]
pub(super) struct Fact {
    kind: Kind,
    /// See [`Mutant::at`].
    at: String,
    pub(super) subjects: Vec<String>,
}

impl Fact {
    pub(super) fn new(kind: Kind, at: String, subjects: impl Into<Vec<String>>) -> Self {
        Self {
            kind,
            at,
            subjects: subjects.into(),
        }
    }

    /// A part of it, about the same registers and fields.
    pub(super) fn below(&self, key: &str) -> Self {
        Self {
            at: format!("{}.{key}", self.at),
            ..self.clone()
        }
    }

    /// The same about other registers and fields.
    pub(super) fn about(&self, subjects: impl Into<Vec<String>>) -> Self {
        Self::new(self.kind, self.at.clone(), subjects)
    }
}

/// Makes mutants of a spec.
pub(super) struct Maker<'a> {
    pub(super) tree: &'a Tree,
    pub(super) text: &'a str,
    pub(super) lines: Lines,
    pub(super) nic: &'a Nic,
    pub(super) touched: Touched,
    pub(super) made: Vec<Mutant>,
}

impl<'a> Maker<'a> {
    pub(super) fn add(&mut self, fact: &Fact, change: String, edits: Vec<(Range<usize>, String)>) {
        let first = edits.iter().map(|(range, _)| range.start).min();
        let byte = first.unwrap_or(0);
        // An edit of whole lines starts before their indentation.
        let blank = self.text[byte..].len() - self.text[byte..].trim_start().len();
        let Fact { kind, at, subjects } = fact.clone();
        self.made.push(Mutant {
            at,
            line: self.lines.position(self.text, byte + blank).0,
            kind,
            change,
            subjects,
            edits,
        });
    }

    /// Text taken out.
    pub(super) fn remove(&mut self, fact: &Fact, change: String, range: Range<usize>) {
        self.add(fact, change, vec![(range, String::new())]);
    }

    /// Two texts in each other's place.
    pub(super) fn exchange(
        &mut self,
        fact: &Fact,
        change: String,
        a: Range<usize>,
        b: Range<usize>,
    ) {
        let [first, second] = [&a, &b].map(|range| self.text[range.clone()].to_owned());
        self.add(fact, change, vec![(a, second), (b, first)]);
    }

    /// A scalar with another value.
    pub(super) fn replace(&mut self, fact: &Fact, node: NodeId, with: impl Into<String>) {
        if let Some(text) = self.tree.text(node)
            && let Some(range) = self.range(node)
        {
            let with = with.into();
            self.add(fact, format!("{text} -> {with}"), vec![(range, with)]);
        }
    }

    /// The scalar at a path with another value, if there is one.
    pub(super) fn change(
        &mut self,
        kind: Kind,
        path: &[&str],
        other: impl FnOnce(&str) -> Option<String>,
    ) {
        if let Some(node) = self.node(path)
            && let Some(other) = self.tree.text(node).and_then(other)
        {
            self.replace(&Fact::new(kind, path.join("."), []), node, other);
        }
    }

    /// The other of two words at a path.
    pub(super) fn toggle(&mut self, kind: Kind, path: &[&str], [one, other]: [&str; 2]) {
        self.change(kind, path, |text| {
            let other = if text == one { other } else { one };
            Some(other.to_owned())
        });
    }

    /// A list between brackets without each of its words.
    pub(super) fn shorten(&mut self, list: NodeId, fact: impl Fn(&str) -> Fact) {
        let items = self.items(Some(list));
        for (index, &item) in items.iter().enumerate() {
            let name = self.tree.text(item).unwrap_or_default();
            let range = self.without_word(items, index);
            self.remove(&fact(name), format!("without {name}"), range);
        }
    }

    /// The bytes of a scalar, without quotes.
    pub(super) fn range(&self, node: NodeId) -> Option<Range<usize>> {
        let text = self.tree.text(node)?;
        let span = self.tree.part(node, 0, text.len());
        (self.text.get(span.start..span.end) == Some(text)).then_some(span.start..span.end)
    }

    pub(super) fn is_quoted(&self, node: NodeId) -> bool {
        self.range(node)
            .is_some_and(|range| self.text[..range.start].ends_with(['"', '\'']))
    }

    pub(super) fn node(&self, path: &[&str]) -> Option<NodeId> {
        path.iter()
            .try_fold(self.tree.root(), |node, key| self.tree.get(node, key))
    }

    /// The entries of a map, if there is one.
    pub(super) fn entries(&self, map: Option<NodeId>) -> &'a [Entry] {
        map.and_then(|map| self.tree.map(map)).unwrap_or_default()
    }

    /// The items of a list, if there is one.
    pub(super) fn items(&self, list: Option<NodeId>) -> &'a [NodeId] {
        list.and_then(|list| self.tree.list(list))
            .unwrap_or_default()
    }
}
