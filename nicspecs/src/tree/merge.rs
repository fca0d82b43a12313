//! The tree of a spec, merged with that of its base spec.

use super::node::{Entry, Kind, Node, Tree};
use crate::diagnostic::{Findings, NodeId};
use crate::errors::{duplicate_key, redundant_key, removes_nothing};
use crate::number;

/// Top-level keys that identify the NIC: they are not inherited.
const OWN: [&str; 3] = ["like", "nic", "variants"];

/// The tree `own`, completed from `parent`, the base spec called `name`.
///
/// Maps are merged key by key, a key with the value `null` is removed, and every other value replaces that of the
/// parent. A sequence is one thing: its steps belong to its arguments and to its section.
pub(crate) fn merge(own: &Tree, parent: &Tree, name: &str, findings: &mut Findings) -> Tree {
    let mut merging = Merging {
        nodes: Vec::new(),
        name,
        findings,
    };
    let root = merging.both((own, own.root()), (parent, parent.root()), Part::Spec);
    Tree {
        nodes: merging.nodes,
        root,
        lines: [own.lines[0].clone(), parent.lines[0].clone()],
    }
}

/// The tree of a spec without a base spec: `null` removes nothing there.
pub(crate) fn alone(own: &Tree, findings: &mut Findings) {
    for entry in own.maps().filter(|entry| is_null(own, entry.value)) {
        findings.add(removes_nothing::finding(entry.key_span, &entry.key));
    }
}

/// The word that removes a key.
fn is_null(tree: &Tree, id: NodeId) -> bool {
    matches!(tree.kind(id), Kind::Scalar { text, plain: true, .. } if text == "null")
}

/// Whether a value equals that of the parent; the keys of a map are compared one by one.
fn says_again(own: At<'_>, parent: At<'_>) -> bool {
    match own.0.kind(own.1) {
        Kind::Map(ours) => ours.is_empty() && parent.0.map(parent.1).is_some(),
        Kind::Scalar { .. } | Kind::List(_) => is_equal(own, parent),
    }
}

/// Whether two nodes are equal. Sections are not: they belong to two datasheets.
fn is_equal(own: At<'_>, parent: At<'_>) -> bool {
    let below = |our: NodeId, their: NodeId| is_equal((own.0, our), (parent.0, their));
    match (own.0.kind(own.1), parent.0.kind(parent.1)) {
        (Kind::Scalar { text, .. }, Kind::Scalar { text: theirs, .. }) => same(text, theirs),
        (Kind::List(ours), Kind::List(theirs)) => {
            let mut pairs = ours.iter().zip(theirs);
            ours.len() == theirs.len() && pairs.all(|(&our, &their)| below(our, their))
        }
        (Kind::Map(ours), Kind::Map(theirs)) => {
            let equal = |our: &Entry| {
                let their = theirs.iter().find(|their| their.key == our.key);
                our.key != "section" && their.is_some_and(|their| below(our.value, their.value))
            };
            ours.len() == theirs.len() && ours.iter().all(equal)
        }
        _ => false,
    }
}

/// Whether two texts are the same word or number.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one == other || number::parse(one).is_ok_and(|value| number::parse(other) == Ok(value))
}

/// The kinds of maps that merging distinguishes.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Spec,
    Sequences,
    Sequence,
    Other,
}

impl Part {
    fn below(self, key: &str) -> Self {
        match self {
            Self::Spec if key == "sequences" => Self::Sequences,
            Self::Sequences => Self::Sequence,
            _ => Self::Other,
        }
    }
}

/// A node of one of the two trees.
type At<'a> = (&'a Tree, NodeId);

struct Merging<'a, 'f> {
    nodes: Vec<Node>,
    /// The parent's name.
    name: &'a str,
    findings: &'f mut Findings,
}

impl Merging<'_, '_> {
    fn both(&mut self, own: At<'_>, parent: At<'_>, part: Part) -> NodeId {
        let (Some(ours), Some(theirs)) = (own.0.map(own.1), parent.0.map(parent.1)) else {
            return self.own(own);
        };
        if part == Part::Sequence {
            return self.own(own);
        }
        let ours = &self.spread(ours);
        let mut entries = Vec::new();
        for their in theirs {
            if part == Part::Spec && OWN.contains(&their.key.as_str()) {
                continue;
            }
            let below = (parent.0, their.value);
            match ours.iter().find(|our| our.key == their.key) {
                Some(our) if is_null(own.0, our.value) => {}
                Some(our) => {
                    if our.key != "section" && says_again((own.0, our.value), below) {
                        let finding = redundant_key::again(our.key_span, &our.key, self.name);
                        self.findings.add(finding);
                    }
                    let value = self.both((own.0, our.value), below, part.below(&their.key));
                    entries.push(with_value(our, value));
                }
                None => {
                    let value = self.inherited(below, their.key == "section");
                    entries.push(with_value(their, value));
                }
            }
        }
        let known = |key: &str| theirs.iter().any(|their| their.key == key);
        for our in ours {
            let identity = part == Part::Spec && OWN.contains(&our.key.as_str());
            if identity || !known(&our.key) {
                self.own_entry(own.0, our, &mut entries);
            }
        }
        self.push(own, Kind::Map(entries))
    }

    /// Entries with one key each: `A, B: { ... }` gives both the same value.
    fn spread(&mut self, ours: &[Entry]) -> Vec<Entry> {
        let mut spread: Vec<Entry> = Vec::new();
        for our in ours {
            for key in our.key.split(", ") {
                if let Some(first) = spread.iter().find(|other| other.key == key) {
                    let finding = duplicate_key::finding(key, first.key_span, our.key_span);
                    self.findings.add(finding);
                }
                spread.push(Entry {
                    key: key.to_owned(),
                    ..our.clone()
                });
            }
        }
        spread
    }

    /// A value of the spec where its parent has none, or one that is replaced.
    fn own(&mut self, at: At<'_>) -> NodeId {
        let (tree, id) = at;
        let kind = match tree.kind(id) {
            Kind::List(items) => {
                Kind::List(items.iter().map(|&item| self.own((tree, item))).collect())
            }
            Kind::Map(ours) => {
                let mut entries = Vec::new();
                for our in ours {
                    self.own_entry(tree, our, &mut entries);
                }
                Kind::Map(entries)
            }
            scalar @ Kind::Scalar { .. } => scalar.clone(),
        };
        self.push(at, kind)
    }

    fn own_entry(&mut self, tree: &Tree, our: &Entry, entries: &mut Vec<Entry>) {
        if is_null(tree, our.value) {
            self.findings
                .add(removes_nothing::finding(our.key_span, &our.key));
        } else {
            let value = self.own((tree, our.value));
            entries.push(with_value(our, value));
        }
    }

    /// A value that only the parent has. Its sections refer to the parent's datasheet, so they get the parent's name.
    fn inherited(&mut self, at: At<'_>, is_section: bool) -> NodeId {
        let (tree, id) = at;
        let kind = match tree.kind(id) {
            Kind::List(items) => {
                let items = items.iter();
                let inherited = items.map(|&item| self.inherited((tree, item), false));
                Kind::List(inherited.collect())
            }
            Kind::Map(theirs) => {
                let entry = |their: &Entry| {
                    let value = self.inherited((tree, their.value), their.key == "section");
                    with_value(their, value)
                };
                Kind::Map(theirs.iter().map(entry).collect())
            }
            Kind::Scalar { text, plain, .. } if is_section => Kind::Scalar {
                text: format!("{} {text}", self.name),
                plain: *plain,
                verbatim: None,
            },
            scalar @ Kind::Scalar { .. } => scalar.clone(),
        };
        self.push(at, kind)
    }

    fn push(&mut self, (tree, id): At<'_>, kind: Kind) -> NodeId {
        let Node { span, key, .. } = tree.nodes[id.0];
        self.nodes.push(Node { span, key, kind });
        NodeId(self.nodes.len() - 1)
    }
}

fn with_value(entry: &Entry, value: NodeId) -> Entry {
    Entry {
        value,
        ..entry.clone()
    }
}
