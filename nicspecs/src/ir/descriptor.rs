//! Descriptor formats.

use crate::identifiers;
use crate::words::words;
use std::sync::Arc;

/// A descriptor format.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Descriptor {
    /// Name in the spec: `tx_legacy`.
    pub name: String,
    /// `TxLegacy`
    pub type_name: String,
    /// The datasheet's title.
    pub title: String,
    /// Section of the datasheet.
    pub section: String,
    /// Bytes; a multiple of 8.
    pub size: u32,
    /// Fields by position; with `reserved` they cover every bit once.
    pub fields: Vec<Arc<DescriptorField>>,
    /// Reserved bits as (lowest bit, number of bits), by position.
    pub reserved: Vec<(u32, u32)>,
    /// Whether the rings use it.
    pub used: bool,
}

impl Descriptor {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Arc<DescriptorField>> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Its quadwords with the fields that start in each; no field crosses from one into the next.
    pub fn words(&self) -> Vec<Word> {
        let fields = |index| -> Vec<_> {
            let fields = self.fields.iter().filter(|field| field.word() == index);
            fields.cloned().collect()
        };
        let all: Vec<_> = (0..self.size / 8).map(fields).collect();
        let has_type = |fields: &[Arc<DescriptorField>]| {
            !fields.is_empty() && !matches!(fields, [field] if field.width == 64)
        };
        let several = all.iter().filter(|fields| has_type(fields)).count() > 1;
        let word = |(index, fields): (u32, Vec<Arc<DescriptorField>>)| {
            let order = quadword(index);
            let (name, type_name) = match (fields.as_slice(), has_type(&fields)) {
                ([field], false) => (field.snake.clone(), None),
                (_, false) => (format!("{}_{order}", self.name), None),
                (_, true) if several => {
                    let type_name = format!("{}{}", self.type_name, identifiers::camel(&order));
                    (format!("{}_{order}", self.name), Some(type_name))
                }
                (_, true) => (self.name.clone(), Some(self.type_name.clone())),
            };
            Word {
                index,
                name,
                type_name,
                fields,
            }
        };
        (0..).zip(all).map(word).collect()
    }
}

/// The position of a quadword in its descriptor, in a word.
pub fn quadword(index: u32) -> String {
    let order = ["first", "second"].get(index as usize);
    order.map_or_else(|| format!("word_{index}"), |order| (*order).to_owned())
}

/// A quadword of a descriptor.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Word {
    /// Position in the descriptor.
    pub index: u32,
    /// Its name in generated code: that of its only field, or of the format. Not escaped.
    pub name: String,
    /// The type of its fields; `None` if it is one number.
    pub type_name: Option<String>,
    /// Fields in it, by position.
    pub fields: Vec<Arc<DescriptorField>>,
}

/// A field of a descriptor.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DescriptorField {
    /// The datasheet's name: `LENGTH`.
    pub name: String,
    /// `length`
    pub snake: String,
    /// What it does.
    pub doc: Option<String>,
    /// Lowest bit, counted over the whole descriptor.
    pub low: u32,
    /// Number of bits.
    pub width: u32,
    /// Who writes it.
    pub by: Owner,
}

impl DescriptorField {
    /// The quadword it is in.
    pub fn word(&self) -> u32 {
        self.low / 64
    }

    /// Lowest bit, counted from the start of its quadword.
    pub fn shift(&self) -> u32 {
        self.low % 64
    }

    /// Whether it is one bit.
    pub fn is_bit(&self) -> bool {
        self.width == 1
    }

    /// Largest value it holds.
    pub fn max(&self) -> u64 {
        u64::MAX >> (64 - self.width)
    }

    /// Its bits in its quadword.
    pub fn mask(&self) -> u64 {
        self.max() << self.shift()
    }
}

words! {
    /// Who writes a field.
    pub enum Owner {
        /// The driver writes it, the NIC reads it.
        Host = "host",
        /// The NIC writes it back.
        Nic = "nic",
        /// An owner bit: the driver sets it to hand the descriptor over, the NIC clears it to give it back.
        Both = "both",
    }
}
