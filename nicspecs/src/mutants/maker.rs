//! One mutant, and the builder of mutants.

use std::ops::Range;

use super::touched::Touched;
use crate::diagnostic::{Lines, NodeId};
use crate::ir::Nic;
use crate::load::SpecFile;
use crate::tree::Tree;

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

/// Kinds of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Where a register lies and how wide it is.
    Register,
    /// Where the bits of a field are.
    Field,
    /// A value that a sequence writes, reads or returns.
    Value,
    /// That a step is taken.
    Step,
    /// That a step comes before another.
    Order,
    /// How the link and interrupts are read.
    State,
    /// Properties of rings, frames and descriptors. Their drivers must be compiled.
    Ring,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Register,
        Self::Field,
        Self::Value,
        Self::Step,
        Self::Order,
        Self::State,
        Self::Ring,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Field => "field",
            Self::Value => "value",
            Self::Step => "step",
            Self::Order => "order",
            Self::State => "state",
            Self::Ring => "ring",
        }
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

/// Makes mutants of a spec.
pub(super) struct Maker<'a> {
    pub(super) tree: &'a Tree,
    pub(super) text: &'a str,
    pub(super) lines: Lines,
    pub(super) nic: &'a Nic,
    pub(super) touched: Touched,
    pub(super) made: Vec<Mutant>,
}

impl Maker<'_> {
    pub(super) fn add(
        &mut self,
        kind: Kind,
        at: &str,
        change: String,
        subjects: &[String],
        edits: Vec<(Range<usize>, String)>,
    ) {
        let first = edits.iter().map(|(range, _)| range.start).min();
        let byte = first.unwrap_or(0);
        // An edit of whole lines starts before their indentation.
        let blank = self.text[byte..].len() - self.text[byte..].trim_start().len();
        self.made.push(Mutant {
            at: at.to_owned(),
            line: self.lines.position(self.text, byte + blank).0,
            kind,
            change,
            subjects: subjects.to_vec(),
            edits,
        });
    }

    /// A scalar with another value.
    pub(super) fn replace(
        &mut self,
        kind: Kind,
        at: &str,
        node: NodeId,
        with: String,
        subjects: &[String],
    ) {
        let Some(text) = self.tree.text(node).map(str::to_owned) else {
            return;
        };
        let Some(range) = self.range(node) else {
            return;
        };
        let change = format!("{text} -> {with}");
        self.add(kind, at, change, subjects, vec![(range, with)]);
    }

    /// The bytes of a scalar, without quotes.
    pub(super) fn range(&self, node: NodeId) -> Option<Range<usize>> {
        let text = self.tree.text(node)?;
        let span = self.tree.part(node, 0, text.len());
        (self.text.get(span.start..span.end) == Some(text)).then_some(span.start..span.end)
    }

    pub(super) fn node(&self, path: &[&str]) -> Option<NodeId> {
        path.iter()
            .try_fold(self.tree.root(), |node, key| self.tree.get(node, key))
    }
}
