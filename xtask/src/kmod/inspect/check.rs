//! The findings of one check.

use object::elf;

use crate::machine_code::Code;

/// The result of one check.
pub struct Check {
    pub name: &'static str,
    /// How much was checked.
    pub counted: String,
    /// Findings, each with the function and the instruction or symbol.
    pub findings: Vec<String>,
}

/// The location and mnemonic of an instruction, for findings.
pub(super) fn place(code: &Code<'_>, start: u64, instruction: &iced_x86::Instruction) -> String {
    let offset = instruction.ip() - start;
    format!(
        "{} + {offset:#x}: {:?}",
        code.name(start),
        instruction.code()
    )
}

pub(super) fn kind(kind: elf::RelocationType) -> String {
    elf::NAMES_R_X86_64
        .name(kind)
        .map_or_else(|| format!("type {}", kind.0), str::to_owned)
}
