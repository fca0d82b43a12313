use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::SettingValue;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0406",
    "missing or too narrow address or length field",
    "A descriptor has the address of the buffer, and the length that is sent or received, in fields that are wide enough.",
    &[(
        "set: { ADDRESS: slot.address, LENGTH: slot.length, CRC: 1",
        "set: { ADDRESS: slot.address, CRC: 1",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for ring in draft.rings() {
        let set = draft.tree.at(ring.written, "set");
        let bits = ring.limits.address_bits;
        let finding = match ring.pattern.address() {
            None => RULE
                .at(
                    draft.tree.key_span(set),
                    "no field is set to the address of the buffer",
                )
                .help("set the address field to `slot.address`"),
            Some(field) if field.width < bits => {
                let message = format!("field `{}` is too narrow for an address", field.name);
                RULE.at(
                    draft.tree.key_span(draft.tree.at(set, &field.name)),
                    message,
                )
                .help(format!(
                    "`address_bits` is {bits}, but the field has {} bits",
                    field.width
                ))
            }
            Some(_) => continue,
        };
        findings.add(finding);
    }
    if let Some(rx) = &draft.rx {
        // The length of a frame is reported as a whole, or that of its part in one buffer.
        let (longest, limit) = match rx.length_of_frame || rx.frame_max <= rx.buffer.size {
            true => (rx.frame_max, ["rx", "frame_max"].as_slice()),
            false => (rx.buffer.size, ["rx", "buffer", "size"].as_slice()),
        };
        if rx.length.max() < u64::from(longest) {
            let message = format!(
                "field `{}` is too narrow for the received length",
                rx.length.name
            );
            findings.add(
                RULE.at(draft.span(&["rx", "length"]), message)
                    .here(format!("holds up to {}", rx.length.max()))
                    .label(draft.span(limit), "the greatest length"),
            );
        }
    }
    let Some(tx) = &draft.tx else { return };
    let set = draft.node(&["tx", "encode", "set"]);
    if tx.encode.lengths().next().is_none() {
        let message = "no field is set to the length of the slot";
        let finding = RULE.at(draft.tree.key_span(set), message);
        findings.add(finding.help("set the length field to `slot.length`"));
    }
    let whole = tx.encode.with(SettingValue::FrameLength);
    // If a frame has one descriptor, the length field must hold it; otherwise NS0414 counts the descriptors.
    let parts = tx.encode.lengths().filter(|_| tx.frame.descriptors == 1);
    let longest = u64::from(tx.frame.max);
    for field in whole.chain(parts).filter(|field| field.max() < longest) {
        let message = format!("field `{}` is too narrow for the longest frame", field.name);
        let span = draft.tree.key_span(draft.tree.at(set, &field.name));
        findings.add(
            RULE.at(span, message)
                .here(format!("holds up to {}", field.max()))
                .label(draft.span(&["tx", "frame", "max"]), "the longest frame"),
        );
    }
}
