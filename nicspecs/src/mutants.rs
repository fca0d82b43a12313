//! Specs with one fact changed.
//!
//! A mutant is an edit of a spec's text. What it is good for: a test that passes on a driver with a wrong fact says
//! nothing about that fact. `cargo xtask mutate` counts how many mutants a rule or the conformance suite catches.

mod descriptors;
mod edit;
mod facts;
mod order;
mod rings;
mod scalars;
mod steps;
mod touched;

use std::ops::Range;

use crate::diagnostic::{File, Findings, Lines, NodeId, Report};
use crate::ir::Nic;
use crate::load::SpecFile;
use crate::tree::{self, Tree};
use touched::Touched;

/// A spec with one fact changed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Mutant {
    /// Where the fact stands: `registers.CTRL.fields.RST.bits`.
    pub at: String,
    /// Its line, counted from 1.
    pub line: usize,
    /// What kind of fact it is.
    pub kind: Kind,
    /// What it was and what it is now: `26 -> 27`.
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
    /// What a sequence writes, asks for or returns.
    Value,
    /// That a step is taken.
    Step,
    /// That a step comes before another.
    Order,
    /// How the link and interrupts are read.
    State,
    /// What rings, frames and descriptors are like. Their drivers have to be compiled.
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

    fn text(&self, original: &str) -> String {
        let mut text = original.to_owned();
        let mut edits = self.edits.clone();
        edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        for (range, with) in edits {
            text.replace_range(range, &with);
        }
        text
    }

    /// What tells it from all others of its spec.
    pub fn name(&self) -> String {
        format!("{}: {}", self.at, self.change)
    }
}

/// Every mutant of a spec, in the order of its text. What only the model reads, and what no sequence, ring or
/// interrupt uses, has none. What a spec inherits belongs to the spec that says it.
///
/// # Errors
/// The spec has mistakes of its own.
pub fn mutants(file: &SpecFile) -> Result<Vec<Mutant>, Report> {
    let nic = file.compile()?;
    let text = file.text.as_str();
    let mut findings = Findings::default();
    let Some(tree) = tree::scan(text, File::Own, &mut findings) else {
        return Err(file.report(None, findings));
    };
    let mut maker = Maker {
        tree: &tree,
        text,
        lines: Lines::new(text),
        touched: Touched::by_driver(&nic),
        nic: &nic,
        made: Vec::new(),
    };
    facts::registers(&mut maker);
    rings::all(&mut maker);
    descriptors::all(&mut maker);
    facts::state(&mut maker);
    steps::all(&mut maker);
    let mut made = maker.made;
    made.sort_by_key(|mutant| mutant.line);
    let mut names = std::collections::BTreeSet::new();
    made.retain(|mutant| mutant.text(text) != text && names.insert(mutant.name()));
    Ok(made)
}

/// Makes mutants of a spec.
struct Maker<'a> {
    tree: &'a Tree,
    text: &'a str,
    lines: Lines,
    nic: &'a Nic,
    touched: Touched,
    made: Vec<Mutant>,
}

impl Maker<'_> {
    fn add(
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

    /// A scalar that says something else.
    fn replace(&mut self, kind: Kind, at: &str, node: NodeId, with: String, subjects: &[String]) {
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
    fn range(&self, node: NodeId) -> Option<Range<usize>> {
        let text = self.tree.text(node)?;
        let span = self.tree.part(node, 0, text.len());
        (self.text.get(span.start..span.end) == Some(text)).then_some(span.start..span.end)
    }

    fn node(&self, path: &[&str]) -> Option<NodeId> {
        path.iter()
            .try_fold(self.tree.root(), |node, key| self.tree.get(node, key))
    }
}
