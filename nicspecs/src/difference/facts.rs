//! The items of a spec, with their facts.
//!
//! A fact is called after its key, and says what the spec says: `ring.max`. Elements of lists, and keys that are free
//! names, stand behind the key: `encode.first tx.FIRST`.

use std::mem;

use super::change::{Fact, Sort, Subject};
use super::side::Side;
use crate::diagnostic::NodeId;
use crate::ir::{Nic, Pattern, SettingValue, Stripped};
use crate::number;
use crate::schema::{self, Key, Type};
use crate::tree::{Kind, Tree};

/// Something that has a name, with its facts in the spec.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) subject: Subject,
    pub(super) facts: Vec<Fact>,
}

/// Keys that say the name of an item, or what is compared in another way.
const ELSEWHERE: [&str; 4] = ["name", "then", "steps", "constants"];

/// Lists whose first element has a meaning of its own: the id of a simulated device, and the default scheme.
const FIRST: [&str; 2] = ["pci", "completion"];

/// Every item of a spec, in the order of the language.
pub(super) fn items(side: &Side) -> Vec<Item> {
    let tree = side.tree();
    let mut reader = Reader {
        tree,
        nic: side.meant(),
        around: Vec::new(),
        item: Subject::chapter(""),
        facts: Vec::new(),
        items: Vec::new(),
    };
    for chapter in schema::spec().keys {
        if let Some(node) = tree.get(tree.root(), chapter.name) {
            reader.chapter(chapter, node);
        }
    }
    reader.items
}

struct Reader<'t> {
    tree: &'t Tree,
    nic: &'t Nic,
    /// The maps around what is read, the outermost first.
    around: Vec<NodeId>,
    /// The item that is read.
    item: Subject,
    /// Its facts.
    facts: Vec<Fact>,
    items: Vec<Item>,
}

impl<'t> Reader<'t> {
    fn chapter(&mut self, chapter: &'static Key, node: NodeId) {
        let tree = self.tree;
        match (chapter.ty, tree.kind(node)) {
            (Type::Map(_), _) => self.item(Subject::chapter(chapter.name), chapter.ty, node),
            (Type::Names(_, ty), Kind::Map(entries)) => {
                for entry in entries {
                    self.item(Subject::named(chapter.name, &entry.key), *ty, entry.value);
                    self.fields(chapter.name, &entry.key, entry.value, *ty);
                }
            }
            (Type::List(ty), Kind::List(nodes)) => {
                for &node in nodes {
                    let name = ["name", "then"].iter().find_map(|key| tree.get(node, key));
                    let name = name.and_then(|name| tree.text(name)).unwrap_or_default();
                    let is_taken = |name: &str| {
                        let subject = Subject::named(chapter.name, name);
                        self.items.iter().any(|item| item.subject == subject)
                    };
                    let name = free(name, is_taken);
                    self.item(Subject::named(chapter.name, &name), *ty, node);
                }
            }
            _ => {}
        }
    }

    /// The fields of a register or of a descriptor format.
    fn fields(&mut self, chapter: &'static str, name: &str, node: NodeId, ty: Type) {
        let Type::Map(shape) = ty else { return };
        if let Some(Type::Names(_, ty)) = shape().key("fields").map(|key| key.ty)
            && let Some(fields) = self.tree.get(node, "fields")
        {
            for field in self.tree.map(fields).unwrap_or_default() {
                self.item(Subject::field(chapter, name, &field.key), *ty, field.value);
            }
        }
    }

    fn item(&mut self, subject: Subject, ty: Type, node: NodeId) {
        let chapter = subject.chapter;
        self.item = subject.clone();
        if ["variants", "spaces"].contains(&chapter) {
            let before = self.items.iter();
            let before = before.filter(|item| item.subject.chapter == chapter);
            let position = before.count() + 1;
            self.implied("position", position.to_string());
        }
        self.map("", node, ty);
        match chapter {
            "constants" => self.on_variants(&subject.to_string()),
            "rx" => {
                let crc = match &self.nic.rx.crc.stripped {
                    Stripped::Never => "kept".to_owned(),
                    Stripped::Always => "stripped".to_owned(),
                    Stripped::Choice(choice) => format!("stripped by {}", choice.name),
                };
                self.implied("CRC", crc);
            }
            _ => {}
        }
        let mut facts = mem::take(&mut self.facts);
        facts.sort_by_key(|fact| fact.sort != Sort::Hardware);
        self.items.push(Item { subject, facts });
    }

    /// The values that variants give a constant.
    fn on_variants(&mut self, constant: &str) {
        let variants = self.tree.get(self.tree.root(), "variants");
        let variants = variants.and_then(|variants| self.tree.list(variants));
        for &variant in variants.unwrap_or_default() {
            let text = |path: &[&str]| {
                let mut path = path.iter();
                let node = path.try_fold(variant, |node, key| self.tree.get(node, key))?;
                self.tree.text(node)
            };
            if let (Some(name), Some(value)) = (text(&["name"]), text(&["constants", constant])) {
                self.hardware(format!("value on {name}"), value.to_owned());
            }
        }
    }

    /// Adds what a map with keys of the language says, or leaves to the defaults.
    fn map(&mut self, before: &str, node: NodeId, ty: Type) {
        let keys = schema::keys(self.tree, node, ty).unwrap_or_default();
        self.around.push(node);
        for key in keys.iter().filter(|key| !ELSEWHERE.contains(&key.name)) {
            let aspect = format!("{before}{}", key.name);
            match (self.tree.get(node, key.name), key.default.or(key.without)) {
                (Some(node), _) => self.value(key, aspect, node),
                (None, Some(default)) if !matches!(key.ty, Type::List(_)) => {
                    self.fact(key, aspect, default.to_owned());
                    self.is_not_stated();
                }
                _ => {}
            }
        }
        self.around.pop();
    }

    fn value(&mut self, key: &Key, aspect: String, node: NodeId) {
        let tree = self.tree;
        match (tree.kind(node), key.ty) {
            (Kind::Scalar { text, .. }, _) => self.fact(key, aspect, self.in_full(key, text)),
            (Kind::List(items), Type::List(ty)) => {
                let mut order: Vec<String> = Vec::new();
                for (place, &item) in items.iter().enumerate() {
                    let (name, value) = match tree.text(item) {
                        Some(text) => (self.in_full(key, text), String::new()),
                        None => self.element(&aspect, place, item, *ty),
                    };
                    if place == 0 && FIRST.contains(&key.name) {
                        self.implied(format!("first {aspect}"), name.clone());
                    }
                    order.push(name.clone());
                    self.fact(key, format!("{aspect} {name}"), value);
                }
                if order.len() > 1 {
                    self.add(format!("order of {aspect}"), order.join(", "), Sort::Order);
                }
            }
            (Kind::Map(entries), Type::Names(..)) => {
                for entry in entries {
                    if let Some(text) = tree.text(entry.value) {
                        let aspect = format!("{aspect} {}", self.in_full(key, &entry.key));
                        let number = self.number(key, &entry.key);
                        let value = number.filter(|_| number::fitting::<u64>(text).is_none());
                        self.fact(key, aspect, value.unwrap_or_else(|| text.to_owned()));
                    }
                }
            }
            (_, ty) => self.map(&format!("{aspect}."), node, ty),
        }
    }

    /// The number that an expression with constants comes to, in the value of a descriptor field or the most of an
    /// argument.
    fn number(&self, key: &Key, name: &str) -> Option<String> {
        let of_pattern = |pattern: &Pattern| {
            let mut settings = pattern.set.iter();
            match settings.find(|setting| setting.field.name == name)?.value {
                SettingValue::Number(value) => Some(value.to_string()),
                _ => None,
            }
        };
        match (self.item.chapter, key.name) {
            ("tx", "set") => of_pattern(&self.nic.tx.encode),
            ("rx", "set") => of_pattern(&self.nic.rx.arm),
            ("sequences", "args") => {
                let sequence = self.nic.sequence(self.item.name.as_deref()?)?;
                let mut args = sequence.signature.args.iter();
                Some(args.find(|arg| arg.name == name)?.max.to_string())
            }
            _ => None,
        }
    }

    /// The name and the value of a map in a list: what it says first, and the rest. One that begins with a condition is
    /// called after its place.
    fn element(&mut self, list: &str, place: usize, node: NodeId, ty: Type) -> (String, String) {
        let outer = mem::take(&mut self.facts);
        self.map("", node, ty);
        let (words, mut facts): (Vec<_>, Vec<_>) = mem::replace(&mut self.facts, outer)
            .into_iter()
            .partition(|fact| fact.sort != Sort::Hardware);
        for fact in words {
            self.add(format!("{list}.{}", fact.aspect), fact.value, fact.sort);
        }
        let keys = schema::keys(self.tree, node, ty).unwrap_or_default();
        let is_condition = matches!(keys.first().map(|key| key.ty), Some(Type::Expression));
        let first = facts.first().filter(|_| !is_condition);
        let name = match first.map(|fact| (fact.aspect.split_once(' '), &fact.value)) {
            Some((Some((_, element)), _)) => element.to_owned(),
            Some((None, _)) => facts.remove(0).value,
            None => (place + 1).to_string(),
        };
        let said = facts
            .iter()
            .map(|Fact { aspect, value, .. }| match value.as_str() {
                "" => aspect.clone(),
                value => format!("{aspect} {value}"),
            });
        (name, said.collect::<Vec<_>>().join(", "))
    }

    /// A name as it stands outside of its map: a field with its register or descriptor format.
    fn in_full(&self, key: &Key, name: &str) -> String {
        let owner = |path: &str, &map: &NodeId| {
            let mut path = path.split('.');
            let node = path.try_fold(map, |node, key| self.tree.get(node, key))?;
            self.tree.text(node)
        };
        let mut around = self.around.iter().rev();
        match key
            .of
            .and_then(|path| around.find_map(|map| owner(path, map)))
        {
            Some(owner) => format!("{owner}.{name}"),
            None => name.to_owned(),
        }
    }

    fn fact(&mut self, key: &Key, aspect: String, value: String) {
        let sort = match key.is_prose() {
            true => Sort::Words,
            false => Sort::Hardware,
        };
        self.add(aspect, value, sort);
    }

    fn hardware(&mut self, aspect: impl Into<String>, value: String) {
        self.add(aspect.into(), value, Sort::Hardware);
    }

    /// Adds a fact. Facts with the same name get a number.
    fn add(&mut self, aspect: String, value: String, sort: Sort) {
        let is_taken = |name: &str| self.facts.iter().any(|fact| fact.aspect == name);
        let aspect = free(&aspect, is_taken);
        self.facts.push(Fact {
            aspect,
            value,
            sort,
            stated: true,
        });
    }

    /// Adds a fact that the spec does not state in these words: a default, or what follows from other facts.
    fn implied(&mut self, aspect: impl Into<String>, value: String) {
        self.hardware(aspect, value);
        self.is_not_stated();
    }

    /// The spec does not state the last fact.
    fn is_not_stated(&mut self) {
        if let Some(fact) = self.facts.last_mut() {
            fact.stated = false;
        }
    }
}

/// The name, with a number if it is taken.
fn free(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name} ({number})"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or_default()
}
