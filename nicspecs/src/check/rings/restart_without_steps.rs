use crate::check::places::Ring;
use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::Restart;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0417",
    "queue restart without steps",
    "With `restart: queue`, the sequences that disable and enable the queue have steps.",
    &[(
        "  tx.disable:\n    section: \"2.12\"\n    steps:\n      - clear: \"TXCTL[queue].ENABLE\"\n",
        "  tx.disable:\n    section: \"2.12\"\n    steps: []\n",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for Ring { key, restart, .. } in draft.rings() {
        if restart != Restart::Queue {
            continue;
        }
        let span = draft.span(&[key, "restart"]);
        for half in ["disable", "enable"] {
            let name = format!("{key}.{half}");
            let sequence = draft.sequence(&name).filter(|each| each.complete);
            if let Some(sequence) = sequence.filter(|each| each.body.steps.is_empty()) {
                let message = format!("`{name}` has no steps, so it restarts no queue");
                findings.add(
                    RULE.at(span, message)
                        .label(draft.tree.key_span(sequence.node), "has no steps")
                        .help("use `restart: device` if only a device reset restarts a ring"),
                );
            }
        }
    }
}
