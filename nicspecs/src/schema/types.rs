//! The types of keys as data, for readers, editors and the language reference.

use crate::bounds;

/// The type of a value.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A sentence or a free name.
    Text,
    /// `true` or `false`.
    Flag,
    /// A number up to this one.
    Number(u64),
    /// The name of something: of a register, a field, a variant.
    Name,
    /// A section of the datasheet, in quotes.
    Section,
    /// A bit, or `"high:low"`.
    Bits,
    /// Vendor and device: `"8086:100e"`.
    PciId,
    /// An expression: a number or a condition.
    Expression,
    /// A number or a constant, and a unit: `10us`.
    Duration,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Any number of these.
    List(&'static Type),
    /// A map whose keys are free names.
    Names(Style, &'static Type),
    /// One of two types, which differ in kind: scalar, list or map.
    Either(&'static Type, &'static Type),
    /// A map with keys of the language.
    Map(fn() -> &'static Shape),
    /// One of several maps, by the word under one key.
    Choice(fn() -> &'static Choice),
}

/// A map of the language.
#[derive(Debug)]
#[non_exhaustive]
pub struct Shape {
    /// Its name in this program.
    pub name: &'static str,
    pub(super) doc: &'static str,
    /// Its keys, in the order of the reference.
    pub keys: &'static [Key],
}

/// A word, and the other keys that it allows in its map.
pub type Case = (&'static str, fn() -> &'static Shape);

/// A map whose other keys depend on one of its words.
#[derive(Debug)]
#[non_exhaustive]
pub struct Choice {
    /// Its name in this program.
    pub name: &'static str,
    pub(super) doc: &'static str,
    /// The key with that word.
    pub tag: Key,
    /// Each word, and the keys that go with it.
    pub cases: &'static [Case],
}

/// A key of the language.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Key {
    /// Its spelling.
    pub name: &'static str,
    /// The type of its value.
    pub ty: Type,
    /// Whether its map needs it.
    pub required: bool,
    /// The default, as a spec would state it.
    pub default: Option<&'static str>,
    /// The value of a name that the map under it does not have.
    pub each: Option<&'static str>,
    /// The default in words, where it is not the same in every spec.
    pub without: Option<&'static str>,
    /// Where a datasheet has it.
    pub find: Option<&'static str>,
    /// The smallest number, if that is not zero.
    pub min: Option<u64>,
    /// The largest number, if its type has larger ones.
    pub max: Option<u64>,
    /// Most entries of the list or map, if not the usual number.
    pub most: Option<usize>,
    /// The key that must be present with it.
    pub only_with: Option<&'static str>,
    /// Whether that key needs it.
    pub needed: bool,
    /// Whether it is what a step does: a step has one such key.
    pub verb: bool,
    /// The key, in the same map or in one around it, with the register or descriptor format that a field is of.
    pub(crate) of: Option<&'static str>,
    /// Whether no spec inherits it.
    pub own: bool,
    /// Whether a spec with `like` replaces each of its parts as a whole.
    pub whole: bool,
    /// How its number, or each number of the map under it, is written; in decimal if nothing else is said.
    pub notation: Option<Notation>,
    /// Whether its text is always in quotes, because most such texts need them.
    pub(crate) quoted: bool,
    pub(super) doc: &'static str,
    pub(super) prose: bool,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// In hexadecimal from 10 on.
    Hex,
    /// In hexadecimal, with the digits of the last byte of the register's space.
    HexOfSpace,
    /// In hexadecimal, with the digits of the register's width.
    HexOfRegister,
    /// In hexadecimal, with the digits of the largest number of the type.
    HexOfType,
    /// As the author likes: it may be a count or a mask.
    Any,
}

impl Key {
    pub(super) const fn new(
        name: &'static str,
        doc: &'static str,
        ty: Type,
        required: bool,
    ) -> Self {
        Self {
            name: word(name),
            ty,
            required,
            default: None,
            each: None,
            without: None,
            find: None,
            min: None,
            max: None,
            most: None,
            only_with: None,
            needed: false,
            verb: false,
            of: None,
            own: false,
            whole: false,
            notation: None,
            quoted: false,
            doc,
            prose: false,
        }
    }

    /// Its documentation, in one sentence.
    pub fn doc(&self) -> &'static str {
        self.doc.trim()
    }

    /// Whether its value is prose, which neither driver nor hardware uses.
    pub fn is_prose(&self) -> bool {
        self.prose || matches!(self.ty, Type::Section)
    }

    /// The smallest and the largest number of that type under it.
    pub fn range(&self, ty: Type) -> (u64, u64) {
        let of_type = match ty {
            Type::Number(max) => max,
            _ => u64::MAX,
        };
        let max = self.max.unwrap_or(of_type);
        (self.min.unwrap_or(0), max.min(of_type))
    }

    /// Most entries of each list and map under it.
    pub fn most(&self) -> usize {
        self.most.unwrap_or(bounds::ENTRIES)
    }

    /// Whether an empty list or map means the same as no such key.
    pub fn empty_is_default(&self) -> bool {
        let needed = self.required || self.needed || self.verb;
        !needed && self.without.is_none() && self.ty.may_be_empty()
    }
}

/// The word of an identifier: without `r#`, if it has that.
pub(super) const fn word(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        _ => name,
    }
}

impl Shape {
    /// The documentation of the map, in one sentence.
    pub fn doc(&self) -> &'static str {
        self.doc.trim()
    }

    /// The key of that name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Choice {
    /// Every key that it may have.
    pub fn keys(&'static self) -> Vec<&'static Key> {
        let mut keys = vec![&self.tag];
        for key in self.cases.iter().flat_map(|(_, shape)| shape().keys) {
            if keys.iter().all(|known| known.name != key.name) {
                keys.push(key);
            }
        }
        keys
    }

    /// The documentation of the map, in one sentence.
    pub fn doc(&self) -> &'static str {
        self.doc.trim()
    }
}

impl Type {
    /// Whether there is an empty value of it.
    fn may_be_empty(&self) -> bool {
        match self {
            Self::List(_) | Self::Names(..) => true,
            Self::Map(shape) => shape().keys.iter().all(|key| !key.required),
            _ => false,
        }
    }

    /// The words that it is one of.
    pub(super) fn words(&self) -> &'static [&'static str] {
        match self {
            Self::Word(words) => words,
            _ => &[],
        }
    }

    /// Where a datasheet has such a value, whatever its key is.
    pub(crate) fn find(&self) -> Option<&'static str> {
        match self {
            Self::Section => Some(
                "the number, in quotes, of the section that describes this part: see the table of contents",
            ),
            Self::PciId => Some(
                "vendor and device id, such as `\"8086:100e\"`: see 'PCI Configuration Space' or 'Device IDs', or ask `lspci -nn`",
            ),
            _ => None,
        }
    }

    /// What to write, in words.
    pub fn in_words(&self) -> String {
        let words = match self {
            Self::Text | Self::PciId => "text",
            Self::Flag => "`true` or `false`",
            Self::Number(0xff) => "a number up to 255",
            Self::Number(u64::MAX) => "a number",
            Self::Number(max) => {
                let bits = u64::BITS - max.leading_zeros();
                return format!("a number of at most {bits} bits");
            }
            Self::Name => "a name",
            Self::Section => "a section, quoted",
            Self::Bits => "a bit such as `26`, or bits such as `\"9:8\"` with the highest first",
            Self::Expression => "an expression",
            Self::Duration => "a duration",
            Self::Word(_) => "a word",
            Self::List(_) => "a list",
            Self::Names(..) | Self::Map(_) | Self::Choice(_) => "a map",
            Self::Either(one, other) => {
                return format!("{} or {}", one.in_words(), other.in_words());
            }
        };
        words.to_owned()
    }
}

/// The spelling of free names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `CTRL_EXT`: words of capitals and digits, as in the datasheet.
    Mnemonic,
    /// `eeprom_load`: words of lower-case letters and digits.
    Lower,
    /// `tx.enable`: lower-case words with dots between them.
    Dotted,
    /// `0x0a`: a number.
    Number,
    /// `TDBAL[queue]`: a register, with an index if it is an array.
    Register,
}

impl Style {
    /// The regular expression of such a name, without anchors.
    pub fn pattern(self) -> &'static str {
        match self {
            Self::Mnemonic => "[A-Z][A-Z0-9]*(_[A-Z0-9]+)*",
            Self::Lower => "[a-z][a-z0-9]*(_[a-z0-9]+)*",
            Self::Dotted => r"[a-z][a-z0-9]*(_[a-z0-9]+)*(\.[a-z][a-z0-9]*(_[a-z0-9]+)*)*",
            Self::Number => "(0x[0-9a-fA-F]+|0|[1-9][0-9]*)",
            Self::Register => r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*(\[.+\])?",
        }
    }

    /// A placeholder for such a name in a table.
    pub fn placeholder(self) -> &'static str {
        match self {
            Self::Mnemonic => "NAME",
            Self::Lower | Self::Dotted => "name",
            Self::Number => "number",
            Self::Register => "REG",
        }
    }
}
