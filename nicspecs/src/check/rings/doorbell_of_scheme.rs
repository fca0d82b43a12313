use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::{Doorbell, Scheme};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0410",
    "doorbell does not match the completion scheme",
    "A ring with owner bits has no index doorbell; every other ring has one.",
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
                "use `kind: kick` if a register makes the NIC check the ring, otherwise `kind: none`",
            ),
            (false, false) => (
                "a ring without owner bits needs an index doorbell",
                "use `kind: index` and name the tail register",
            ),
            _ => continue,
        };
        let span = draft.tree.span(draft.node(&[key, "doorbell", "kind"]));
        findings.add(RULE.at(span, message).help(help));
    }
}
