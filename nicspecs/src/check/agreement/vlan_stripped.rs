//! The sequences do not set all the bits that together make the NIC strip VLAN tags.

use crate::diagnostic::{FindingDraft, Findings, RuleInfo};
use crate::draft::{Draft, Sequence};
use crate::flow;
use crate::ir::FieldPlace;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0708",
    "VLAN tags stripped",
    "The sequences do not set all the bits that together make the NIC strip VLAN tags.",
    &[("STRIP: 1, KEEP: 1 }", "STRIP: 1, KEEP: 1, UNTAG: 1 }")],
);

pub(super) fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(rx) = &draft.rx else { return };
    let bits = &rx.vlan.stripped_when;
    let stripped = bits.iter().all(|place| is_set(place, &draft.sequences));
    if !draft.sequences_are_complete() || bits.is_empty() || !stripped {
        return;
    }
    let list = draft.node(&["rx", "vlan", "stripped_when"]);
    let names: Vec<_> = bits
        .iter()
        .map(|place| format!("`{}`", place.name()))
        .collect();
    let set = format!("set by a sequence or by a reset: {}", names.join(", "));
    let message = "the sequences make the NIC strip VLAN tags";
    let finding = FindingDraft::new(&RULE, draft.tree.span(list), message.to_owned());
    findings.add(
        finding
            .here(set)
            .help("received frames must keep their tags; clear one of the bits in `init`"),
    );
}

/// Whether a field may be one in the end: a step may set it, or a reset sets it and no step clears it.
fn is_set(place: &FieldPlace, sequences: &[Sequence]) -> bool {
    let writes = sequences
        .iter()
        .flat_map(|sequence| flow::writes(sequences, &sequence.body.steps));
    let ours = writes.filter(|write| write.register.name == place.place.register.name);
    let effects: Vec<_> = ours
        .filter_map(|write| write.effect(&place.field))
        .collect();
    let after_reset = place.place.register.reset & place.field.mask() != 0;
    effects.iter().any(|effect| effect.may_set()) || (after_reset && effects.is_empty())
}
