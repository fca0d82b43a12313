use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::FrameLimits;

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
    let at = |key| draft.span(&["tx", "frame", key]);
    let bytes = tx.descriptor_max();
    let Some((key, message)) = of(&tx.frame, tx.ring.max, bytes) else {
        return;
    };
    let finding = RULE.at(at(key), message);
    findings.add(match key {
        "descriptors" => finding.help("one descriptor of a ring stays free"),
        _ => {
            let most = u64::from(tx.frame.descriptors) * bytes;
            finding
                .here(format!("more than {most} bytes"))
                .label(at("descriptors"), format!("these hold {most} bytes"))
                .help(format!("one descriptor holds {bytes} bytes"))
        }
    });
}

/// What is wrong with the frames of rings of so many slots, if a descriptor holds so many bytes: the key, and why.
pub(super) fn of(frame: &FrameLimits, slots: u32, bytes: u64) -> Option<(&'static str, String)> {
    let (count, most) = (frame.descriptors, slots.saturating_sub(1));
    if count == 0 || count > most {
        let message = format!("a frame must have 1 to {most} descriptors, not {count}");
        return Some(("descriptors", message));
    }
    let is_too_long = count > 1 && u64::from(frame.max) > u64::from(count) * bytes;
    is_too_long.then(|| {
        (
            "max",
            format!("the longest frame exceeds {count} descriptors"),
        )
    })
}
