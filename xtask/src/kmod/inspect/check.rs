//! What one check finds.

use object::elf;

use crate::machine_code::Code;

/// What one check looked at, and what it found.
pub struct Check {
    pub name: &'static str,
    /// How much was looked at.
    pub counted: String,
    /// Each with the function and the instruction or symbol.
    pub findings: Vec<String>,
}

/// The instruction at `ip` as findings name it.
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
