//! The limits of rings, frames and buffers are in range and consistent.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::RingLimits;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0407",
    "contradictory limits",
    "The limits of rings, frames and buffers are in range and consistent.",
    &[(
        "  frame: { min: 17, max: 1518, pads_to: 60, descriptors: 8 }",
        "  frame: { min: 17, max: 16, pads_to: 0, descriptors: 8 }",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let mut require = |good: bool, path: &[&str], message: String| {
        if !good {
            findings.add(FindingDraft::new(
                &RULE,
                draft.tree.span(draft.node(path)),
                message,
            ));
        }
    };
    let mut ring = |key: &str, queues: u32, ring: &RingLimits| {
        let (min, max, multiple) = (ring.min, ring.max, ring.multiple);
        require(
            (1..=1024).contains(&queues),
            &[key, "queues"],
            format!("`{key}` must have 1 to 1024 queues, not {queues}"),
        );
        require(
            min >= 1 && min <= max,
            &[key, "ring", "min"],
            format!("`min` must be at least 1 and at most `max` ({max})"),
        );
        require(
            max <= 1 << 16,
            &[key, "ring", "max"],
            "a ring must have at most 65536 descriptors".to_owned(),
        );
        let divides = |slots: u32| multiple != 0 && slots.is_multiple_of(multiple);
        require(
            divides(min),
            &[key, "ring", "multiple"],
            format!("`min` ({min}) is not a multiple of this"),
        );
        require(
            divides(max),
            &[key, "ring", "multiple"],
            format!("`max` ({max}) is not a multiple of this"),
        );
        let align = ring.align;
        require(
            align.is_power_of_two(),
            &[key, "ring", "align"],
            format!("`align` must be a power of two, not {align}"),
        );
        let bits = ring.address_bits;
        require(
            (24..=64).contains(&bits),
            &[key, "ring", "address_bits"],
            format!("addresses must have 24 to 64 bits, not {bits}"),
        );
    };
    if let Some(tx) = &draft.tx {
        ring("tx", tx.queues, &tx.ring);
    }
    if let Some(rx) = &draft.rx {
        ring("rx", rx.queues, &rx.ring);
        let size = rx.buffer.size;
        require(
            (64..=16384).contains(&size),
            &["rx", "buffer", "size"],
            format!("a buffer must have 64 to 16384 bytes, not {size}"),
        );
        require(
            (60..=16384).contains(&rx.frame_max),
            &["rx", "frame_max"],
            format!(
                "the longest frame must have 60 to 16384 bytes, not {}",
                rx.frame_max
            ),
        );
    }
    if let Some(tx) = &draft.tx {
        let frame = tx.frame;
        require(
            frame.min <= frame.max,
            &["tx", "frame", "min"],
            format!("`min` must be at most `max` ({})", frame.max),
        );
        require(
            frame.max <= 16384,
            &["tx", "frame", "max"],
            "a frame must have at most 16384 bytes".to_owned(),
        );
        let pads_to = frame.pads_to;
        require(
            pads_to <= frame.max,
            &["tx", "frame", "pads_to"],
            format!("`pads_to` must be at most `max` ({})", frame.max),
        );
    }
}
