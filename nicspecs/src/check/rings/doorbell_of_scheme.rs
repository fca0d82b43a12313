//! An owner bit hands a descriptor over by itself; everywhere else the doorbell says how far the NIC may go.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::{Doorbell, Scheme};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0410",
    "doorbell of another protocol",
    "An owner bit hands a descriptor over by itself; everywhere else the doorbell says how far the NIC may go.",
    &[(
        "  doorbell: { register: BELL, kind: kick, set: [RX], again: true }",
        "  doorbell: { register: MTA, kind: index }",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let tx = draft.tx.as_ref();
    let rx = draft.rx.as_ref();
    let rings = [
        (tx.map(|tx| (&tx.doorbell, tx.has(Scheme::OwnerBit))), "tx"),
        (
            rx.map(|rx| (&rx.doorbell, rx.completion.scheme == Scheme::OwnerBit)),
            "rx",
        ),
    ];
    for (ring, key) in rings {
        let Some((doorbell, by_owner)) = ring else {
            continue;
        };
        let by_index = matches!(doorbell, Doorbell::Index(_));
        let (message, help) = match (by_index, by_owner) {
            (true, true) => (
                "a ring with owner bits has no index to announce",
                "say `kind: kick` if a register tells the NIC to look, else `kind: none`",
            ),
            (false, false) => (
                "without an owner bit nothing says how far the NIC may go",
                "say `kind: index` and name the register of the tail",
            ),
            _ => continue,
        };
        let span = draft.tree.span(draft.node(&[key, "doorbell", "kind"]));
        findings.add(FindingDraft::new(&RULE, span, message).help(help));
    }
}
