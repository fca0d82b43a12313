use crate::check::places::Ring;
use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::{FrameLimits, RingLimits};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0407",
    "contradictory limits",
    "The limits of rings, frames and buffers are consistent.",
    &[(
        "  frame: { min: 17, max: 1518, pads_to: 60, descriptors: 8 }",
        "  frame: { min: 17, max: 16, pads_to: 0, descriptors: 8 }",
    )],
);

/// A limit that cannot hold, alone or beside another one.
pub(super) struct Contradiction {
    pub(super) key: &'static str,
    pub(super) other: Option<&'static str>,
    pub(super) message: String,
}

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let rings = draft.rings();
    let rings = rings.map(|Ring { key, limits, .. }| ([key, "ring"], of_ring(limits)));
    let frames = draft.tx.iter();
    let frames = frames.map(|tx| (["tx", "frame"], of_frame(&tx.frame)));
    for ([ring, part], wrong) in rings.chain(frames) {
        for each in wrong {
            findings.add(RULE.at(draft.span(&[ring, part, each.key]), each.message));
        }
    }
}

/// What contradicts something in the limits of a ring.
pub(super) fn of_ring(limits: &RingLimits) -> Vec<Contradiction> {
    let RingLimits {
        min,
        max,
        multiple,
        align,
        ..
    } = *limits;
    let mut wrong = Vec::new();
    if min > max {
        wrong.push(too_large("min", min, max));
    }
    for (key, slots) in [("min", min), ("max", max)] {
        if !slots.is_multiple_of(multiple) {
            wrong.push(Contradiction {
                key,
                other: Some("multiple"),
                message: format!("`{key}` ({slots}) is not a multiple of `multiple` ({multiple})"),
            });
        }
    }
    if !align.is_power_of_two() {
        wrong.push(Contradiction {
            key: "align",
            other: None,
            message: format!("`align` must be a power of two, not {align}"),
        });
    }
    wrong
}

/// The same of frames to send.
pub(super) fn of_frame(frame: &FrameLimits) -> Vec<Contradiction> {
    let parts = [("min", frame.min), ("pads_to", frame.pads_to)];
    let wrong = parts.into_iter().filter(|(_, bytes)| *bytes > frame.max);
    wrong
        .map(|(key, bytes)| too_large(key, bytes, frame.max))
        .collect()
}

fn too_large(key: &'static str, value: u32, max: u32) -> Contradiction {
    Contradiction {
        key,
        other: Some("max"),
        message: format!("`{key}` ({value}) must be at most `max` ({max})"),
    }
}
