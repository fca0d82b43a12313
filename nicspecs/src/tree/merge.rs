//! The tree of a spec, merged with that of its base spec.

use std::collections::{BTreeMap, BTreeSet};

use super::node::{Base, Entry, Kind, Node, Tree};
use crate::diagnostic::{File, Findings, NodeId};
use crate::errors::{duplicate_key, redundant_key, removes_nothing, unknown_variant};
use crate::number;

/// Top-level keys that identify the NIC: they are not inherited.
const OWN: [&str; 3] = ["like", "nic", "variants"];

/// Keys of a variant that identify the part: a variant that is like another one states them itself.
const OWN_OF_VARIANT: [&str; 6] = ["name", "like", "title", "pci", "qemu", "when"];

/// The tree `own`, completed from `parent`, the base spec called `name`.
///
/// Maps are merged key by key, a key with the value `null` is removed, a map in place of a list edits the list, and every
/// other value replaces that of the parent. A sequence whose steps are replaced is one thing: the steps belong to its
/// arguments and to its section.
pub(crate) fn merge(own: &Tree, parent: &Tree, name: &str, findings: &mut Findings) -> Tree {
    let bases = bases(own, parent, name, findings);
    let mut merging = Merging {
        nodes: Vec::new(),
        parent: parent.file(),
        bases: &bases,
        findings,
    };
    let root = merging.both((own, own.root()), (parent, parent.root()), Part::Spec);
    Tree {
        nodes: merging.nodes,
        root,
        lines: own.lines.clone(),
        bases,
        removed: BTreeSet::new(),
    }
}

/// The base spec, and those from which it inherits itself.
fn bases(own: &Tree, parent: &Tree, name: &str, findings: &mut Findings) -> Vec<Base> {
    let named = |&item: &NodeId| parent.text(parent.get(item, "name")?);
    let theirs: Vec<&str> = variants(parent).iter().filter_map(named).collect();
    let mut stand_ins: BTreeMap<String, Vec<String>> = theirs
        .iter()
        .map(|name| ((*name).to_owned(), Vec::new()))
        .collect();
    for &variant in variants(own) {
        let word = |key| own.text(own.get(variant, key)?);
        let Some(part) = word("name") else {
            continue;
        };
        if let Some(like) = own.get(variant, "like")
            && let Some(text) = own.text(like)
        {
            if !theirs.contains(&text) {
                let finding = unknown_variant::of_base(own.span(like), text, name, &theirs);
                findings.add(finding);
            } else if text == part {
                findings.add(redundant_key::same_name(own.key_span(like), name));
            }
        }
        if let Some(parts) = stand_ins.get_mut(word("like").unwrap_or(part)) {
            parts.push(part.to_owned());
        }
    }
    let of_older = |theirs: &Vec<String>| {
        let ours = theirs.iter().filter_map(|theirs| stand_ins.get(theirs));
        ours.flatten().cloned().collect()
    };
    let older = parent.bases.iter().map(|base| Base {
        name: base.name.clone(),
        lines: base.lines.clone(),
        variants: base
            .variants
            .iter()
            .map(|(name, theirs)| (name.clone(), of_older(theirs)))
            .collect(),
    });
    let older: Vec<_> = older.collect();
    let nearest = Base {
        name: name.into(),
        lines: parent.lines.clone(),
        variants: stand_ins,
    };
    [vec![nearest], older].concat()
}

/// The items of `variants`.
fn variants(tree: &Tree) -> &[NodeId] {
    tree.items(tree.root(), "variants")
}

/// The tree of a spec without a base spec: `null` removes nothing there.
pub(crate) fn alone(own: &Tree, findings: &mut Findings) {
    for entry in own.maps().filter(|entry| is_null(own, entry.value)) {
        findings.add(removes_nothing::finding(entry.key_span, &entry.key));
    }
    for like in variants(own)
        .iter()
        .filter_map(|&variant| own.get(variant, "like"))
    {
        findings.add(unknown_variant::without_base(own.key_span(like)));
    }
}

/// The word that removes a key.
fn is_null(tree: &Tree, id: NodeId) -> bool {
    matches!(tree.kind(id), Kind::Scalar { text, plain: true, .. } if text == "null")
}

/// Whether a value equals that of the parent; the keys of a map are compared one by one.
pub(super) fn says_again(own: At<'_>, parent: At<'_>) -> bool {
    match own.0.kind(own.1) {
        Kind::Map(ours) => ours.is_empty() && parent.0.map(parent.1).is_some(),
        Kind::Scalar { .. } | Kind::List(_) => is_equal(own, parent, false),
    }
}

/// The words of a text.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

/// Whether two nodes are equal. Sections are not, unless both are of `one_datasheet`.
pub(crate) fn is_equal(own: At<'_>, parent: At<'_>, one_datasheet: bool) -> bool {
    let below =
        |our: NodeId, their: NodeId| is_equal((own.0, our), (parent.0, their), one_datasheet);
    match (own.0.kind(own.1), parent.0.kind(parent.1)) {
        (Kind::Scalar { text, .. }, Kind::Scalar { text: theirs, .. }) => same(text, theirs),
        (Kind::List(ours), Kind::List(theirs)) => {
            let mut pairs = ours.iter().zip(theirs);
            ours.len() == theirs.len() && pairs.all(|(&our, &their)| below(our, their))
        }
        (Kind::Map(ours), Kind::Map(theirs)) => {
            let equal = |our: &Entry| {
                let their = theirs.iter().find(|their| their.key == our.key);
                let is_comparable = one_datasheet || our.key != "section";
                is_comparable && their.is_some_and(|their| below(our.value, their.value))
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
pub(super) enum Part {
    Spec,
    Sequences,
    Sequence,
    Variant,
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

    /// The keys that are not inherited.
    fn own(self) -> &'static [&'static str] {
        match self {
            Self::Spec => &OWN,
            Self::Variant => &OWN_OF_VARIANT,
            _ => &[],
        }
    }
}

/// A node of one of the two trees.
pub(super) type At<'a> = (&'a Tree, NodeId);

pub(super) struct Merging<'a, 'f> {
    nodes: Vec<Node>,
    /// The parent's own file.
    parent: File,
    /// The parent, and those from which it inherits.
    bases: &'a [Base],
    pub(super) findings: &'f mut Findings,
}

impl Merging<'_, '_> {
    pub(super) fn both(&mut self, own: At<'_>, parent: At<'_>, part: Part) -> NodeId {
        if let (Kind::Map(edits), Kind::List(_)) = (own.0.kind(own.1), parent.0.kind(parent.1))
            && !edits.is_empty()
        {
            return self.edited(own, edits, parent);
        }
        let (Some(ours), Some(theirs)) = (own.0.map(own.1), parent.0.map(parent.1)) else {
            return self.own(own);
        };
        let has_edits = |steps| own.0.map(steps).is_some();
        if part == Part::Sequence && !own.0.get(own.1, "steps").is_some_and(has_edits) {
            return self.own(own);
        }
        let ours = &self.spread(ours);
        let mut entries = Vec::new();
        for their in theirs {
            if part.own().contains(&their.key.as_str()) {
                continue;
            }
            let below = (parent.0, their.value);
            match ours.iter().find(|our| our.key == their.key) {
                Some(our) if is_null(own.0, our.value) => {}
                Some(our) => {
                    let says_again = says_again((own.0, our.value), below);
                    if our.key != "section" && says_again && !self.renames(below) {
                        let finding = redundant_key::again(
                            our.key_span,
                            &our.key,
                            self.stated_by(their.key_span.file),
                        );
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
            let identity = part.own().contains(&our.key.as_str());
            if part == Part::Spec && our.key == "variants" {
                let value = self.variants((own.0, our.value), parent.0);
                entries.push(with_value(our, value));
            } else if identity || !known(&our.key) {
                self.own_entry(own.0, our, &mut entries);
            }
        }
        self.push(own, Kind::Map(entries))
    }

    /// The variants, each with what it inherits of the one that it is like.
    fn variants(&mut self, own: At<'_>, parent: &Tree) -> NodeId {
        let Some(items) = own.0.list(own.1) else {
            return self.own(own);
        };
        let mut merged = Vec::new();
        for &item in items {
            let word = |key| own.0.text(own.0.get(item, key)?);
            let like = word("like").or(word("name"));
            let named = |their: &&NodeId| {
                let name = parent
                    .get(**their, "name")
                    .and_then(|name| parent.text(name));
                name.is_some() && name == like
            };
            merged.push(match variants(parent).iter().find(named) {
                Some(&their) => self.both((own.0, item), (parent, their), Part::Variant),
                None => self.own((own.0, item)),
            });
        }
        self.push(own, Kind::List(merged))
    }

    /// Whether an inherited value may name variants for which others stand: the same names are then other variants.
    fn renames(&self, (parent, node): At<'_>) -> bool {
        let Some(base) = self.bases.first() else {
            return false;
        };
        let is_other = |word: &str| {
            let stand_ins = base.variants.get(word);
            stand_ins.is_some_and(|stand_ins| stand_ins.iter().ne([word]))
        };
        match parent.kind(node) {
            Kind::Scalar { text, .. } => words(text).any(is_other),
            Kind::List(items) => items.iter().any(|&item| self.renames((parent, item))),
            Kind::Map(entries) => entries
                .iter()
                .any(|entry| self.renames((parent, entry.value))),
        }
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
    pub(super) fn own(&mut self, at: At<'_>) -> NodeId {
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

    /// The name of the base spec with that file.
    pub(super) fn stated_by(&self, file: File) -> &str {
        let above = file.generation().saturating_sub(self.parent.generation());
        self.bases.get(above).map_or("", |base| &base.name)
    }

    /// A value that only the parent has. Its sections refer to the datasheet of the spec that states them, so they get
    /// that spec's name, if the parent has not inherited them with it.
    pub(super) fn inherited(&mut self, at: At<'_>, is_section: bool) -> NodeId {
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
            Kind::Scalar { text, plain, .. }
                if is_section && tree.nodes[id.0].span.file == self.parent =>
            {
                Kind::Scalar {
                    text: format!("{} {text}", self.stated_by(self.parent)),
                    plain: *plain,
                    verbatim: None,
                }
            }
            scalar @ Kind::Scalar { .. } => scalar.clone(),
        };
        self.push(at, kind)
    }

    pub(super) fn push(&mut self, (tree, id): At<'_>, kind: Kind) -> NodeId {
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
