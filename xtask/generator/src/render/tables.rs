//! Names, registers and descriptors in the tables of a model.

use std::fmt;
use std::sync::Arc;

use nicspecs::ir::{
    Descriptor, DescriptorField, EnumValue, Field, FieldPlace, NumKind, Owner, Pattern, Piece,
    Register, Setting, SettingValue, Variant, Variants,
};

use super::register;
use super::steps::literal;
use super::text::{comment, hex, sentence};

/// A struct: `Name { key: value, ... }`.
pub struct Record(String);

impl Record {
    /// A struct of that name, without fields.
    pub fn new(name: impl fmt::Display) -> Self {
        Self(format!("{name} {{\n"))
    }

    /// With one more field.
    pub fn with(self, key: &str, value: impl fmt::Display) -> Self {
        Self(format!("{}{key}: {value},\n", self.0))
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}}}", self.0)
    }
}

/// A slice: `&[item, ...]`.
pub fn list(items: impl IntoIterator<Item: fmt::Display>) -> String {
    let items = items.into_iter().map(|item| format!("{item},\n"));
    format!("&[{}]", items.collect::<String>())
}

pub fn option(value: Option<impl fmt::Display>) -> String {
    value.map_or("None".to_owned(), |value| format!("Some({value})"))
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

pub fn name(register: &Register) -> String {
    literal(&register.name)
}

pub fn names<'s>(names: impl IntoIterator<Item = &'s String>) -> String {
    list(names.into_iter().map(|name| literal(name)))
}

pub fn field_names<'p>(places: impl IntoIterator<Item = &'p FieldPlace>) -> String {
    list(places.into_iter().map(field_name))
}

/// A field by name.
pub fn field_name(at: &FieldPlace) -> String {
    let register = &at.place.register;
    let (name, field) = (name(register), literal(&at.field.name));
    let index = at.place.index.as_ref();
    match index.map(|index| (index.constant(), &index.kind)) {
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
            other => format!("SlotValue::{other:?}"),
        };
        format!("({}, {value})", literal(&setting.field.name))
    };
    list(pattern.set.iter().map(meaning))
}

/// The table of a descriptor format.
pub fn format(format: &Descriptor) -> Record {
    let field = |field: &Arc<DescriptorField>| {
        let by = match field.by {
            Owner::Host => "Owner::Host",
            // Of a field that both sides write, the device describes what it writes back.
            Owner::Nic | Owner::Both => "Owner::Nic",
        };
        let (low, width) = (field.low, field.width);
        format!("bits({}, {low}, {width}, {by})", literal(&field.name))
    };
    Record::new("DescriptorModel")
        .with("name", literal(&format.name))
        .with("size", format.size)
        .with("fields", list(format.fields.iter().map(field)))
}

/// The table of a register, after its access kind if it is not `listed` among the driver's registers.
pub fn table(register: &Register, variants: &[Arc<Variant>], listed: bool) -> String {
    let mut fields: Vec<_> = register.fields.iter().collect();
    fields.sort_by_key(|field| field.low);
    let field = |field: &Arc<Field>| {
        let doc = literal(field.doc.as_deref().unwrap_or_default());
        let bits = format!("{}, {}, {}", literal(&field.name), field.low, field.width);
        let value = |value: &Arc<EnumValue>| format!("({}, {})", literal(&value.name), value.value);
        match field.values.as_slice() {
            [] => format!("field({bits}, {doc})"),
            values => format!("choice({bits}, {}, {doc})", list(values.iter().map(value))),
        }
    };
    let doc = register.doc.as_deref().filter(|_| !listed);
    let doc = doc.map_or_else(Vec::new, |doc| comment("//", &sentence(doc, None), 1));
    let reset = match register.reset {
        0 => "0".to_owned(),
        value => hex(value, 0),
    };
    let access = register::access(register.access);
    let table = Record::new("RegisterModel")
        .with("name", literal(&register.name))
        .with("title", literal(&register.title))
        .with("section", literal(&register.section))
        .with("only_on", only_on(&register.variants, variants))
        .with("width", register.width)
        .with("access", format!("Access::{access}"))
        .with("reset", reset)
        .with("must_write", register.must_write)
        .with("pieces", pieces(register))
        .with("fields", list(fields.into_iter().map(field)));
    let lines = doc.into_iter().chain([table.to_string()]);
    lines.map(|line| format!("\n{line}")).collect()
}

/// Where a register is.
pub fn pieces(register: &Register) -> String {
    pieces_of([register])
}

/// Where registers are, one after the other.
pub fn pieces_of<'r>(registers: impl IntoIterator<Item = &'r Register>) -> String {
    let each = registers.into_iter().flat_map(|register| {
        let digits = register::digits(register);
        register.pieces.iter().map(move |piece| {
            let offset = hex(piece.offset, digits);
            let Piece {
                first,
                count,
                stride,
                ..
            } = piece;
            match register.is_array {
                true => format!("piece({first}, {count}, {offset}, {stride:#x})"),
                false => format!("single({offset})"),
            }
        })
    });
    list(each)
}
