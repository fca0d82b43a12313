//! Walks a spec's tree with the description of each node in the language.

use std::collections::BTreeSet;

use super::read::Map;
use super::spec::Spec;
use super::types::{Key, Shape, Type};
use crate::diagnostic::NodeId;
use crate::tree::{Entry, Kind, Tree};

/// A node and its description in the language.
pub(crate) struct Site<'s, 't> {
    /// Keys and places in lists that lead there.
    pub(crate) path: &'s [String],
    pub(crate) node: NodeId,
    /// The map or list that it is in.
    pub(crate) parent: NodeId,
    /// The entry whose value it is, unless it is an item of a list.
    pub(crate) entry: Option<&'t Entry>,
    /// The key of the language whose value it is.
    pub(crate) key: Option<&'static Key>,
    /// That key, or the nearest one above.
    above: Option<&'static Key>,
    /// The type of the node, if it is known.
    pub(crate) ty: Option<Type>,
}

impl Site<'_, '_> {
    /// The keys of the language that this map may have, if it is one that has keys of the language.
    pub(crate) fn keys(&self, tree: &Tree) -> Option<Vec<&'static Key>> {
        keys(tree, self.node, self.ty?)
    }

    /// The key of the language whose value it is, or the nearest one above.
    pub(crate) fn nearest_key(&self) -> Option<&'static Key> {
        self.key.or(self.above)
    }

    /// The default of this entry.
    pub(crate) fn default(&self) -> Option<&'static str> {
        match self.key {
            Some(key) => key.default,
            None => self.above?.each,
        }
    }

    /// Where a datasheet has the value of this node.
    pub(crate) fn find(&self) -> Option<&'static str> {
        let of_type = self.ty.and_then(|ty| ty.find());
        match self.key {
            Some(key) => key.find.or(of_type),
            None => of_type.or(self.above.and_then(|key| key.find)),
        }
    }
}

/// Calls `see` with every node below the root, from the top down.
pub(crate) fn walk<'t>(tree: &'t Tree, see: &mut dyn FnMut(&Site<'_, 't>)) {
    let mut walk = Walk {
        tree,
        see,
        path: Vec::new(),
    };
    walk.below(tree.root(), Some(Type::Map(Spec::shape)), None);
}

/// The nodes whose values are prose.
pub(crate) fn prose(tree: &Tree) -> BTreeSet<NodeId> {
    let mut prose = BTreeSet::new();
    walk(tree, &mut |site| {
        if site.key.is_some_and(Key::is_prose) {
            prose.insert(site.node);
        }
    });
    prose
}

struct Walk<'t, 'f> {
    tree: &'t Tree,
    see: &'f mut dyn FnMut(&Site<'_, 't>),
    path: Vec<String>,
}

impl<'t> Walk<'t, '_> {
    fn below(&mut self, node: NodeId, ty: Option<Type>, above: Option<&'static Key>) {
        match self.tree.kind(node) {
            Kind::Scalar { .. } => {}
            Kind::List(items) => {
                let ty = ty.and_then(item_type);
                for (index, &item) in items.iter().enumerate() {
                    self.path.push(index.to_string());
                    self.visit((node, item), None, ty, (None, above));
                    self.path.pop();
                }
            }
            Kind::Map(edits) if ty.is_some_and(|ty| item_type(ty).is_some()) => {
                self.edits((node, edits), ty, above);
            }
            Kind::Map(entries) => {
                let map = ty.map_or(Below::Unknown, |ty| below_map(self.tree, node, ty));
                for entry in entries {
                    let (key, ty) = match &map {
                        Below::Unknown => (None, None),
                        Below::Names(ty) => (None, Some(*ty)),
                        Below::Keys(keys) => {
                            let mut keys = keys.iter();
                            let key = keys.find(|key| key.name == entry.key).copied();
                            (key, key.map(|key| key.ty))
                        }
                    };
                    self.path.push(entry.key.clone());
                    self.visit((node, entry.value), Some(entry), ty, (key, key.or(above)));
                    self.path.pop();
                }
            }
        }
    }

    /// A map that edits an inherited list of that type.
    fn edits(
        &mut self,
        (node, edits): (NodeId, &'t [Entry]),
        list: Option<Type>,
        above: Option<&'static Key>,
    ) {
        let item = list.and_then(item_type);
        for edit in edits {
            self.path.push(edit.key.clone());
            let at = (node, edit.value);
            match (edit.key.as_str(), self.tree.list(edit.value)) {
                ("change" | "insert", Some(changes)) => {
                    self.show(at, Some(edit), None, (None, above));
                    for (index, &change) in changes.iter().enumerate() {
                        self.path.push(index.to_string());
                        self.show((edit.value, change), None, None, (None, above));
                        for part in self.tree.map(change).unwrap_or_default() {
                            self.path.push(part.key.clone());
                            let ty = if part.key == "items" { list } else { item };
                            self.visit((change, part.value), Some(part), ty, (None, above));
                            self.path.pop();
                        }
                        self.path.pop();
                    }
                }
                _ => self.visit(at, Some(edit), list, (None, above)),
            }
            self.path.pop();
        }
    }

    fn visit(
        &mut self,
        at: (NodeId, NodeId),
        entry: Option<&'t Entry>,
        ty: Option<Type>,
        (key, above): (Option<&'static Key>, Option<&'static Key>),
    ) {
        self.show(at, entry, ty, (key, above));
        self.below(at.1, ty, above);
    }

    fn show(
        &mut self,
        (parent, node): (NodeId, NodeId),
        entry: Option<&'t Entry>,
        ty: Option<Type>,
        (key, above): (Option<&'static Key>, Option<&'static Key>),
    ) {
        let path = &self.path;
        (self.see)(&Site {
            path,
            node,
            parent,
            entry,
            key,
            above,
            ty,
        });
    }
}

/// The keys of the language that a map of that type may have, if it is one that has keys of the language.
pub(crate) fn keys(tree: &Tree, node: NodeId, ty: Type) -> Option<Vec<&'static Key>> {
    match below_map(tree, node, ty) {
        Below::Keys(keys) => Some(keys),
        Below::Names(_) | Below::Unknown => None,
    }
}

/// What the entries of a map are.
fn below_map(tree: &Tree, node: NodeId, ty: Type) -> Below {
    let keys = |shape: &'static Shape| shape.keys.iter();
    match ty {
        Type::Names(_, ty) => Below::Names(*ty),
        Type::Map(shape) => Below::Keys(keys(shape()).collect()),
        Type::Choice(choice) => {
            let choice = choice();
            let word = tree
                .get(node, choice.tag.name)
                .and_then(|tag| tree.text(tag));
            let cases = choice.cases.iter();
            let cases = cases.filter(|(case, _)| word.is_none_or(|word| word == *case));
            let others = cases.flat_map(|(_, shape)| keys(shape()));
            Below::Keys(std::iter::once(&choice.tag).chain(others).collect())
        }
        Type::Either(one, other) => match below_map(tree, node, *one) {
            Below::Unknown => below_map(tree, node, *other),
            found => found,
        },
        _ => Below::Unknown,
    }
}

/// What the entries of a map are.
enum Below {
    Unknown,
    Names(Type),
    Keys(Vec<&'static Key>),
}

/// What the items of a list are.
fn item_type(ty: Type) -> Option<Type> {
    match ty {
        Type::List(ty) => Some(*ty),
        Type::Either(one, other) => item_type(*one).or_else(|| item_type(*other)),
        _ => None,
    }
}
