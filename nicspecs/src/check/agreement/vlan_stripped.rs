use crate::diagnostic::{Findings, RuleInfo};
use crate::draft::Draft;
use crate::ir::FieldPlace;
use crate::suggest::quoted;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0708",
    "VLAN tags stripped",
    "The sequences do not set all the bits that together make the NIC strip VLAN tags.",
    &[("STRIP: 1, KEEP: 1 }", "STRIP: 1, KEEP: 1, UNTAG: 1 }")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(rx) = &draft.rx else { return };
    let bits = &rx.vlan.stripped_when;
    let stripped = bits.iter().all(|place| is_set(draft, place));
    if !draft.sequences_are_complete() || bits.is_empty() || !stripped {
        return;
    }
    let names: Vec<_> = bits.iter().map(FieldPlace::name).collect();
    let set = format!("set by a sequence or by a reset: {}", quoted(&names));
    let span = draft.span(&["rx", "vlan", "stripped_when"]);
    findings.add(
        RULE.at(span, "the sequences make the NIC strip VLAN tags")
            .here(set)
            .help("received frames must keep their tags; clear one of the bits in `init`"),
    );
}

/// Whether a field may be one in the end: a step may set it, or a reset sets it and no step clears it.
fn is_set(draft: &Draft<'_>, place: &FieldPlace) -> bool {
    let register = &place.place.register;
    let ours = draft
        .writes()
        .filter(|write| write.register.name == register.name);
    let effects: Vec<_> = ours
        .filter_map(|write| write.effect(&place.field))
        .collect();
    let after_reset = register.reset & place.field.mask() != 0;
    effects.iter().any(|effect| effect.may_set()) || (after_reset && effects.is_empty())
}
