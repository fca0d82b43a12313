//! Arrays whose elements lie in blocks, such as one block for each queue: the registers of a block have the same
//! distances in every block.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::{Draft, Sited};
use crate::ir::{Piece, Register};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0312",
    "pieces of arrays out of order",
    "Arrays with the same pieces have the same distance from each other in every piece.",
    &[(
        "      - { first: 1, count: 1, offset: 0x284, stride: 0x20 }",
        "      - { first: 1, count: 1, offset: 0x28c, stride: 0x20 }",
    )],
);

type Array<'d> = &'d Sited<Arc<Register>>;

/// What pieces have in common if elements of the arrays lie in the same blocks.
type Shape = (String, Vec<(u32, u32, u64)>);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let mut alike: BTreeMap<Shape, Vec<Array<'_>>> = BTreeMap::new();
    for register in draft
        .registers
        .iter()
        .filter(|register| register.pieces.len() > 1)
    {
        let shape = |piece: &Piece| (piece.first, piece.count, piece.stride);
        let pieces = register.pieces.iter().map(shape).collect();
        let space = register.space.name.clone();
        alike.entry((space, pieces)).or_default().push(register);
    }
    for ((_, pieces), mut arrays) in alike {
        arrays.sort_by_key(|array| array.offset());
        for (index, (.., stride)) in pieces.iter().enumerate().skip(1) {
            // Arrays that are no further apart than their elements lie in the same blocks.
            for block in arrays.chunk_by(|one, other| other.offset() - one.offset() < *stride) {
                findings.extend(moved(draft, block, index));
            }
        }
    }
}

/// The arrays of a block whose piece is not where it is for most of them.
fn moved<'d>(
    draft: &'d Draft<'_>,
    block: &'d [Array<'d>],
    index: usize,
) -> impl Iterator<Item = FindingDraft> + 'd {
    let distance = move |array: &Array<'_>| {
        let to = array.pieces[index].offset;
        i128::from(to) - i128::from(array.offset())
    };
    let votes = |array: &&Array<'_>| {
        let same = block
            .iter()
            .filter(|other| distance(other) == distance(array));
        // Of as many, the earlier in the file is right.
        (same.count(), std::cmp::Reverse(array.node))
    };
    let right = block.iter().max_by_key(votes);
    let wrong = block
        .iter()
        .filter(move |array| right.is_some_and(|right| distance(array) != distance(right)));
    wrong.filter_map(move |array| {
        let right = right?;
        let span = |array| draft.tree.span_at(draft.piece(array, index), "offset");
        let first = array.pieces[index].first;
        let (name, near) = (&array.name, &right.name);
        let message = format!("`{name}` is not beside `{near}` from element {first} on");
        let place = i128::from(array.offset()) + distance(right);
        let finding = RULE
            .at(span(array), message)
            .label(span(right), format!("`{near}[{first}]`"));
        Some(finding.help(format!(
            "`{name}[{first}]` would lie at {place:#x}, as far from `{near}[{first}]` as `{name}[0]` from `{near}[0]`; check section {}",
            array.section
        )))
    })
}
