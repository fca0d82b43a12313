//! The NIC learns where a ring ends: from a register with its length, or from a mark in its last descriptor.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::Draft;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0412",
    "ring without an end",
    "The NIC learns where a ring ends: from a register with its length, or from a mark in its last descriptor.",
    &[("    end_of_ring: [END]\n", "")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let tx = draft.tx.as_ref();
    let tx = tx.map(|tx| (tx.registers.bytes.is_some(), tx.end_of_ring.is_empty()));
    let rx = draft.rx.as_ref();
    let rx = rx.map(|rx| (rx.registers.bytes.is_some(), rx.end_of_ring.is_empty()));
    for (ring, path) in [(tx, ["tx", "encode"]), (rx, ["rx", "arm"])] {
        if ring == Some((false, true)) {
            let span = draft.tree.key_span(draft.node(&path));
            let message = "no register has the length of the ring, and no mark ends it";
            let finding = FindingDraft::new(&RULE, span, message);
            findings.add(finding.help(
                "name the mark of the last descriptor in `end_of_ring`, or the register in `registers` as `bytes`",
            ));
        }
    }
}
