//! The bits that together make the NIC strip the CRC are all set by the sequences, or none is.

use super::RuleInfo;
use crate::flow;
use crate::ir::{Crc, FieldPlace};
use crate::lower::Draft;
use crate::lower::Sequence;
use crate::report::FindingDraft;
use crate::report::Findings;

pub(crate) static RULE: RuleInfo = RuleInfo::new(
    "NS0702",
    "CRC bits in disagreement",
    "The bits that together make the NIC strip the CRC are all set by the sequences, or none is.",
    &[(
        "SPEED: m100, STRIP: 1, KEEP: 1 }",
        "SPEED: m100, STRIP: 1 }",
    )],
)
.checked_by(check);

fn check(draft: &Draft<'_>, findings: &mut Findings) {
    let Some(rx) = &draft.rx else { return };
    if !draft.sequences_are_complete() {
        return;
    }
    let list = draft.node(&["rx", "crc", "stripped_when"]);
    let items = draft.tree.list(list).unwrap_or_default();
    let (set, unset): (Vec<_>, Vec<_>) = rx
        .crc
        .stripped_when
        .iter()
        .zip(items)
        .partition(|(place, _)| is_set(place, &draft.sequences));
    let (Some((set, set_node)), Some((unset, unset_node))) = (set.first(), unset.first()) else {
        return;
    };
    let message = format!(
        "no sequence sets `{}`, and `{}` is set",
        called(unset),
        called(set)
    );
    let finding = FindingDraft::new(&RULE, draft.tree.span(**unset_node), message);
    findings.add(
        finding
            .here("never set")
            .label(draft.tree.span(**set_node), "set")
            .help("lengths would count a CRC that is not there, or the other way round; set both bits or none"),
    );
}

pub(super) fn called(place: &FieldPlace) -> String {
    format!("{}.{}", place.place.register.name, place.field.name)
}

/// Whether the sequences make the NIC strip the CRC.
pub(crate) fn is_stripped(crc: &Crc, sequences: &[Sequence]) -> bool {
    !crc.stripped_when.is_empty()
        && crc
            .stripped_when
            .iter()
            .all(|place| is_set(place, sequences))
}

/// Whether a field ends up as one: some step sets it, or a reset does and no step clears it.
pub(super) fn is_set(place: &FieldPlace, sequences: &[Sequence]) -> bool {
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
