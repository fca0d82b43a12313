use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::Doorbell;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0410",
    "doorbell does not match the completion scheme",
    "A ring with owner bits has no index doorbell; every other ring has one.",
    &[(
        "  doorbell: { kind: kick, register: BELL, set: [RX], again: true }",
        "  doorbell: { kind: index, register: MTA }",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for ring in draft.rings() {
        let by_index = matches!(ring.doorbell, Doorbell::Index(_));
        let (message, help) = match (by_index, ring.by_owner()) {
            (true, true) => (
                "a ring with owner bits has no index to announce",
                "use `kind: kick` if a register makes the NIC check the ring, otherwise `kind: none`",
            ),
            (false, false) => (
                "a ring without owner bits needs an index doorbell",
                "use `kind: index` and name the tail register",
            ),
            _ => continue,
        };
        let span = draft.span(&[ring.key, "doorbell", "kind"]);
        findings.add(RULE.at(span, message).help(help));
    }
}
