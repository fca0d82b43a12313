//! Words with named fields: registers and quadwords of descriptors.

use std::sync::Arc;

use nicspecs::ir::{Descriptor, DescriptorField, Owner, Register};

use super::register::about;
use super::text::{doc, hex, identifier, named};

/// A type with named fields.
pub struct Bits {
    pub doc: Vec<String>,
    pub name: String,
    /// Bits of the whole word.
    pub width: u32,
    pub fields: Vec<Field>,
    pub values: Vec<Value>,
}

/// A field, or reserved bits.
pub struct Field {
    pub doc: Vec<String>,
    /// `None` for reserved bits.
    pub name: Option<String>,
    pub width: u32,
}

/// A named value of a field.
pub struct Value {
    pub doc: Vec<String>,
    pub name: String,
    pub value: String,
}

impl Bits {
    /// Fields and reserved bits, by position.
    fn new(doc: Vec<String>, name: String, width: u32, mut named: Vec<(u32, Field)>) -> Self {
        named.sort_by_key(|(low, _)| *low);
        let mut fields = Vec::new();
        let mut next = 0;
        for (low, field) in named {
            fields.extend(reserved(next, low));
            next = low + field.width;
            fields.push(field);
        }
        fields.extend(reserved(next, width));
        Self {
            doc,
            name,
            width,
            fields,
            values: Vec::new(),
        }
    }
}

impl Field {
    fn named(text: &str, snake: &str, width: u32) -> Self {
        Self {
            doc: doc(text, 1),
            name: Some(identifier(snake)),
            width,
        }
    }
}

fn reserved(from: u32, to: u32) -> Option<Field> {
    (from < to).then(|| Field {
        doc: Vec::new(),
        name: None,
        width: to - from,
    })
}

/// The value of a register.
pub fn register_bits(register: &Register) -> Bits {
    let fields = register.fields.iter().map(|field| {
        let text = named(&field.name, field.doc.as_deref());
        (field.low, Field::named(&text, &field.snake, field.width))
    });
    let values = register.fields.iter().flat_map(|field| {
        field.values.iter().map(|value| Value {
            doc: doc(&format!("`{}`: `{}`.", field.name, value.name), 1),
            name: value.const_name.clone(),
            value: match value.value {
                small @ 0..=9 => small.to_string(),
                large => hex(large, 0),
            },
        })
    });
    let mut bits = Bits::new(
        doc(&about(register, true), 0),
        register.type_name.clone(),
        register.width,
        fields.collect(),
    );
    bits.values = values.collect();
    bits
}

/// A quadword of a descriptor.
pub fn descriptor_bits(
    format: &Descriptor,
    title: &str,
    name: String,
    fields: &[Arc<DescriptorField>],
) -> Bits {
    let fields = fields.iter().map(|field| {
        let by = match field.by {
            Owner::Host => "the driver",
            Owner::Nic => "the NIC",
            Owner::Both => "both sides",
        };
        let text = match &field.doc {
            None => format!("`{}`, written by {by}.", field.name),
            doc => named(&field.name, doc.as_deref()),
        };
        (
            field.shift(),
            Field::named(&text, &field.snake, field.width),
        )
    });
    Bits::new(
        doc(&format!("{title} ({}).", format.section), 0),
        name,
        64,
        fields.collect(),
    )
}
