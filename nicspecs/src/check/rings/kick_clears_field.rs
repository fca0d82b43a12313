use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::{Access, Doorbell, Field, FieldPlace, Register};

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0422",
    "a kick clears a field",
    "A kick writes as zero every field that it neither sets nor keeps, so these are not fields that the driver sets.",
    &[(
        "  doorbell: { kind: kick, register: BELL, set: [RX], again: true }",
        "  doorbell: { kind: kick, register: RXCTL, set: [SIZE], again: true }",
    )],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    for ring in draft.rings() {
        let Doorbell::Kick { register, .. } = ring.doorbell else {
            continue;
        };
        // In other registers a zero changes nothing.
        if !matches!(register.access, Access::ReadWrite | Access::WriteOnly) {
            continue;
        }
        let written = |field: &Field| ring.doorbell.ones().any(|own| own.name == field.name);
        let lost = register.fields.iter().filter(|field| !written(field));
        for field in lost.filter(|field| must_stay(draft, register, field)) {
            let message = format!(
                "a kick clears `{}.{}`, which the driver sets",
                register.name, field.name
            );
            let finding = RULE.at(draft.span(&[ring.key, "doorbell", "set"]), message);
            findings.add(finding.help(format!(
                "if it has to stay one, add `keep: [{}]` to the doorbell",
                field.name
            )));
        }
    }
}

/// Whether a ring runs only while the field is one, or the driver sets it to a value that stays.
fn must_stay(draft: &Draft<'_>, register: &Register, field: &Field) -> bool {
    let is_it = |place: &FieldPlace| {
        place.place.register.name == register.name && place.field.name == field.name
    };
    if let Some(model) = &draft.model {
        if model.self_clearing.iter().any(is_it) {
            return false;
        }
        let enable = model.tx.enable.iter().chain(&model.rx.enable);
        if enable.into_iter().any(is_it) {
            return true;
        }
    }
    let mut writes = draft
        .writes()
        .filter(|write| write.register.name == register.name);
    writes.any(|write| write.effect(field).is_some_and(|effect| effect.may_set()))
}
