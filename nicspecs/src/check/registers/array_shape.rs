//! The pieces of an array are consecutive from element 0, and its elements do not overlap.

use crate::bounds::ELEMENTS;
use crate::diagnostic::Findings;
use crate::draft::Draft;
use crate::errors::array_shape::finding;

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for register in &draft.registers {
        let mut next = 0;
        for (index, piece) in register.pieces.iter().enumerate() {
            let mut add = |key: &str, problem: &str, help: String| {
                let span = draft.tree.span_at(draft.piece(register, index), key);
                findings.add(finding(span, &register.name, problem, &help));
            };
            if piece.first != next {
                let problem = format!("has a piece that begins with element {}", piece.first);
                add(
                    "first",
                    &problem,
                    format!("the piece must begin with element {next}"),
                );
            }
            if next + piece.count > ELEMENTS {
                let problem = format!("has {} elements", next + piece.count);
                let help = format!("an array has 1 to {ELEMENTS} elements");
                add("count", &problem, help);
            }
            let bytes = register.bytes();
            if piece.stride < bytes {
                let help = format!("an element has {bytes} bytes, so the stride is at least that");
                add("stride", "has elements that overlap", help);
            }
            next = piece.first.saturating_add(piece.count);
        }
    }
}
