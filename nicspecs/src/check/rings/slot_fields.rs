use crate::diagnostic::{Findings, NodeId, RuleInfo};
use crate::draft::Draft;
use crate::ir::{Pattern, SettingValue};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0406",
    "missing or too narrow address or length field",
    "A descriptor gives the NIC the address of the buffer, and on transmit its length, in fields that are wide enough.",
    &[(
        "set: { ADDRESS: slot.address, LENGTH: slot.length, CRC: 1",
        "set: { ADDRESS: slot.address, CRC: 1",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    if let Some(tx) = &draft.tx {
        let at = draft.node(&["tx", "encode", "set"]);
        address(draft, &tx.encode, at, tx.ring.address_bits, findings);
        if tx.encode.lengths().next().is_none() {
            let finding = RULE.at(
                draft.tree.key_span(at),
                "no field is set to the length of the slot",
            );
            findings.add(finding.help("set the length field to `slot.length`"));
        }
        let whole = tx.encode.with(SettingValue::FrameLength);
        // If a frame has one descriptor, the length field must hold it; otherwise NS0414 counts the descriptors.
        let parts = tx.encode.lengths().filter(|_| tx.frame.descriptors == 1);
        for field in whole
            .chain(parts)
            .filter(|field| field.max() < u64::from(tx.frame.max))
        {
            let message = format!("field `{}` is too narrow for the longest frame", field.name);
            let finding = RULE.at(draft.tree.key_span(draft.tree.at(at, &field.name)), message);
            let frame = draft.tree.span(draft.node(&["tx", "frame", "max"]));
            findings.add(
                finding
                    .here(format!("holds up to {}", field.max()))
                    .label(frame, "the longest frame"),
            );
        }
    }
    if let Some(rx) = &draft.rx {
        address(
            draft,
            &rx.arm,
            draft.node(&["rx", "arm", "set"]),
            rx.ring.address_bits,
            findings,
        );
    }
}

fn address(draft: &Draft<'_>, pattern: &Pattern, at: NodeId, bits: u32, findings: &mut Findings) {
    let Some(field) = pattern.address() else {
        let finding = RULE.at(
            draft.tree.key_span(at),
            "no field is set to the address of the buffer",
        );
        findings.add(finding.help("set the address field to `slot.address`"));
        return;
    };
    if field.width < bits {
        let message = format!("field `{}` is too narrow for an address", field.name);
        let finding = RULE.at(draft.tree.key_span(draft.tree.at(at, &field.name)), message);
        findings.add(finding.help(format!(
            "`address_bits` is {bits}, but the field has {} bits",
            field.width
        )));
    }
}
