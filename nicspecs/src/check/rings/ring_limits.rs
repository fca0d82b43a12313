use crate::check::places::Ring;
use crate::diagnostic::{Findings, RuleInfo};
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
            findings.add(RULE.at(draft.span(path), message));
        }
    };
    for Ring {
        key,
        queues,
        limits,
        ..
    } in draft.rings()
    {
        let RingLimits {
            min,
            max,
            multiple,
            align,
            address_bits: bits,
        } = *limits;
        require(
            (1..=1024).contains(&queues),
            &[key, "queues"],
            format!("`{key}` must have 1 to 1024 queues, not {queues}"),
        );
        let mut of_ring = |good, part, message| require(good, &[key, "ring", part], message);
        of_ring(
            min >= 1 && min <= max,
            "min",
            format!("`min` must be at least 1 and at most `max` ({max})"),
        );
        let message = "a ring must have at most 65536 descriptors".to_owned();
        of_ring(max <= 1 << 16, "max", message);
        for (name, slots) in [("min", min), ("max", max)] {
            let message = format!("`{name}` ({slots}) is not a multiple of this");
            let divides = multiple != 0 && slots.is_multiple_of(multiple);
            of_ring(divides, "multiple", message);
        }
        let message = format!("`align` must be a power of two, not {align}");
        of_ring(align.is_power_of_two(), "align", message);
        let message = format!("addresses must have 24 to 64 bits, not {bits}");
        of_ring((24..=64).contains(&bits), "address_bits", message);
    }
    if let Some(rx) = &draft.rx {
        let size = rx.buffer.size;
        require(
            (64..=16384).contains(&size),
            &["rx", "buffer", "size"],
            format!("a buffer must have 64 to 16384 bytes, not {size}"),
        );
        let max = rx.frame_max;
        require(
            (60..=16384).contains(&max),
            &["rx", "frame_max"],
            format!("the longest frame must have 60 to 16384 bytes, not {max}"),
        );
    }
    if let Some(tx) = &draft.tx {
        let (frame, max) = (tx.frame, tx.frame.max);
        let mut of_frame = |good, part, message| require(good, &["tx", "frame", part], message);
        let message = format!("`min` must be at most `max` ({max})");
        of_frame(frame.min <= max, "min", message);
        let message = "a frame must have at most 16384 bytes".to_owned();
        of_frame(max <= 16384, "max", message);
        let message = format!("`pads_to` must be at most `max` ({max})");
        of_frame(frame.pads_to <= max, "pads_to", message);
    }
}
