//! Registers in words, one line each, as `nm-info --registers` has them.

use core::fmt;

use netmap_core::Bus;
use netmap_core::model::{Model, Reading, RegisterModel};
use netmap_core::register::{Piece, RegOffset};

/// Writes every register of the variant that reading does not change.
pub(crate) fn write<B: Bus>(
    to: &mut impl fmt::Write,
    bus: &B,
    model: &Model,
    variant: &str,
) -> fmt::Result {
    for register in model.registers.iter().filter(|r| r.exists_on(variant)) {
        if model.reading(register) == Reading::Pure {
            for piece in register.pieces {
                elements(to, bus, register, piece)?;
            }
        }
    }
    Ok(())
}

/// The elements of a piece, neighbours of the same value together.
fn elements<B: Bus>(
    to: &mut impl fmt::Write,
    bus: &B,
    register: &RegisterModel,
    piece: &Piece,
) -> fmt::Result {
    let is_array = register.pieces.len() > 1 || piece.count > 1;
    let value_of = |element: u32| {
        let at = RegOffset(piece.offset.0 + element * piece.stride);
        match register.width {
            8 => bus.read8(at).into(),
            16 => bus.read16(at).into(),
            32 => bus.read32(at).into(),
            _ => bus.read64(at),
        }
    };
    let (mut element, mut value) = (0, value_of(0));
    while element < piece.count {
        let mut next = element + 1;
        let mut after = value;
        while next < piece.count {
            after = value_of(next);
            if after != value {
                break;
            }
            next += 1;
        }
        let offset = piece.offset.0 + element * piece.stride;
        write!(to, "{offset:#07x} {}", register.name)?;
        let (first, last) = (piece.first + element, piece.first + next - 1);
        match (is_array, first == last) {
            (false, _) => {}
            (true, true) => write!(to, "[{first}]")?,
            (true, false) => write!(to, "[{first}..={last}]")?,
        }
        let digits = usize::from(register.width) / 4 + 2;
        write!(to, " {value:#0digits$x}")?;
        fields(to, register, value)?;
        to.write_char('\n')?;
        (element, value) = (next, after);
    }
    Ok(())
}

fn fields(to: &mut impl fmt::Write, register: &RegisterModel, value: u64) -> fmt::Result {
    for field in register.fields {
        let value = value >> field.low & (u64::MAX >> (64 - field.width));
        let named = field.values.iter().find(|(_, of)| *of == value);
        match (named, value) {
            (Some((name, _)), _) => write!(to, " {}={name}", field.name)?,
            (None, 0..10) => write!(to, " {}={value}", field.name)?,
            (None, _) => write!(to, " {}={value:#x}", field.name)?,
        }
    }
    Ok(())
}
