//! Registers and their fields.

use std::sync::Arc;

use super::expr::Num;
use super::identity::{Space, Variants};
use crate::words::words;

words! {
    /// What reading and writing a register do.
    pub enum Access {
        /// `rw`: reads back what was written.
        ReadWrite = "rw",
        /// `ro`: writes are ignored.
        ReadOnly = "ro",
        /// `wo`: reads mean nothing.
        WriteOnly = "wo",
        /// `rc`: reading clears.
        ReadClears = "rc",
        /// `w1c`: writing a one clears the bit.
        WriteOneClears = "w1c",
        /// `rc_w1c`: reading clears, and writing a one clears the bit.
        ReadOrWriteOneClears = "rc_w1c",
        /// `wc`: writing any value clears.
        WriteClears = "wc",
        /// `w1s`: writing a one sets the bit, a zero does nothing.
        WriteOneSets = "w1s",
    }
}

impl Access {
    /// Whether reading gives a value.
    pub fn can_read(self) -> bool {
        self != Self::WriteOnly
    }

    /// Whether writing does something.
    pub fn can_write(self) -> bool {
        !matches!(self, Self::ReadOnly | Self::ReadClears)
    }

    /// Whether reading clears.
    pub fn read_clears(self) -> bool {
        matches!(self, Self::ReadClears | Self::ReadOrWriteOneClears)
    }

    /// Whether writing a one clears the bit.
    pub fn write_clears(self) -> bool {
        matches!(self, Self::WriteOneClears | Self::ReadOrWriteOneClears)
    }

    /// Whether a write of any value clears.
    pub fn any_write_clears(self) -> bool {
        self == Self::WriteClears
    }

    /// Whether reading, changing and writing back leaves the other fields alone.
    pub fn can_modify(self) -> bool {
        self == Self::ReadWrite
    }
}

/// A register, or an array of registers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Register {
    /// The datasheet's mnemonic: `TXDCTL`.
    pub name: String,
    /// `txdctl`. Not escaped: it may be a keyword of the language it ends in.
    pub snake: String,
    /// `Txdctl`.
    pub type_name: String,
    /// The datasheet's title: `Transmit Descriptor Control`.
    pub title: String,
    /// Section of the datasheet.
    pub section: String,
    /// One sentence of our own.
    pub doc: Option<String>,
    /// Where it lives.
    pub space: Arc<Space>,
    /// Bits: 8, 16, 32 or 64.
    pub width: u32,
    /// What reading and writing do.
    pub access: Access,
    /// Value after a reset.
    pub reset: u64,
    /// Whether the power-on value is wrong, so that the driver has to write it.
    pub must_write: bool,
    /// Whether it is an array, even one of a single element.
    pub is_array: bool,
    /// Where its elements are, at least one piece, by element; a single register is one piece of one element.
    pub pieces: Vec<Piece>,
    /// Fields, in the spec's order; reserved bits have none.
    pub fields: Vec<Arc<Field>>,
    /// The variants that have it.
    pub variants: Variants,
    /// Who touches it.
    pub used: Used,
}

impl Register {
    /// Elements of an array; 1 for a single register.
    pub fn count(&self) -> u32 {
        self.pieces.iter().map(|piece| piece.count).sum()
    }

    /// Bytes of one element.
    pub fn bytes(&self) -> u64 {
        u64::from(self.width / 8)
    }

    /// Offset of the first element.
    pub fn offset(&self) -> u64 {
        self.pieces[0].offset
    }

    /// Offset of an element.
    pub fn offset_of(&self, element: u32) -> Option<u64> {
        self.pieces.iter().find_map(|piece| {
            let inside = element
                .checked_sub(piece.first)
                .filter(|&inside| inside < piece.count)?;
            Some(piece.offset + u64::from(inside) * piece.stride)
        })
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Arc<Field>> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Largest value it holds.
    pub fn max(&self) -> u64 {
        u64::MAX >> (64 - self.width)
    }
}

/// Elements of equal stride.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Piece {
    /// The first element in it.
    pub first: u32,
    /// Number of elements.
    pub count: u32,
    /// Bytes from the start of the space to the first element.
    pub offset: u64,
    /// Bytes from one element to the next.
    pub stride: u64,
}

/// Who touches a register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Used {
    /// Sequences, rings, interrupts, link, filters or statistics name it.
    pub driver: bool,
    /// `rss`, `order` or `model` name it.
    pub model: bool,
}

/// Bits of a register.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Field {
    /// The datasheet's name: `SPEED`.
    pub name: String,
    /// `speed`.
    pub snake: String,
    /// What it does.
    pub doc: Option<String>,
    /// Lowest bit.
    pub low: u32,
    /// Number of bits. A field of one bit is a condition, not a number.
    pub width: u32,
    /// Named values.
    pub values: Vec<Arc<EnumValue>>,
}

impl Field {
    /// Whether it is one bit, and so a condition.
    pub fn is_bit(&self) -> bool {
        self.width == 1
    }

    /// Highest bit.
    pub fn high(&self) -> u32 {
        self.low + self.width - 1
    }

    /// Largest value it holds.
    pub fn max(&self) -> u64 {
        u64::MAX >> (64 - self.width)
    }

    /// Its bits in the register.
    pub fn mask(&self) -> u64 {
        self.max() << self.low
    }
}

/// A named value of a field.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EnumValue {
    /// Name in the spec: `m1000`.
    pub name: String,
    /// Name of a constant, with the field: `SPEED_M1000`.
    pub const_name: String,
    /// The number.
    pub value: u64,
}

/// A register, or one element of an array.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Place {
    /// The register.
    pub register: Arc<Register>,
    /// Which element of an array. `None` means every element; only `order`, `crc` and `model` use that.
    pub index: Option<Box<Num>>,
}

/// A field at a place.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FieldPlace {
    /// The register.
    pub place: Place,
    /// The field.
    pub field: Arc<Field>,
}

impl FieldPlace {
    /// `REG.FIELD`, whichever element of an array it is of.
    pub fn name(&self) -> String {
        format!("{}.{}", self.place.register.name, self.field.name)
    }
}
