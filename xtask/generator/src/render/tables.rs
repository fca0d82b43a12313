//! Names, registers and descriptors in the tables of a model.

use std::fmt;
use std::sync::Arc;

use nicspecs::ir::{
    Descriptor, DescriptorField, Field, FieldPlace, NumKind, Owner, Pattern, Piece, Register,
    Setting, SettingValue, Variant, Variants,
};

use super::register;
use super::steps::literal;
use super::text::{comment, hex, sentence};

/// Keys of a struct and their values.
pub struct Pairs(pub Vec<(&'static str, String)>);

impl fmt::Display for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.0.iter();
        let lines: Vec<_> = pairs
            .map(|(key, value)| format!("{key}: {value},"))
            .collect();
        f.write_str(&lines.join("\n"))
    }
}

/// A descriptor format.
pub struct Format {
    pub constant: String,
    pub title: String,
    pub name: String,
    pub size: u32,
    pub fields: Vec<String>,
}

/// A register.
pub struct RegisterTable {
    /// Its access kind, if the driver's registers do not define it.
    pub doc: Vec<String>,
    pub pairs: Pairs,
    pub pieces: String,
    pub fields: Vec<String>,
}

/// A list of registers by name.
pub fn registers_named(registers: &[Arc<Register>]) -> String {
    names(registers.iter().map(|register| &register.name))
}

/// A list of the names of variants; an empty one means all variants.
pub fn only_on(on: &Variants, variants: &[Arc<Variant>]) -> String {
    match on.is_all() {
        true => "&[]".to_owned(),
        false => names(on.indices().map(|index| &variants[index].name)),
    }
}

/// Words or registers by number.
pub fn numbered(entries: &[(u32, u16)]) -> String {
    let entries: Vec<_> = entries
        .iter()
        .map(|(at, value)| format!("({at:#04x}, {value:#06x})"))
        .collect();
    format!("&[{}]", entries.join(", "))
}

/// A register's name.
pub fn name(register: &Register) -> String {
    literal(&register.name)
}

/// A list of names.
pub fn names<'s>(names: impl IntoIterator<Item = &'s String>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| literal(name)).collect();
    format!("&[{}]", names.join(", "))
}

/// A list of fields by name.
pub fn field_names<'p>(places: impl IntoIterator<Item = &'p FieldPlace>) -> String {
    let names: Vec<_> = places.into_iter().map(field_name).collect();
    format!("&[{}]", names.join(", "))
}

/// A field by name.
pub fn field_name(at: &FieldPlace) -> String {
    let register = &at.place.register;
    let (name, field) = (name(register), literal(&at.field.name));
    match at
        .place
        .index
        .as_ref()
        .map(|index| (index.constant(), &index.kind))
    {
        Some((_, NumKind::Builtin { .. })) => format!("of_queue({name}, {field})"),
        // Without an index, the condition applies to each element of the array.
        None if register.is_array => format!("of_queue({name}, {field})"),
        Some((Some(element @ 1..), _)) => {
            format!(
                "FieldName {{ register: {name}, element: Element::Fixed({element}), field: {field} }}"
            )
        }
        _ => format!("of({name}, {field})"),
    }
}

/// The name of a format's constant.
pub fn constant(format: &Descriptor) -> String {
    format.name.to_uppercase()
}

/// The values that the driver writes into a descriptor.
pub fn meaning(pattern: &Pattern) -> String {
    let meaning = |setting: &Setting| {
        let value = match setting.value {
            SettingValue::Number(value) => format!("SlotValue::Fixed({value})"),
            SettingValue::Address => "SlotValue::Address".to_owned(),
            SettingValue::Length => "SlotValue::Length".to_owned(),
            SettingValue::FrameLength => "SlotValue::FrameLength".to_owned(),
        };
        format!("({}, {value})", literal(&setting.field.name))
    };
    let meanings: Vec<_> = pattern.set.iter().map(meaning).collect();
    format!("&[{}]", meanings.join(", "))
}

/// The table of a descriptor format.
pub fn format(format: &Descriptor) -> Format {
    let field = |field: &Arc<DescriptorField>| {
        let by = match field.by {
            Owner::Host => "Owner::Host",
            Owner::Nic => "Owner::Nic",
            // Both sides write it. For the device, it is a field that the device writes back.
            Owner::Both => "Owner::Nic",
        };
        format!(
            "bits({}, {}, {}, {by})",
            literal(&field.name),
            field.low,
            field.width
        )
    };
    Format {
        constant: constant(format),
        title: format!("{} ({}).", format.title, format.section),
        name: literal(&format.name),
        size: format.size,
        fields: format.fields.iter().map(field).collect(),
    }
}

/// The table of a register; `listed` if the driver's registers define it and its access kind.
pub fn table(register: &Register, variants: &[Arc<Variant>], listed: bool) -> RegisterTable {
    let mut fields: Vec<_> = register.fields.iter().collect();
    fields.sort_by_key(|field| field.low);
    let field = |field: &Arc<Field>| {
        let doc = literal(field.doc.as_deref().unwrap_or_default());
        let said = format!("{}, {}, {}", literal(&field.name), field.low, field.width);
        let values: Vec<_> = field
            .values
            .iter()
            .map(|value| format!("({}, {})", literal(&value.name), value.value))
            .collect();
        match values.as_slice() {
            [] => format!("field({said}, {doc})"),
            values => format!("choice({said}, &[{}], {doc})", values.join(", ")),
        }
    };
    let doc = register.doc.as_deref().filter(|_| !listed);
    RegisterTable {
        doc: doc.map_or_else(Vec::new, |doc| comment("//", &sentence(doc, None), 1)),
        pairs: Pairs(vec![
            ("name", literal(&register.name)),
            ("title", literal(&register.title)),
            ("section", literal(&register.section)),
            ("only_on", only_on(&register.variants, variants)),
            ("width", register.width.to_string()),
            (
                "access",
                format!("Access::{}", register::access(register.access)),
            ),
            (
                "reset",
                if register.reset == 0 {
                    "0".to_owned()
                } else {
                    hex(register.reset, 0)
                },
            ),
            ("must_write", register.must_write.to_string()),
        ]),
        pieces: pieces(register),
        fields: fields.into_iter().map(field).collect(),
    }
}

/// Where a register is.
pub fn pieces(register: &Register) -> String {
    let digits = register::digits(register);
    let piece = |piece: &Piece| {
        let offset = hex(piece.offset, digits);
        match register.is_array {
            true => {
                let Piece {
                    first,
                    count,
                    stride,
                    ..
                } = piece;
                format!("piece({first}, {count}, {offset}, {stride:#x})")
            }
            false => format!("single({offset})"),
        }
    };
    let pieces: Vec<_> = register.pieces.iter().map(piece).collect();
    format!("&[{}]", pieces.join(", "))
}
