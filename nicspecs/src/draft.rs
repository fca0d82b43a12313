//! A spec whose names are resolved and whose rules are not yet checked.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

use crate::diagnostic::{Findings, NodeId};
use crate::ir;
use crate::tree::Tree;

/// The parts of a spec that could be resolved, with their places in the file. Rules check it.
pub(crate) struct Draft<'a> {
    pub(crate) tree: &'a Tree,
    /// Name, title and datasheet.
    pub(crate) identity: Option<(String, String, String)>,
    pub(crate) variants: Vec<Sited<Arc<ir::Variant>>>,
    pub(crate) spaces: Vec<Arc<ir::Space>>,
    pub(crate) constants: Vec<Sited<Arc<ir::Constant>>>,
    pub(crate) options: Vec<Sited<Arc<ir::Choice>>>,
    pub(crate) registers: Vec<Sited<Arc<ir::Register>>>,
    pub(crate) descriptors: Vec<Sited<Arc<ir::Descriptor>>>,
    pub(crate) tx: Option<ir::Tx>,
    pub(crate) rx: Option<ir::Rx>,
    pub(crate) interrupts: Option<ir::Interrupts>,
    pub(crate) link: Option<ir::Link>,
    pub(crate) filters: Option<ir::Filters>,
    pub(crate) rss: Option<ir::Rss>,
    pub(crate) statistics: Vec<Sited<ir::Counter>>,
    pub(crate) order: Vec<Sited<ir::OrderRule>>,
    pub(crate) sequences: Vec<Sequence>,
    pub(crate) model: Option<ir::Model>,
    /// Constants and options that an expression names.
    pub(crate) used_names: BTreeSet<String>,
}

impl Draft<'_> {
    /// The node at a path of keys, as far as it goes.
    pub(crate) fn node(&self, path: &[&str]) -> NodeId {
        path.iter()
            .fold(self.tree.root(), |node, key| self.tree.at(node, key))
    }

    /// The sequence of that name.
    pub(crate) fn sequence(&self, name: &str) -> Option<&Sequence> {
        named(&self.sequences, name)
    }

    /// Whether every step of every sequence could be resolved: only then may a rule report a missing step.
    pub(crate) fn sequences_are_complete(&self) -> bool {
        self.sequences.iter().all(|sequence| sequence.complete)
    }
}

/// A function that checks one rule.
pub(crate) type Check = fn(&Draft<'_>, &mut Findings);

/// Something and its place in the file.
#[derive(Clone, Debug)]
pub(crate) struct Sited<T> {
    pub(crate) node: NodeId,
    inner: T,
}

impl<T> Sited<T> {
    pub(crate) fn new(node: NodeId, inner: T) -> Self {
        Self { node, inner }
    }

    pub(crate) fn into_inner(self) -> T {
        self.inner
    }
}

impl<T> Deref for Sited<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

/// A sequence with its place in the file.
#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    pub(crate) node: NodeId,
    pub(crate) body: ir::Sequence,
    /// Whether every step could be resolved.
    pub(crate) complete: bool,
}

/// The sequence of that name.
pub(crate) fn named<'d>(sequences: &'d [Sequence], name: &str) -> Option<&'d Sequence> {
    let mut sequences = sequences.iter();
    sequences.find(|sequence| sequence.body.signature.name == name)
}
