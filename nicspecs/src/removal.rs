//! A spec without one of its keys: a test checks the effect of removing each key.

use std::collections::{BTreeMap, BTreeSet};

use crate::compile;
use crate::diagnostic::{Findings, NodeId};
use crate::ir::Nic;
use crate::like::Lineage;
use crate::load::SpecFile;
use crate::schema;
use crate::tree::{Kind, Tree};

/// A spec that can be read without one of its keys.
#[derive(Clone, Debug)]
pub struct Removal {
    stem: String,
    is_toy: bool,
    own: Tree,
    lineage: Lineage,
    /// The base spec, with what it inherits.
    base: Option<Tree>,
}

/// A key of a spec and its value.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Key {
    /// Keys and places in lists that lead to it, from the top; its own name comes last.
    pub path: Vec<String>,
    /// Whether it is the only key of its map.
    pub alone: bool,
    /// Its value, or every key and value below it, without prose.
    pub facts: Vec<String>,
    /// Its value, or every value below it, that is prose.
    pub prose: Vec<String>,
    /// Facts and prose that the spec inherits without the key, of the keys below it.
    pub inherited: Option<Vec<String>>,
    map: NodeId,
    /// What an error has to be in to be near: the map or, as long as that has one entry, what has the map.
    around: Option<NodeId>,
}

impl Key {
    /// The key itself.
    pub fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// Whether there is nothing but prose below it.
    pub fn is_prose(&self) -> bool {
        self.facts.is_empty() && !self.prose.is_empty()
    }
}

/// What rules say of a spec without one of its keys.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Said {
    /// Messages, labels and help of all errors.
    pub text: String,
    /// Whether an error is in the map that had the key, or in what the spec inherits in its place.
    pub is_near: bool,
}

impl Removal {
    /// Of a spec that compiles.
    pub fn new(spec: &SpecFile) -> Option<Self> {
        let mut findings = Findings::default();
        let lineage = Lineage::read(spec, &mut findings);
        Some(Self {
            stem: spec.stem(),
            is_toy: spec.is_toy(),
            own: lineage.own()?.clone(),
            base: lineage.base(&mut findings),
            lineage,
        })
    }

    /// Every key that the spec itself states, in the order of the file.
    pub fn keys(&self) -> Vec<Key> {
        let tree = &self.own;
        let prose = schema::prose(tree);
        let base = self.base.as_ref();
        let mut found = Vec::new();
        let mut parents = BTreeMap::new();
        schema::walk(tree, &mut |site| {
            parents.insert(site.node, site.parent);
            if site.entry.is_some() {
                let mut own = Texts::default();
                own.add(tree, site.node, &prose);
                let inherited = base.and_then(|base| {
                    let mut path = site.path.iter();
                    let node = path.try_fold(base.root(), |node, key| base.get(node, key))?;
                    let mut inherited = Texts::default();
                    inherited.add_where((base, node), (tree, site.node));
                    Some(inherited.facts)
                });
                found.push(Key {
                    path: site.path.to_vec(),
                    alone: tree
                        .map(site.parent)
                        .is_some_and(|entries| entries.len() == 1),
                    facts: own.facts,
                    prose: own.prose,
                    inherited,
                    map: site.parent,
                    around: around(tree, &parents, site.parent),
                });
            }
        });
        found
    }

    /// The model of the spec without one of its keys, or what rules say of that.
    pub fn without(&mut self, key: &Key) -> Result<Nic, Said> {
        let Self {
            stem,
            is_toy,
            own,
            lineage,
            base,
        } = self;
        own.without(key.map, key.name(), |own| {
            let mut findings = Findings::default();
            let (tree, settled) = lineage.merge(own, base.as_ref(), &mut findings);
            let nic = settled.then(|| compile::meaning(&tree, stem, &mut findings));
            match nic.flatten() {
                Some(mut nic) if findings.is_empty() => {
                    nic.is_toy = *is_toy;
                    Ok(nic)
                }
                _ => {
                    lineage.trace(&mut findings);
                    Err(Said {
                        text: findings.said(),
                        is_near: is_near(&findings, key, own),
                    })
                }
            }
        })
    }
}

/// The map or, as long as that has one entry, what has the map; nothing as large as a section.
fn around(tree: &Tree, parents: &BTreeMap<NodeId, NodeId>, map: NodeId) -> Option<NodeId> {
    let above = |node: &NodeId| {
        let above = parents.get(node).copied()?;
        // The top has sections.
        parents.contains_key(&above).then_some(above)
    };
    let is_single = |node: &NodeId| match tree.kind(*node) {
        Kind::Scalar { .. } => false,
        Kind::List(items) => items.len() == 1,
        Kind::Map(entries) => entries.len() == 1,
    };
    let mut around = Some(map).filter(|map| above(map).is_some())?;
    while is_single(&around)
        && let Some(outer) = above(&around).filter(|outer| above(outer).is_some())
    {
        around = outer;
    }
    Some(around)
}

/// Whether an error is around the key, or in what is inherited in its place.
fn is_near(findings: &Findings, key: &Key, own: &Tree) -> bool {
    let inherited: Vec<String> = (2..=3)
        .filter_map(|parts| Some(key.path.get(..parts)?.join(".")))
        .collect();
    findings.places().any(|(span, part)| match part {
        Some(part) => inherited.iter().any(|own| own == part),
        None => key.around.is_some_and(|around| own.has(around, span)),
    })
}

#[derive(Default)]
struct Texts {
    facts: Vec<String>,
    prose: Vec<String>,
}

impl Texts {
    /// Adds a value, or every key and value below.
    fn add(&mut self, tree: &Tree, node: NodeId, prose: &BTreeSet<NodeId>) {
        match tree.kind(node) {
            Kind::Scalar { text, .. } => match prose.contains(&node) {
                true => self.prose.push(text.clone()),
                false => self.facts.push(text.clone()),
            },
            Kind::List(items) => items.iter().for_each(|&item| self.add(tree, item, prose)),
            Kind::Map(entries) => {
                for entry in entries {
                    if !prose.contains(&entry.value) {
                        self.facts.push(entry.key.clone());
                    }
                    self.add(tree, entry.value, prose);
                }
            }
        }
    }

    /// Adds what a base spec has where the spec has a value.
    fn add_where(&mut self, (base, theirs): (&Tree, NodeId), (tree, own): (&Tree, NodeId)) {
        let Kind::Map(entries) = tree.kind(own) else {
            return self.add(base, theirs, &BTreeSet::new());
        };
        for entry in entries {
            if let Some(theirs) = base.get(theirs, &entry.key) {
                self.add_where((base, theirs), (tree, entry.value));
            }
        }
    }
}
