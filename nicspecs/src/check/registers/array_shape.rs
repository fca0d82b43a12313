//! The pieces of an array are consecutive from element 0, and its elements do not overlap.

use crate::diagnostic::Findings;
use crate::draft::Draft;
use crate::errors::array_shape::finding;
use crate::place::MOST;

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for register in &draft.registers {
        let list = draft
            .tree
            .get(register.node, "pieces")
            .and_then(|list| draft.tree.list(list))
            .unwrap_or_default();
        let mut next = 0;
        for (index, piece) in register.pieces.iter().enumerate() {
            let node = list.get(index).copied().unwrap_or(register.node);
            if piece.first != next {
                let problem = format!("has a piece that begins with element {}", piece.first);
                let help = format!("the piece must begin with element {next}");
                findings.add(finding(
                    draft.tree.span_at(node, "first"),
                    &register.name,
                    &problem,
                    &help,
                ));
            }
            if piece.count == 0 || piece.count > MOST {
                let problem = format!("has {} elements", piece.count);
                let help = format!("an array has 1 to {MOST} elements");
                findings.add(finding(
                    draft.tree.span_at(node, "count"),
                    &register.name,
                    &problem,
                    &help,
                ));
            }
            if piece.stride < register.bytes() {
                let problem = "has elements that overlap";
                let help = format!(
                    "an element has {} bytes, so the stride is at least that",
                    register.bytes()
                );
                findings.add(finding(
                    draft.tree.span_at(node, "stride"),
                    &register.name,
                    problem,
                    &help,
                ));
            }
            next = piece.first.saturating_add(piece.count);
        }
    }
}
