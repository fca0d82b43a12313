use crate::check::places::Ring;
use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::RingLimits;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0407",
    "contradictory limits",
    "The limits of rings, frames and buffers are consistent.",
    &[(
        "  frame: { min: 17, max: 1518, pads_to: 60, descriptors: 8 }",
        "  frame: { min: 17, max: 16, pads_to: 0, descriptors: 8 }",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let mut require = |good: bool, path: &[&str], message: String| {
        if !good {
            findings.add(RULE.at(draft.span(path), message));
        }
    };
    for Ring { key, limits, .. } in draft.rings() {
        let RingLimits {
            min,
            max,
            multiple,
            align,
            ..
        } = *limits;
        let mut of_ring = |good, part, message| require(good, &[key, "ring", part], message);
        of_ring(
            min <= max,
            "min",
            format!("`min` must be at most `max` ({max})"),
        );
        for (name, slots) in [("min", min), ("max", max)] {
            let message = format!("`{name}` ({slots}) is not a multiple of this");
            let divides = slots.is_multiple_of(multiple);
            of_ring(divides, "multiple", message);
        }
        let message = format!("`align` must be a power of two, not {align}");
        of_ring(align.is_power_of_two(), "align", message);
    }
    if let Some(tx) = &draft.tx {
        let (frame, max) = (tx.frame, tx.frame.max);
        let mut of_frame = |good, part, message| require(good, &["tx", "frame", part], message);
        let message = format!("`min` must be at most `max` ({max})");
        of_frame(frame.min <= max, "min", message);
        let message = format!("`pads_to` must be at most `max` ({max})");
        of_frame(frame.pads_to <= max, "pads_to", message);
    }
}
