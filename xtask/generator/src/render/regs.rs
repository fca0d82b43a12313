//! `regs.rs`: the addresses and fields of registers.

use std::collections::BTreeSet;

use askama::Template;
use nicspecs::ir::{Piece, Register};

use super::bits::{Bits, register_bits};
use super::facts::Facts;
use super::register::{about, access, digits};
use super::text::{doc, header, hex, identifier};

#[derive(Template)]
#[template(path = "regs.rs.jinja", escape = "none")]
pub struct Regs {
    header: String,
    imports: String,
    registers: Vec<Entry>,
    types: Vec<Bits>,
}

/// A register or an array of registers in the map.
struct Entry {
    doc: Vec<String>,
    /// The contents of each `reg` attribute.
    pieces: Vec<String>,
    name: String,
    ty: String,
}

impl Regs {
    pub fn new(facts: &Facts) -> Self {
        let registers = facts.registers();
        let imports = registers.iter().flat_map(|register| {
            let shape = if register.is_array {
                "Array"
            } else {
                "Register"
            };
            [access(register.access), shape]
        });
        let imports: BTreeSet<_> = imports.collect();
        let typed = registers.iter().filter(|register| facts.is_typed(register));
        Self {
            header: header(
                facts.nic,
                &format!("Registers of the {}.", facts.nic.title()),
            ),
            imports: imports.into_iter().collect::<Vec<_>>().join(", "),
            registers: registers
                .iter()
                .map(|register| entry(facts, register, &registers))
                .collect(),
            types: typed.map(|register| register_bits(register)).collect(),
        }
    }
}

fn entry(facts: &Facts, register: &Register, all: &[&Register]) -> Entry {
    let typed = facts.is_typed(register);
    let value = match typed {
        true => register.type_name.clone(),
        false => format!("u{}", register.width),
    };
    let kind = access(register.access);
    let name = identifier(&register.snake);
    let digits = digits(register);
    let mut once = String::new();
    if typed && register.width != 32 {
        once.push_str(&format!(", width = {}", register.width));
    }
    if register.is_array && name.to_uppercase() != register.name {
        once.push_str(&format!(", name = {:?}", register.name));
    }
    if all.iter().any(|other| overlaps(register, other)) {
        once.push_str(", shared");
    }
    let piece = |piece: &Piece| {
        let mut keys = format!("offset = {}", hex(piece.offset, digits));
        if register.is_array {
            let stride = match piece.stride {
                small @ 0..16 => small.to_string(),
                stride => hex(stride, 0),
            };
            keys.push_str(&format!(", stride = {stride}"));
        }
        if register.pieces.len() > 1 {
            let end = piece.first + piece.count;
            keys.push_str(&format!(", elements = {}..{end}", piece.first));
        }
        keys + &std::mem::take(&mut once)
    };
    Entry {
        doc: doc(&about(register, !typed), 1),
        pieces: register.pieces.iter().map(piece).collect(),
        name,
        ty: match register.is_array {
            true => format!("Array<{value}, {kind}, {}>", register.count()),
            false => format!("Register<{value}, {kind}>"),
        },
    }
}

/// Whether two registers overlap. Registers of disjoint variants may.
fn overlaps(register: &Register, other: &Register) -> bool {
    let elements = |register: &Register| -> Vec<u64> {
        let elements = 0..register.count();
        elements
            .filter_map(|element| register.offset_of(element))
            .collect()
    };
    register.name != other.name
        && elements(register).iter().any(|a| {
            elements(other)
                .iter()
                .any(|b| *a < b + other.bytes() && *b < a + register.bytes())
        })
}
