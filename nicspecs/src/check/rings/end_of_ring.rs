use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0412",
    "ring end unknown to the NIC",
    "The NIC finds the end of a ring by a length register or by a mark in the last descriptor, or all rings have one length.",
    &[("    end_of_ring: [END]\n", "")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for ring in draft.rings() {
        if ring.registers.bytes.is_none() && !ring.has_end && ring.limits.min != ring.limits.max {
            let message = "the ring has neither a length register nor an end mark";
            let finding = RULE.at(draft.tree.key_span(ring.written), message);
            findings.add(finding.help(
                "add the mark of the last descriptor as `end_of_ring`, or the length register to `registers` as `bytes`; if the \
                 NIC takes the length in another unit, give `min` and `max` of `ring` one value and let `tx.enable` or \
                 `rx.enable` write it",
            ));
        }
    }
}
