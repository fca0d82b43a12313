//! Reading items of a tree as the types of the language.

use super::types::{Choice, Shape, Type};
use super::yaml::{self, Scalar};
use crate::diagnostic::{Findings, NodeId};
use crate::errors::{missing_key, not_a_number, unknown_key, unknown_value, wrong_type};
use crate::number;
use crate::tree::{Kind, Tree};
use crate::words::OneOfWords;

/// A type of the spec language.
pub(crate) trait Typed {
    /// Its description as data.
    const TYPE: Type;
}

/// A map of the language.
pub(crate) trait Map: Typed {
    fn shape() -> &'static Shape;
}

/// A map that is read separately, so that an error in one register does not hide those in the next.
pub(crate) trait Item: Sized {
    fn read(map: &mut Entries<'_, '_>) -> Option<Self>;
}

/// A value of a key.
pub(crate) trait Value: Typed + Sized {
    /// Whether its key has to be there.
    const REQUIRED: bool = true;

    /// The value of a missing key.
    fn absent() -> Option<Self> {
        None
    }

    fn read(place: &mut Place<'_, '_>) -> Option<Self>;
}

/// Reads one item. An item with a value of the wrong type counts as not read, so its parts are not reported as missing;
/// one with an unknown key is read without it. `what` names it in messages: "register `TDT`".
pub(crate) fn read<T: Item>(
    tree: &Tree,
    id: NodeId,
    what: &str,
    findings: &mut Findings,
) -> Option<T> {
    let Some(entries) = tree.map(id) else {
        findings.add(wrong_type::finding(tree.span(id), what, "a map", None));
        return None;
    };
    let mut map = Entries {
        tree,
        id,
        what,
        findings,
        known: Vec::new(),
    };
    let item = T::read(&mut map);
    let known = map.known;
    for entry in entries {
        if !known.contains(&entry.key.as_str()) {
            let is_bare = tree.text(entry.value) == Some("");
            let (span, key) = (entry.key_span, entry.key.as_str());
            findings.add(unknown_key::finding(span, what, key, is_bare, &known));
        }
    }
    item
}

/// Reads one value of the list under `key`.
pub(crate) fn element<T: Value>(
    tree: &Tree,
    node: NodeId,
    key: &str,
    findings: &mut Findings,
) -> Option<T> {
    T::read(&mut Place {
        tree,
        node,
        key,
        findings,
    })
}

/// The entries of a map that is being read.
pub(crate) struct Entries<'a, 'f> {
    tree: &'a Tree,
    id: NodeId,
    what: &'a str,
    findings: &'f mut Findings,
    /// Keys that were requested.
    known: Vec<&'static str>,
}

impl Entries<'_, '_> {
    /// The value of a key; reports a required key that is missing.
    pub(super) fn value<T: Value>(&mut self, key: &'static str) -> Option<T> {
        self.known.push(key);
        match self.tree.get(self.id, key) {
            Some(node) => element(self.tree, node, key, self.findings),
            None => {
                let absent = T::absent();
                if absent.is_none() {
                    self.missing(key);
                }
                absent
            }
        }
    }

    /// The word that decides which other keys are allowed. If the word is unknown, any of them is.
    pub(super) fn tag(&mut self, choice: &'static Choice) -> Option<&'static str> {
        let key = choice.tag.name;
        self.known.push(key);
        let words = choice.tag.ty.words();
        let word = match self.tree.get(self.id, key) {
            Some(node) => Place {
                tree: self.tree,
                node,
                key,
                findings: self.findings,
            }
            .word(words),
            None => {
                self.missing(key);
                None
            }
        };
        if word.is_none() {
            for key in choice.cases.iter().flat_map(|(_, shape)| shape().keys) {
                if !self.known.contains(&key.name) {
                    self.known.push(key.name);
                }
            }
        }
        word
    }

    fn missing(&mut self, key: &str) {
        self.findings.add(match self.id == self.tree.root() {
            true => missing_key::of_file(key),
            false => missing_key::finding(self.tree.key_span(self.id), self.what, key),
        });
    }
}

/// The place of a value that is being read.
pub(crate) struct Place<'a, 'f> {
    pub(super) tree: &'a Tree,
    pub(super) node: NodeId,
    pub(super) key: &'a str,
    pub(super) findings: &'f mut Findings,
}

impl Place<'_, '_> {
    /// The value of a scalar.
    pub(super) fn scalar(&self) -> Option<Scalar> {
        yaml::scalar_at(self.tree, self.node)
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> &str {
        self.tree.text(self.node).unwrap_or_default()
    }

    /// Reports a value of the wrong type.
    pub(super) fn wrong<T>(&mut self, expected: Type) -> Option<T> {
        let (span, text) = (self.tree.span(self.node), self.tree.text(self.node));
        let parts = match (expected, self.tree.kind(self.node)) {
            (
                Type::Number(_),
                Kind::Scalar {
                    text, plain: true, ..
                },
            ) => vec![text.as_str()],
            (Type::Bits, Kind::Scalar { text, .. }) => text.split(':').map(str::trim).collect(),
            _ => Vec::new(),
        };
        let malformed = |part: &&&str| number::is_meant(part) && number::parse(part).is_err();
        let in_words = expected.in_words();
        if let Some(part) = parts.iter().find(malformed) {
            self.findings.add(not_a_number::finding(span, part));
            return None;
        }
        let finding = wrong_type::finding(span, &format!("`{}`", self.key), &in_words, text);
        self.findings.add(match (expected, text) {
            (Type::Number(_), Some(text)) if number::parse(text).is_ok() => {
                finding.help("a number has no quotes")
            }
            (Type::Flag, Some("true" | "false")) => finding.help("write it without quotes"),
            (Type::Flag, Some("yes" | "on" | "1")) => finding.help("write `true`"),
            (Type::Flag, Some("no" | "off" | "0")) => finding.help("write `false`"),
            _ => finding,
        });
        None
    }

    /// One of a few words.
    pub(super) fn word(&mut self, words: &'static [&'static str]) -> Option<&'static str> {
        let Some(Scalar::Text(text)) = self.scalar() else {
            return self.wrong(Type::Word(words));
        };
        let word = words.iter().find(|word| **word == text).copied();
        if word.is_none() {
            let span = self.tree.span(self.node);
            self.findings
                .add(unknown_value::finding(span, self.key, &text, words));
        }
        word
    }

    /// A number up to `max`.
    fn number(&mut self, max: u64) -> Option<u64> {
        let number = match self.scalar() {
            Some(Scalar::Number(number)) => Some(number).filter(|number| *number <= max),
            _ => None,
        };
        number.or_else(|| self.wrong(Type::Number(max)))
    }
}

impl<T: OneOfWords> Typed for T {
    const TYPE: Type = Type::Word(T::WORDS);
}

impl<T: OneOfWords> Value for T {
    fn read(place: &mut Place<'_, '_>) -> Option<Self> {
        let word = place.word(T::WORDS)?;
        T::VALUES.iter().copied().find(|value| value.word() == word)
    }
}

macro_rules! numbers {
    ($($ty:ident)+) => { $(
        impl Typed for $ty {
            const TYPE: Type = Type::Number($ty::MAX as u64);
        }

        impl Value for $ty {
            fn read(place: &mut Place<'_, '_>) -> Option<Self> {
                place.number($ty::MAX.into())?.try_into().ok()
            }
        }
    )+ };
}

numbers!(u8 u16 u32 u64);

impl Typed for bool {
    const TYPE: Type = Type::Flag;
}

impl Value for bool {
    fn read(place: &mut Place<'_, '_>) -> Option<Self> {
        match place.scalar() {
            Some(Scalar::Flag(flag)) => Some(flag),
            _ => place.wrong(Self::TYPE),
        }
    }
}

impl Typed for String {
    const TYPE: Type = Type::Text;
}

impl Value for String {
    fn read(place: &mut Place<'_, '_>) -> Option<Self> {
        match place.scalar() {
            Some(Scalar::Text(text)) => Some(text),
            _ => place.wrong(Self::TYPE),
        }
    }
}

impl<T: Typed> Typed for Option<T> {
    const TYPE: Type = T::TYPE;
}

impl<T: Value> Value for Option<T> {
    const REQUIRED: bool = false;

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn read(place: &mut Place<'_, '_>) -> Option<Self> {
        match place.scalar() {
            Some(Scalar::Null) => Some(None),
            _ => T::read(place).map(Some),
        }
    }
}

impl<T: Typed> Typed for Vec<T> {
    const TYPE: Type = Type::List(&T::TYPE);
}

impl<T: Value> Value for Vec<T> {
    fn read(place: &mut Place<'_, '_>) -> Option<Self> {
        let Some(items) = place.tree.list(place.node) else {
            let (what, text) = (format!("`{}`", place.key), place.tree.text(place.node));
            let finding = wrong_type::list(place.tree.span(place.node), &what, text);
            place.findings.add(finding);
            return None;
        };
        let items = items
            .iter()
            .map(|&item| element(place.tree, item, place.key, place.findings));
        // Each item that does not read is reported.
        let items: Vec<Option<T>> = items.collect();
        items.into_iter().collect()
    }
}
