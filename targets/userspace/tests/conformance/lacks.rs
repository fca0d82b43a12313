//! The words for what QEMU's models lack.

use libtest_mimic::{Failed, Trial};
use nicspecs::ir::QemuLack;

use crate::behaviours;
use crate::cell::{self, Bus};

/// A trial: each word is explained in the book, and some behaviour is skipped because of it.
pub fn trial() -> Trial {
    Trial::test("each word of `lacks` skips behaviours", || {
        QemuLack::ALL.into_iter().try_for_each(has_effect)
    })
}

fn has_effect(part: QemuLack) -> Result<(), Failed> {
    let book = include_str!("../../../../docs/src/spec-language.md");
    let name = part.name();
    if !book.contains(&format!("\n| `{name}` | ")) {
        return Err(format!("spec-language.md has no row for `{name}`").into());
    }
    let mut cells = cell::all().iter().filter(|cell| cell.bus == Bus::Sim);
    let skips = cells.any(|cell| {
        let without = cell.without(part);
        behaviours::all().any(|behaviour| {
            (behaviour.needs)(cell).is_ok() && (behaviour.needs)(&without).is_err()
        })
    });
    match skips {
        true => Ok(()),
        false => Err(format!("no behaviour is skipped because of `{name}`").into()),
    }
}
