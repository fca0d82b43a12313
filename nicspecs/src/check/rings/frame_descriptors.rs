//! The longest frame fits into the descriptors that it may use, and these fit into a ring.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::Draft;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0414",
    "frame too long for its descriptors",
    "The longest frame fits into the descriptors that it may use, and these fit into a ring.",
    &[(
        "LENGTH: { bits: \"79:64\", by: host }",
        "LENGTH: { bits: \"70:64\", by: host }\n      KIND: { bits: \"79:71\", by: host }",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(tx) = &draft.tx else { return };
    let frame = tx.frame;
    let at = |key| draft.tree.span(draft.node(&["tx", "frame", key]));
    if frame.descriptors == 0 || frame.descriptors >= tx.ring.max {
        let message = format!(
            "a frame must have 1 to {} descriptors, not {}",
            tx.ring.max.saturating_sub(1),
            frame.descriptors
        );
        let finding = FindingDraft::new(&RULE, at("descriptors"), message);
        findings.add(finding.help("one descriptor of a ring stays free"));
    } else if frame.descriptors > 1 {
        let most = u64::from(frame.descriptors) * tx.descriptor_max();
        if u64::from(frame.max) > most {
            let message = format!(
                "the longest frame exceeds {} descriptors",
                frame.descriptors
            );
            let finding = FindingDraft::new(&RULE, at("max"), message);
            findings.add(
                finding
                    .here(format!("more than {most} bytes"))
                    .label(at("descriptors"), format!("these hold {most} bytes"))
                    .help(format!(
                        "one descriptor holds {} bytes",
                        tx.descriptor_max()
                    )),
            );
        }
    }
}
