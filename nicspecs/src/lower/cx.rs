//! The items read so far, and how names are looked up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::names::Spelling;
use crate::diagnostic::{FindingDraft, Findings, NodeId, Span};
use crate::draft::Sited;
use crate::errors::{bad_name, unknown_name, unknown_variant, wrong_type};
use crate::ir;
use crate::schema;
use crate::tree::{Entry, Tree};

/// The state of a lowering.
pub(super) struct Cx<'a, 'f> {
    pub(super) tree: &'a Tree,
    pub(super) findings: &'f mut Findings,
    pub(super) variants: Vec<String>,
    pub(super) spaces: Vec<Arc<ir::Space>>,
    pub(super) constants: Vec<Sited<Arc<ir::Constant>>>,
    pub(super) options: Vec<Sited<Arc<ir::Choice>>>,
    pub(super) registers: Table<ir::Register>,
    /// Elements of the registers so far.
    pub(super) elements: u32,
    pub(super) descriptors: Table<ir::Descriptor>,
    /// Names of items that could not be read.
    pub(super) broken: BTreeSet<String>,
    pub(super) used_names: BTreeSet<String>,
    pub(super) limits: Limits,
    /// Schemes of the transmit rings; empty until they are known.
    pub(super) schemes: Vec<ir::Scheme>,
}

/// Largest values that follow from the rings. Zero, which fits everywhere, until they are known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    pub(super) tx: RingSize,
    pub(super) rx: RingSize,
    /// Longest frame received, once it is known.
    pub(super) frame_max: Option<u32>,
    /// Words of the multicast table.
    pub(super) multicast: Part<u32>,
    pub(super) rss: Part<RssSize>,
    /// Messages of the MSI-X table, if there is one.
    pub(super) messages: Option<u32>,
}

impl Limits {
    /// The larger of the two directions' queue counts.
    pub(super) fn queues(&self) -> u32 {
        self.tx.queues.max(self.rx.queues)
    }
}

/// The size of a part of the NIC whose values a port can pass in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Part<T> {
    /// The NIC has no such part.
    #[default]
    None,
    /// The spec has it, but part of it could not be read.
    Unknown,
    Known(T),
}

/// The size of receive-side scaling.
#[derive(Clone, Copy, Debug)]
pub(super) struct RssSize {
    pub(super) queues: u32,
    pub(super) entries: u32,
}

/// Largest values of one direction.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RingSize {
    pub(super) queues: u32,
    pub(super) min_slots: u32,
    pub(super) max_slots: u32,
    pub(super) descriptor: u32,
}

impl<'a, 'f> Cx<'a, 'f> {
    pub(super) fn new(tree: &'a Tree, findings: &'f mut Findings) -> Self {
        Self {
            tree,
            findings,
            variants: Vec::new(),
            spaces: Vec::new(),
            constants: Vec::new(),
            options: Vec::new(),
            registers: Table::new("register"),
            elements: 0,
            descriptors: Table::new("descriptor"),
            broken: BTreeSet::new(),
            used_names: BTreeSet::new(),
            limits: Limits::default(),
            schemes: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, finding: FindingDraft) {
        self.findings.add(finding);
    }

    /// Reports an error in something that is left out.
    pub(super) fn fail<T>(&mut self, finding: FindingDraft) -> Option<T> {
        self.add(finding);
        None
    }

    /// Reads one item; `what` names it in messages.
    pub(super) fn read<T: schema::Item>(&mut self, node: NodeId, what: &str) -> Option<T> {
        schema::read(self.tree, node, what, self.findings)
    }

    /// Reads a part of an item, if the item has it. The code that reads the item reports a missing part.
    pub(super) fn part<T>(
        &mut self,
        node: NodeId,
        key: &str,
        read: impl FnOnce(&mut Self, NodeId) -> Option<T>,
    ) -> Option<T> {
        read(self, self.tree.get(node, key)?)
    }

    /// Reads a part that an item may lack; `None` if it is there but could not be read.
    pub(super) fn maybe<T>(
        &mut self,
        node: NodeId,
        key: &str,
        read: impl FnOnce(&mut Self, NodeId) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.tree.get(node, key) {
            Some(part) => read(self, part).map(Some),
            None => Some(None),
        }
    }

    /// Reads each item of a list, which may be missing; leaves out those that could not be read.
    pub(super) fn each<T>(
        &mut self,
        node: NodeId,
        key: &str,
        mut read: impl FnMut(&mut Self, NodeId) -> Option<T>,
    ) -> Vec<T> {
        let Some(list) = self.tree.get(node, key) else {
            return Vec::new();
        };
        let items = self.items(list, &format!("`{key}`")).iter();
        items.filter_map(|&item| read(self, item)).collect()
    }

    /// Checks the top-level keys: all known, all there.
    pub(super) fn sections(&mut self) {
        let _: Option<schema::Spec> = self.read(self.tree.root(), "a spec");
    }

    /// The value of a top-level key.
    pub(super) fn section(&self, key: &str) -> Option<NodeId> {
        self.tree.get(self.tree.root(), key)
    }

    /// The entries of the map under a top-level key; a finding and none if it is something else.
    pub(super) fn chapter(&mut self, key: &str) -> &'a [Entry] {
        match self.section(key) {
            Some(node) => self.entries(node, &format!("`{key}`")),
            None => &[],
        }
    }

    /// The entries of a map; a finding and none if it is something else.
    pub(super) fn entries(&mut self, node: NodeId, what: &str) -> &'a [Entry] {
        let entries = self.tree.map(node);
        entries
            .or_else(|| self.wrong(node, what, "a map"))
            .unwrap_or_default()
    }

    /// The items of a list; a finding and none if it is something else.
    pub(super) fn items(&mut self, node: NodeId, what: &str) -> &'a [NodeId] {
        let items = self.tree.list(node);
        if items.is_none() {
            let finding = wrong_type::list(self.tree.span(node), what, self.tree.text(node));
            self.add(finding);
        }
        items.unwrap_or_default()
    }

    /// The text of a scalar; a finding if it is something else.
    pub(super) fn text(&mut self, node: NodeId, what: &str) -> Option<&'a str> {
        let text = self.tree.text(node);
        text.or_else(|| self.wrong(node, what, "a word or a number"))
    }

    /// Reports a value of the wrong type.
    pub(super) fn wrong<T>(&mut self, node: NodeId, what: &str, expected: &str) -> Option<T> {
        let (span, text) = (self.tree.span(node), self.tree.text(node));
        self.fail(wrong_type::finding(span, what, expected, text))
    }

    /// Reports a name that is not spelled like all names of its kind.
    pub(super) fn spelled(&mut self, span: Span, what: &str, name: &str, spelling: Spelling) {
        let Spelling { fits, style } = spelling;
        if !fits(name) {
            self.add(bad_name::finding(span, what, name, style));
        }
    }

    /// The register that a scalar names.
    pub(super) fn register(&mut self, node: NodeId) -> Option<Arc<ir::Register>> {
        let name = self.text(node, "a name")?;
        self.registers
            .get(name, self.tree.span(node), self.findings)
    }

    /// The descriptor that a scalar names.
    pub(super) fn descriptor(&mut self, node: NodeId) -> Option<Arc<ir::Descriptor>> {
        let name = self.text(node, "a name")?;
        self.descriptors
            .get(name, self.tree.span(node), self.findings)
    }

    /// The field of a descriptor that a scalar names.
    pub(super) fn descriptor_field(
        &mut self,
        descriptor: &ir::Descriptor,
        name: &str,
        span: Span,
    ) -> Option<Arc<ir::DescriptorField>> {
        let field = descriptor.field(name).cloned();
        if field.is_none() {
            let known = descriptor.fields.iter().map(|field| field.name.as_str());
            self.no_field(&descriptor.name, known.collect(), name, span);
        }
        field
    }

    /// The field of a register with a given name.
    pub(super) fn field(
        &mut self,
        register: &ir::Register,
        name: &str,
        span: Span,
    ) -> Option<Arc<ir::Field>> {
        let field = register.field(name).cloned();
        if field.is_none() {
            let known = register.fields.iter().map(|field| field.name.as_str());
            self.no_field(&register.name, known.collect(), name, span);
        }
        field
    }

    /// The field of a register that a scalar names.
    pub(super) fn field_named(
        &mut self,
        register: &ir::Register,
        node: NodeId,
    ) -> Option<Arc<ir::Field>> {
        self.field(register, self.tree.text(node)?, self.tree.span(node))
    }

    /// Reports that there is no such field, unless reading one of that name failed.
    fn no_field(&mut self, owner: &str, known: Vec<&str>, name: &str, span: Span) {
        if !self.broken.contains(&broken_field(owner, name)) {
            self.add(unknown_name::of(span, owner, "field", name, &known));
        }
    }

    /// The variants that a name stands for: one in the spec's own text, those that are like it in an inherited part.
    pub(super) fn variants_of(&mut self, name: &str, span: Span) -> Option<ir::Variants> {
        let mut found = self.no_variant();
        if let Some(stand_ins) = self.tree.stand_ins(name, span.file) {
            for (has, variant) in found.has.iter_mut().zip(&self.variants) {
                *has = stand_ins.contains(variant);
            }
            return Some(found);
        }
        let Some(index) = self.variants.iter().position(|known| known == name) else {
            let known: Vec<&str> = self.variants.iter().map(String::as_str).collect();
            return self.fail(unknown_variant::finding(span, name, &known));
        };
        found.has[index] = true;
        Some(found)
    }

    /// The variants that a list names; `None` if there is no such list.
    pub(super) fn variants_named(&mut self, node: NodeId, key: &str) -> Option<ir::Variants> {
        self.tree.get(node, key)?;
        let mut named = self.no_variant();
        for &item in self.tree.items(node, key) {
            let name = self.tree.text(item).unwrap_or_default();
            if let Some(variants) = self.variants_of(name, self.tree.span(item)) {
                named = named.or(&variants);
            }
        }
        Some(named)
    }

    /// The variants that `only_on` names: without it, all.
    pub(super) fn only_on(&mut self, node: NodeId) -> ir::Variants {
        let named = self.variants_named(node, "only_on");
        named.unwrap_or_else(|| ir::Variants::all(self.variants.len()))
    }

    /// The constant of that name.
    pub(super) fn constant(&self, name: &str) -> Option<&Arc<ir::Constant>> {
        let mut constants = self.constants.iter().map(|constant| &**constant);
        constants.find(|constant| constant.name == name)
    }

    /// The option of that name.
    pub(super) fn option(&self, name: &str) -> Option<&Arc<ir::Choice>> {
        let mut options = self.options.iter().map(|option| &**option);
        options.find(|option| option.name == name)
    }

    /// Drops inherited constants and options that only steps of other variants use.
    pub(super) fn drop_unused(&mut self) {
        let (tree, used) = (self.tree, &self.used_names);
        let is_kept = |node, name: &str| {
            let is_own = !tree.key_span(node).file.is_inherited();
            is_own || used.contains(name) || !tree.was_in_removed_step(name)
        };
        self.constants.retain(|each| is_kept(each.node, &each.name));
        self.options.retain(|each| is_kept(each.node, &each.name));
    }

    /// No variant at all.
    pub(super) fn no_variant(&self) -> ir::Variants {
        ir::Variants::all(self.variants.len()).not()
    }
}

/// The key under which a field that could not be read is stored.
pub(super) fn broken_field(owner: &str, field: &str) -> String {
    format!("{owner}.{field}")
}

/// Things by name, in the order of the file. One that could not be read is known by name only.
pub(super) struct Table<T> {
    kind: &'static str,
    order: Vec<Sited<Arc<T>>>,
    by_name: BTreeMap<String, Option<Arc<T>>>,
}

impl<T> Table<T> {
    fn new(kind: &'static str) -> Self {
        Self {
            kind,
            order: Vec::new(),
            by_name: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, name: &str, node: NodeId, item: Option<T>) {
        let item = item.map(Arc::new);
        if let Some(item) = &item {
            self.order.push(Sited::new(node, Arc::clone(item)));
        }
        self.by_name.insert(name.to_owned(), item);
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The thing of that name; a finding if there is none.
    pub(super) fn get(&self, name: &str, span: Span, findings: &mut Findings) -> Option<Arc<T>> {
        match self.by_name.get(name) {
            Some(item) => item.clone(),
            None => {
                let known: Vec<&str> = self.names().collect();
                findings.add(unknown_name::finding(span, self.kind, name, &known));
                None
            }
        }
    }

    /// The thing of that name, if it could be read.
    pub(super) fn find(&self, name: &str) -> Option<&Arc<T>> {
        self.by_name.get(name)?.as_ref()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    pub(super) fn known(self) -> Vec<Sited<Arc<T>>> {
        self.order
    }
}
