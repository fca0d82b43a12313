use crate::diagnostic::{Findings, RuleInfo};
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
    let at = |key| draft.span(&["tx", "frame", key]);
    let (count, most) = (frame.descriptors, tx.ring.max.saturating_sub(1));
    if count == 0 || count > most {
        let message = format!("a frame must have 1 to {most} descriptors, not {count}");
        let finding = RULE.at(at("descriptors"), message);
        findings.add(finding.help("one descriptor of a ring stays free"));
    } else if count > 1 {
        let bytes = tx.descriptor_max();
        let most = u64::from(count) * bytes;
        if u64::from(frame.max) > most {
            let message = format!("the longest frame exceeds {count} descriptors");
            findings.add(
                RULE.at(at("max"), message)
                    .here(format!("more than {most} bytes"))
                    .label(at("descriptors"), format!("these hold {most} bytes"))
                    .help(format!("one descriptor holds {bytes} bytes")),
            );
        }
    }
}
