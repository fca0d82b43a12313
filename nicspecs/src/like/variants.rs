//! What is left of inherited parts on the variants of a spec: those parts name the variants of the spec that states them.

use std::collections::BTreeSet;

use crate::diagnostic::{File, Findings, NodeId, Span};
use crate::errors::{redundant_key, unknown_variant};
use crate::expr::{self, Ast, AstKind};
use crate::schema::{self, Type};
use crate::tree::{self, Entry, Kind, Tree};

/// Keys whose lists name variants.
const LISTS: [&str; 3] = ["only_on", "reversed_on", "lost_while_busy"];

/// Removes inherited parts that hold on no variant of the spec. Returns whether its variants can stand for those that
/// inherited parts name.
pub(super) fn settle(tree: &mut Tree, findings: &mut Findings) -> bool {
    let mentions = mentions(tree);
    if !mentions.is_empty() && !each_is_like_one(tree, &mentions, findings) {
        return false;
    }
    if mentions.is_empty() {
        without_effect(tree, findings);
    }
    let mut dead = Dead {
        tree,
        prose: schema::prose(tree),
        nodes: BTreeSet::new(),
        names: BTreeSet::new(),
        registers: BTreeSet::new(),
    };
    if let Some(sequences) = tree.get(tree.root(), "sequences") {
        dead.steps(sequences, findings);
    }
    dead.registers(findings);
    dead.facts();
    let Dead { nodes, names, .. } = dead;
    tree.prune(&nodes, names);
    true
}

/// Names of variants in inherited parts, and their places.
fn mentions(tree: &Tree) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    schema::walk(tree, &mut |site| {
        let Some(text) = tree.text(site.node) else {
            return;
        };
        let is_named = |key: &schema::Key| site.entry.is_none() && LISTS.contains(&key.name);
        if matches!(site.ty, Some(Type::Expression)) {
            if let Ok(ast) = expr::parse(text) {
                named(&ast, &mut |word, at| {
                    found.push((word.to_owned(), tree.part(site.node, at.start, at.end)));
                });
            }
        } else if site.nearest_key().is_some_and(is_named) {
            found.push((text.to_owned(), tree.span(site.node)));
        }
    });
    found.retain(|(name, span)| tree.stand_ins(name, span.file).is_some());
    found
}

/// Calls `see` with each name of a variant.
fn named(ast: &Ast, see: &mut dyn FnMut(&str, expr::At)) {
    match &ast.kind {
        AstKind::Number { .. } | AstKind::Path(_) => {}
        AstKind::Variant(words) => words.iter().for_each(|word| see(&word.text, word.at)),
        AstKind::Invert(inner)
        | AstKind::Not(inner)
        | AstKind::Call {
            argument: inner, ..
        } => named(inner, see),
        AstKind::Binary { left, right, .. }
        | AstKind::Compare { left, right, .. }
        | AstKind::And(left, right)
        | AstKind::Or(left, right) => {
            named(left, see);
            named(right, see);
        }
    }
}

/// The variants, each with its name.
fn variants(tree: &Tree) -> impl Iterator<Item = (NodeId, &str)> {
    let variants = tree.items(tree.root(), "variants").iter();
    variants.filter_map(|&variant| Some((variant, tree.text(tree.get(variant, "name")?)?)))
}

/// Whether each variant is like one that inherited parts may name. Reports all that are not at once.
fn each_is_like_one(tree: &Tree, mentions: &[(String, Span)], findings: &mut Findings) -> bool {
    let Some((base, theirs)) = tree.variants_of_base() else {
        return true;
    };
    let is_like_one = |name: &str| theirs.values().flatten().any(|part| part == name);
    // A name that the base spec does not have is reported already.
    let says = |variant| tree.get(variant, "like").is_some();
    let unlike = variants(tree).filter(|(variant, name)| !is_like_one(name) && !says(*variant));
    let unlike: Vec<&str> = unlike.map(|(_, name)| name).collect();
    if !unlike.is_empty() {
        let span = tree.span_at(tree.root(), "variants");
        let known: Vec<&str> = theirs.keys().map(String::as_str).collect();
        let finding = unknown_variant::like_none(span, &unlike, (base, &known), mentions);
        findings.add(finding);
    }
    variants(tree).all(|(_, name)| is_like_one(name))
}

/// Reports each `like` of a variant that changes nothing, where inherited parts name no variant.
fn without_effect(tree: &Tree, findings: &mut Findings) {
    for (variant, name) in variants(tree) {
        let Some(like) = tree.get(variant, "like") else {
            continue;
        };
        let text = tree.text(like).unwrap_or_default();
        let entries = tree.map(variant).unwrap_or_default();
        let inherits = entries.iter().any(|entry| below(tree, entry));
        let of_base = |name: &str| tree.stand_ins(name, File::Base(0)).is_some();
        // Without `like`, one with the name of another one is like that.
        if of_base(text) && !of_base(name) && !inherits {
            findings.add(redundant_key::like_nothing(tree.key_span(like), text));
        }
    }
}

/// Whether an entry, or one of the map that is its value, is inherited.
fn below(tree: &Tree, entry: &Entry) -> bool {
    let inherited = |entry: &Entry| entry.key_span.file.is_inherited();
    inherited(entry)
        || tree
            .map(entry.value)
            .is_some_and(|map| map.iter().any(inherited))
}

/// What holds on no variant.
struct Dead<'t> {
    tree: &'t Tree,
    /// Texts that name nothing.
    prose: BTreeSet<NodeId>,
    nodes: BTreeSet<NodeId>,
    /// Words of steps that never run.
    names: BTreeSet<String>,
    registers: BTreeSet<&'t str>,
}

impl Dead<'_> {
    /// Steps that follow a condition that never holds, in a step or a list or map of steps.
    fn steps(&mut self, node: NodeId, findings: &mut Findings) {
        let tree = self.tree;
        match tree.kind(node) {
            Kind::Scalar { .. } => {}
            Kind::List(items) => items.iter().for_each(|&item| self.steps(item, findings)),
            Kind::Map(entries) => {
                let cond = tree.get(node, "if");
                let holds = cond.and_then(|cond| self.constant(cond));
                let never = match holds {
                    Some(true) => Some("else"),
                    Some(false) => Some("then"),
                    None => None,
                };
                for entry in entries {
                    if Some(entry.key.as_str()) != never {
                        self.steps(entry.value, findings);
                        continue;
                    }
                    let own = tree.list(entry.value).unwrap_or_default().iter();
                    let mut own = own.filter(|&&step| !tree.verb(step).file.is_inherited());
                    if let Some(&step) = own.next() {
                        findings.add(unknown_variant::never(tree.verb(step)));
                    }
                    words(tree, entry.value, &mut self.names);
                    match holds {
                        Some(true) => self.nodes.extend([entry.value]),
                        _ => self
                            .nodes
                            .extend(tree.list(entry.value).into_iter().flatten()),
                    }
                }
            }
        }
    }

    /// The value of an inherited condition that is always the same on the variants of the spec.
    fn constant(&self, node: NodeId) -> Option<bool> {
        let ast = expr::parse(self.tree.text(node)?).ok()?;
        self.value(&ast, self.tree.span(node))
    }

    fn value(&self, ast: &Ast, place: Span) -> Option<bool> {
        match &ast.kind {
            AstKind::Variant(words) => {
                let parts = words
                    .iter()
                    .map(|word| self.tree.stand_ins(&word.text, place.file));
                let parts: Option<Vec<_>> = parts.collect();
                let parts: BTreeSet<_> = parts?.into_iter().flatten().collect();
                let all = self.tree.items(self.tree.root(), "variants").len();
                match parts.len() {
                    0 => Some(false),
                    some => (some == all).then_some(true),
                }
            }
            AstKind::Not(inner) => self.value(inner, place).map(|value| !value),
            AstKind::And(left, right) => {
                match (self.value(left, place), self.value(right, place)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                }
            }
            AstKind::Or(left, right) => match (self.value(left, place), self.value(right, place)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether an inherited `only_on` names only variants that no variant of the spec is like.
    fn is_on_none(&self, node: NodeId) -> bool {
        let tree = self.tree;
        let Some(list) = tree.get(node, "only_on") else {
            return false;
        };
        let is_dead = |&item: &NodeId| {
            let name = tree.text(item).unwrap_or_default();
            tree.stand_ins(name, tree.span(item).file)
                .is_some_and(<[_]>::is_empty)
        };
        let items = tree.list(list).unwrap_or_default();
        !items.is_empty() && items.iter().all(is_dead)
    }

    /// Registers and facts of variants that no variant of the spec is like.
    fn registers(&mut self, findings: &mut Findings) {
        let tree = self.tree;
        for entry in tree.entries(tree.root(), "registers") {
            if !self.is_on_none(entry.value) {
                continue;
            }
            match entry.key_span.file.is_inherited() {
                true => {
                    self.registers.insert(&entry.key);
                    self.nodes.insert(entry.value);
                }
                false => findings.add(unknown_variant::on_none(entry.key_span, &entry.key)),
            }
        }
        let model = tree.at(tree.root(), "model");
        for list in ["require", "links", "refuse"] {
            let items = tree.items(model, list).iter().copied();
            let dead: Vec<_> = items.filter(|&item| self.is_on_none(item)).collect();
            self.nodes.extend(dead);
        }
    }

    /// Facts about such registers: items of lists, and counters.
    fn facts(&mut self) {
        let tree = self.tree;
        for chapter in ["statistics", "order", "model"] {
            let node = tree.at(tree.root(), chapter);
            for entry in tree.entries(tree.root(), chapter) {
                let is_item = chapter == "statistics" || tree.list(entry.value).is_some();
                if self.names_dead(entry.value) && is_item {
                    self.nodes.insert(entry.value);
                }
            }
            for &item in tree.list(node).unwrap_or_default() {
                if self.names_dead(item) {
                    self.nodes.insert(item);
                }
            }
        }
    }

    /// Whether an inherited part says something only of such registers; drops those items of its lists that do.
    fn names_dead(&mut self, node: NodeId) -> bool {
        let tree = self.tree;
        match tree.kind(node) {
            Kind::Scalar { text, .. } => {
                let head = text.split(['[', '.']).next().unwrap_or_default();
                tree.span(node).file.is_inherited() && self.registers.contains(head)
            }
            Kind::List(items) => {
                let dead: Vec<_> = items
                    .iter()
                    .filter(|&&item| self.names_dead(item))
                    .collect();
                self.nodes.extend(dead.iter().copied());
                !items.is_empty() && dead.len() == items.len()
            }
            Kind::Map(entries) => {
                let values = entries.iter().map(|entry| entry.value);
                let facts: Vec<_> = values.filter(|node| !self.prose.contains(node)).collect();
                let dead: Vec<bool> = facts
                    .into_iter()
                    .map(|node| self.names_dead(node))
                    .collect();
                dead.contains(&true)
            }
        }
    }
}

/// The words of all texts below a node.
fn words(tree: &Tree, node: NodeId, found: &mut BTreeSet<String>) {
    match tree.kind(node) {
        Kind::Scalar { text, .. } => found.extend(tree::words(text).map(str::to_owned)),
        Kind::List(items) => items.iter().for_each(|&item| words(tree, item, found)),
        Kind::Map(entries) => entries
            .iter()
            .for_each(|entry| words(tree, entry.value, found)),
    }
}
