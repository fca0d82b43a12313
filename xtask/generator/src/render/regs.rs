//! `regs.rs`: the addresses and fields of registers.

use std::collections::BTreeSet;

use askama::Template;
use nicspecs::ir::Register;

use super::bits::{Bits, register_bits};
use super::facts::Facts;
use super::register::{about, access, digits};
use super::text::{doc, header, hex, identifier};

/// The file.
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
    /// The view of a NIC.
    pub fn new(facts: &Facts) -> Self {
        let registers = facts.registers();
        let kinds: BTreeSet<_> = registers
            .iter()
            .map(|register| access(register.access))
            .collect();
        let shapes: BTreeSet<_> = registers
            .iter()
            .map(|r| if r.is_array { "Array" } else { "Register" })
            .collect();
        let imports: BTreeSet<_> = kinds.union(&shapes).copied().collect();
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
            types: registers
                .iter()
                .filter(|register| facts.is_typed(register))
                .map(|r| register_bits(r))
                .collect(),
        }
    }
}

fn entry(facts: &Facts, register: &Register, all: &[&Register]) -> Entry {
    let typed = facts.is_typed(register);
    let value = if typed {
        register.type_name.clone()
    } else {
        format!("u{}", register.width)
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
    let piece = |piece: &nicspecs::ir::Piece| {
        let mut said = format!("offset = {}", hex(piece.offset, digits));
        if register.is_array {
            let small = piece.stride < 16;
            let stride = if small {
                piece.stride.to_string()
            } else {
                hex(piece.stride, 0)
            };
            said.push_str(&format!(", stride = {stride}"));
        }
        if register.pieces.len() > 1 {
            said.push_str(&format!(
                ", elements = {}..{}",
                piece.first,
                piece.first + piece.count
            ));
        }
        said.push_str(&std::mem::take(&mut once));
        said
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
    let elements = |register: &Register| {
        let offsets: Vec<_> = (0..register.count())
            .filter_map(|element| register.offset_of(element))
            .collect();
        offsets
    };
    register.name != other.name
        && elements(register).iter().any(|a| {
            elements(other)
                .iter()
                .any(|b| *a < b + other.bytes() && *b < a + register.bytes())
        })
}
