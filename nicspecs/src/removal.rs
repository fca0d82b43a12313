//! A spec without one of its keys: a test checks the effect of removing each key.

use std::collections::BTreeSet;

use crate::compile;
use crate::diagnostic::{File, Findings, NodeId};
use crate::ir::Nic;
use crate::load::SpecFile;
use crate::schema;
use crate::tree::{self, Kind, Tree};

/// A spec that can be read without one of its keys.
#[derive(Clone, Debug)]
pub struct Removal {
    stem: String,
    own: Tree,
    /// The base spec, and its name.
    parent: Option<(Tree, String)>,
}

/// A key of a spec and its value.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Key {
    /// Keys and places in lists that lead to it, from the top; its own name comes last.
    pub path: Vec<String>,
    /// Whether it is the only key of its map.
    pub alone: bool,
    /// Its value, or every key and value below it that is not prose.
    pub content: Vec<String>,
    /// Whether its value is prose.
    pub is_prose: bool,
    map: NodeId,
}

impl Key {
    /// The key itself.
    pub fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }
}

impl Removal {
    /// Of a spec that compiles.
    pub fn new(spec: &SpecFile) -> Option<Self> {
        let mut findings = Findings::default();
        let own = tree::scan(&spec.text, File::Own, &mut findings)?;
        let parent = match spec.parent() {
            Some(parent) => {
                let tree = tree::scan(&parent.text, File::Parent, &mut findings)?;
                Some((tree, parent.stem()))
            }
            None => None,
        };
        Some(Self {
            stem: spec.stem(),
            own,
            parent,
        })
    }

    /// Every key that the spec itself states, in the order of the file.
    pub fn keys(&self) -> Vec<Key> {
        let tree = &self.own;
        let prose = schema::prose(tree);
        let mut found = Vec::new();
        schema::walk(tree, &mut |site| {
            if site.entry.is_some() {
                let mut content = Vec::new();
                texts(tree, site.node, &prose, &mut content);
                found.push(Key {
                    path: site.path.to_vec(),
                    alone: tree
                        .map(site.parent)
                        .is_some_and(|entries| entries.len() == 1),
                    content,
                    is_prose: prose.contains(&site.node),
                    map: site.parent,
                });
            }
        });
        found
    }

    /// The model of the spec without one of its keys, or the report of its errors.
    pub fn without(&mut self, key: &Key) -> Result<Nic, String> {
        let Self { stem, own, parent } = self;
        own.without(key.map, key.name(), |own| {
            let mut findings = Findings::default();
            let merged;
            let tree = match parent {
                Some((parent, name)) if own.get(own.root(), "like").is_some() => {
                    merged = tree::merge(own, parent, name, &mut findings);
                    &merged
                }
                _ => {
                    tree::alone(own, &mut findings);
                    own
                }
            };
            match compile::meaning(tree, stem, &mut findings) {
                Some(nic) if findings.is_empty() => Ok(nic),
                _ => {
                    if let Some((parent, _)) = parent {
                        findings.trace(|at| parent.keys_at(at));
                    }
                    Err(findings.said())
                }
            }
        })
    }
}

fn texts(tree: &Tree, node: NodeId, prose: &BTreeSet<NodeId>, found: &mut Vec<String>) {
    match tree.kind(node) {
        Kind::Scalar { text, .. } => found.push(text.clone()),
        Kind::List(items) => items
            .iter()
            .for_each(|&item| texts(tree, item, prose, found)),
        Kind::Map(entries) => {
            let facts = entries.iter().filter(|entry| !prose.contains(&entry.value));
            for entry in facts {
                found.push(entry.key.clone());
                texts(tree, entry.value, prose, found);
            }
        }
    }
}
