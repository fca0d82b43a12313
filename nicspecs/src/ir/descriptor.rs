//! Descriptor formats.

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
        let word = |index| {
            let fields = self.fields.iter().filter(|field| field.word() == index);
            let fields = fields.cloned().collect();
            Word { index, fields }
        };
        (0..self.size / 8).map(word).collect()
    }
}

/// A quadword of a descriptor.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Word {
    /// Position in the descriptor.
    pub index: u32,
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
