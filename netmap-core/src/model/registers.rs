//! Registers.

use crate::register::Piece;

/// The effect of reads and writes of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Stores what is written.
    ReadWrite,
    /// Writes are ignored.
    ReadOnly,
    /// Reads are meaningless.
    WriteOnly,
    /// Reading clears.
    ReadClear,
    /// Writing a one clears that bit.
    WriteOneClear,
    /// Reading clears, and writing a one clears that bit.
    ReadOrWriteOneClear,
    /// Writing any value clears.
    WriteClear,
    /// Writing a one sets that bit.
    WriteOneSet,
}

/// One register or array of registers.
#[derive(Debug)]
pub struct RegisterModel {
    /// Mnemonic.
    pub name: &'static str,
    /// Title in the datasheet.
    pub title: &'static str,
    /// Section of the datasheet.
    pub section: &'static str,
    /// Names of the variants that have it; empty if all do.
    pub only_on: &'static [&'static str],
    /// Bits: 8, 16, 32 or 64.
    pub width: u8,
    /// The access kind.
    pub access: Access,
    /// Value after reset, of every element.
    pub reset: u64,
    /// Whether that value is invalid, so that a driver has to write the register before a ring runs.
    pub must_write: bool,
    /// The pieces of the array; one piece of one element for a single register.
    pub pieces: &'static [Piece],
    /// Named fields, by position.
    pub fields: &'static [FieldModel],
}

impl Access {
    /// Whether reading clears.
    pub const fn read_clears(self) -> bool {
        matches!(self, Access::ReadClear | Access::ReadOrWriteOneClear)
    }
}

impl RegisterModel {
    /// Whether the variant of that name has the register.
    pub fn exists_on(&self, variant: &str) -> bool {
        self.only_on.is_empty() || self.only_on.contains(&variant)
    }
}

/// One field of a register.
#[derive(Debug)]
pub struct FieldModel {
    /// Mnemonic.
    pub name: &'static str,
    /// Lowest bit.
    pub low: u8,
    /// Number of bits.
    pub width: u8,
    /// Named values.
    pub values: &'static [(&'static str, u64)],
    /// Its meaning, in one sentence; may be empty.
    pub doc: &'static str,
}
