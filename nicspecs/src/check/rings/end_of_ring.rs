//! The NIC finds the end of a ring by a length register or by a mark in the last descriptor.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::Draft;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0412",
    "ring end unknown to the NIC",
    "The NIC finds the end of a ring by a length register or by a mark in the last descriptor.",
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
            let message = "the ring has neither a length register nor an end mark";
            let finding = FindingDraft::new(&RULE, span, message);
            findings.add(finding.help(
                "add the mark of the last descriptor as `end_of_ring`, or the length register to `registers` as `bytes`",
            ));
        }
    }
}
